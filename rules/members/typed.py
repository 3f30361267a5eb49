"""Lines of a form, a command or a list as people type them: cleaned, and whether one can be an address."""

import re
import unicodedata

# The first character: nobody's address begins as a formula does, and a spreadsheet would compute it from an export.
_MAIL = re.compile(r"(?![=+|'-])[^@\s,;<>\"]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+", re.I)


def one_line(text: str) -> str:
    """One line of printable characters, at most 100, composed (NFC): a Mac writes `é` in two."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())[:100]
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(c if c.isprintable() else " " for c in composed).split())[:100]


def is_mail_address(text: str) -> bool:
    """Close enough to an address, of a length that mail allows (RFC 5321 § 4.5.3.1), with nothing invisible in it."""
    return len(text) <= 254 and text.isprintable() and _MAIL.fullmatch(text) is not None
