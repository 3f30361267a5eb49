"""Characters of a text that nobody sees, and that turn or join what is beside them: named where a person reads it. What
came in is stored as it came, since a STOP is read with them; pages, exports, mails and the terminal show their names.
Decision: docs/adr/0189.
"""

import re
from typing import TypeVar

Value = TypeVar("Value")

# Marks and overrides of direction, zero-width characters, tags (Unicode's Cf, but for the soft hyphen).
# Joiners stay between pictures (families, flags of professions), where they belong to one character.
_UNSEEN = re.compile(
    "[\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
    "|[\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
    "|\u200d(?![\u2190-\u2bff\U0001f000-\U0001faff])"
)


def named(text: str) -> str:
    """The text with « [U+202E] » in place of each of them; plain ASCII is returned as it is."""
    return text if text.isascii() else _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def without_unseen(text: str) -> str:
    """The text as a person reads it: nothing stands in the middle of a word."""
    return text if text.isascii() else _UNSEEN.sub("", text)


def shown(value: Value) -> Value:
    """A value as a template puts it out: a text, or markup, with names."""
    if not isinstance(value, str) or value.isascii():
        return value
    whole = named(value)
    return value if whole == value else type(value)(whole)
