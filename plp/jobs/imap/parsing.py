"""Parsing of a mail within bounds: a few kilobytes made for it keep the standard parser busy for minutes. Pure."""

import re
from email import message_from_bytes
from email.message import Message
from email.policy import Compat32

# What follows in a header of any other name is never looked at; lists of two hundred readers are shorter.
LONGEST_HEADER = 8192
# Parameters cost the square of their length. A file's name of 255 letters, all escaped, fits.
LONGEST_PARAMETERS = 2048
# Each line of a mail is held against the boundaries of all parts that it stands in.
MOST_MULTIPARTS = 30
# In the machine's part of a report, what follows an empty line is a message of its own; ours are about one reader.
MOST_BLOCKS = 2000
_EMPTY_LINES = re.compile(rb"\n[\r\n]*\n")


class TooMuch(ValueError):
    """The mail is made to be hard to read, or broken beyond reading."""


class _Bounded(Compat32):
    """The parser's own rules, which ask for every header of every part before anything is made of it."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        if len(value) > LONGEST_PARAMETERS and name.lower().startswith("content-"):
            raise TooMuch
        return name, value[: LONGEST_PARAMETERS if name.lower().endswith("-recipient") else LONGEST_HEADER]


_BOUNDED = _Bounded()


def parsed(raw: bytes) -> Message:
    """The message in `raw`. Raises TooMuch, and whatever the parser raises at what is no mail at all."""
    if raw.lower().count(b"multipart/") > MOST_MULTIPARTS:
        raise TooMuch
    if b"delivery-status" in raw.lower():
        raw, blocks = _EMPTY_LINES.subn(b"\n\n", raw)
        if blocks > MOST_BLOCKS:
            raise TooMuch
    return message_from_bytes(raw, policy=_BOUNDED)
