"""Reasons for the state of a mail: codes with their French sentences; the server's own words follow."""

import re

from rules.sentences import wording

MAIL_REASONS = wording("mail_reasons")
_ADDRESS = re.compile(r"(?<![^\s<>@\"'(),;:])[^\s<>@\"'(),;:]++@([\w.-]+)")


def without_name(reply: str, address: str) -> str:
    """A server's words without the part before the @ of `address`, which some say alone (`550 anne: unknown`)."""
    name = address.rpartition("@")[0]
    return re.sub(rf"(?<![\w+-]){re.escape(name)}(?![\w+-])", "•••", reply, flags=re.IGNORECASE) if name else reply


def without_addresses(reply: str, limit: int = 200) -> str:
    """A server's words as they may be kept: in one line, readers' names masked (`•••@example.org`)."""
    line = " ".join("".join(c if c.isprintable() else " " for c in reply).split())
    return _ADDRESS.sub(r"•••@\1", line)[:limit]


def mail_sentence(reason: str, reply: str) -> str:
    """`le serveur refuse pour le moment : 451 4.7.1 try later`; empty without anything to say."""
    words = MAIL_REASONS.get(reason, reason)
    return f"{words} : {reply}" if words and reply else words or reply
