"""Words compared and ordered as people do: without case and accents."""

import re
import unicodedata
from difflib import get_close_matches

# « Jansens » and « Janssens » are one name, « Paul » and « Hélène » two.
_ALIKE = 0.7


def folded(text: str) -> str:
    """Lower case, without accents or surrounding space."""
    if text.isascii():
        return text.strip().lower()
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def may_be_one_name(one: str, other: str) -> bool:
    """True for a name that is spelled otherwise, or has a word more or less."""
    few, many = sorted((re.findall(r"\w+", folded(name)) for name in (one, other)), key=len)
    return all(get_close_matches(word, many, 1, _ALIKE) for word in few)
