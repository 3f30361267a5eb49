"""Words compared and ordered as people do: without case and accents."""

import re
import unicodedata
from difflib import get_close_matches

# « Jansens » and « Janssens » are one name, « Paul » and « Hélène » two.
_ALIKE = 0.7
_FIRST_COMBINING = "\u0300"
_BETWEEN_WORDS = re.compile(r"[\W_]+")
# As spreadsheets and telephones write an apostrophe.
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´", "'"))


def folded(text: str) -> str:
    """Lower case, without accents or surrounding space, with one kind of apostrophe."""
    if text.isascii():
        return text.strip().lower()
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold().translate(_APOSTROPHES))
    return "".join([sign for sign in decomposed if sign < _FIRST_COMBINING or not unicodedata.combining(sign)])


def sought(text: str) -> str:
    """As `folded`, without apostrophes: a search for « dhondt » finds « D'Hondt »."""
    return folded(text).replace("'", "")


def spelled(text: str) -> str:
    """« Neuville-en-Condroz » is « neuville en condroz », with a space around it: a name in a text is a whole word."""
    return f" {_BETWEEN_WORDS.sub(' ', folded(text)).strip()} "


def squeezed(text: str) -> str:
    """Letters and digits only: « Rotheux Rimière » is « rotheux-rimiere »."""
    return _BETWEEN_WORDS.sub("", folded(text))


def may_be_one_name(one: str, other: str) -> bool:
    """True for a name that is spelled otherwise, or has a word more or less."""
    few, many = sorted((re.findall(r"\w+", folded(name)) for name in (one, other)), key=len)
    return all(get_close_matches(word, many, 1, _ALIKE) for word in few)
