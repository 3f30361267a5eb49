"""Mails as people read them: templates with the zone's name, the numbers to call and the directory at the foot."""

from jobs.letters.bulletin import Reader, Ways, Written, bulletin_letter
from jobs.letters.formatting import as_html, as_text
from jobs.letters.rendering import rendered

__all__ = ["Reader", "Ways", "Written", "as_html", "as_text", "bulletin_letter", "rendered"]
