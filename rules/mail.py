"""Mails: the one table of their states with the causes that may move them (writers ask `mail_sources(target, cause)`),
values cleaned for headers, and the reasons for a state.
"""

import re
import unicodedata
from enum import StrEnum

from rules.sentences import wording

# Directions are turned by marks that nobody sees: a file `exe.fdp` would be shown as `pdf.exe`.
_UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\ud800-\udfff]")
SUBJECT_CHARACTERS = 150
NAME_CHARACTERS = 80
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}", re.ASCII)
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_ADDRESS = re.compile(rf"{_LOCAL}(?:\.{_LOCAL})*@(?:[^\W_](?:[\w-]*[^\W_])?\.)*[^\W_](?:[\w-]*[^\W_])?")
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
MAIL_REASONS = wording("mail_reasons")
_READER = re.compile(r"(?<![^\s<>@\"'(),;:])[^\s<>@\"'(),;:]++@([\w.-]+)")


class MailState(StrEnum):
    """States of one mail to one reader. ACCEPTED is what the server said; no server can promise more."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"


# States of a mail that arrived as far as anybody knows, or will.
ON_THEIR_WAY = (MailState.QUEUED, MailState.SENDING, MailState.ACCEPTED)


class MailCause(StrEnum):
    """Causes of a mail's change of state."""

    CLAIM = "claim"
    SERVER = "server"
    # What a process that died, or lost its lease, left behind.
    RECOVERY = "recovery"
    # A server that cannot be reached until the mail is too old.
    OUTAGE = "outage"
    BOUNCE = "bounce"
    PERSON = "person"
    # The reader was forgotten.
    ERASURE = "erasure"
    # The reader's address, or what they got it for, was taken away.
    WITHDRAWAL = "withdrawal"


def _to(**causes: str) -> dict[MailState, frozenset[MailCause]]:
    return {MailState(state): frozenset(map(MailCause, words.split())) for state, words in causes.items()}


MAIL_TRANSITIONS: dict[MailState, dict[MailState, frozenset[MailCause]]] = {
    # Bounced only where it may have been accepted before its connection was lost.
    MailState.QUEUED: _to(sending="claim", expired="outage", bounced="bounce", cancelled="person erasure withdrawal"),
    MailState.SENDING: _to(queued="server recovery", accepted="server", refused="server", expired="server recovery"),
    MailState.ACCEPTED: _to(bounced="bounce"),
    MailState.REFUSED: _to(queued="person"),
    MailState.EXPIRED: _to(queued="person", bounced="bounce"),
    MailState.BOUNCED: _to(queued="person"),
    MailState.CANCELLED: _to(queued="person"),
}

# What a person may look at and decide about.
MAIL_TROUBLE = (MailState.REFUSED, MailState.EXPIRED, MailState.BOUNCED)


def mail_sources(target: MailState, cause: MailCause) -> list[MailState]:
    """The states from which `cause` may bring a mail to `target`."""
    return [source for source, targets in MAIL_TRANSITIONS.items() if cause in targets.get(target, ())]


def header_line(text: str, limit: int = SUBJECT_CHARACTERS) -> str:
    """`text` in one line without what nobody sees; what is longer ends with an ellipsis."""
    seen = _UNSEEN.sub("", unicodedata.normalize("NFC", text))
    line = " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in seen).split())
    line = line.replace("=?", "= ?")  # the beginning of an encoded word (RFC 2047), which could hide anything
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def body(text: str) -> str:
    """Any text as a body: whole characters, and no NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")


def file_name(text: str) -> str:
    """A name without folders, for whatever system saves it."""
    name = re.sub(r'[\\/:*?"<>|]', "_", header_line(text, NAME_CHARACTERS)).strip(". ")
    return name or "annexe"


def media_type(text: str) -> str:
    """`type/subtype`; what is none, or could be read as a part of the mail itself, is just bytes."""
    text = text.strip().lower()
    usable = _MEDIA_TYPE.fullmatch(text) and not text.startswith(("multipart/", "message/"))
    return text if usable else "application/octet-stream"


def address_trouble(address: str) -> str:
    """The reason why no server could know this address (RFC 5321 § 4.1.2; no quoted names), empty for a good one. A
    domain may have accents, which ASCII can encode; a name may not (RFC 6531).
    """
    if len(address) > 254 or not address.isprintable() or not _ADDRESS.fullmatch(address):
        return "bad_address"
    try:
        ascii_address(address)
    except UnicodeError:
        return "bad_address"
    return "" if address.partition("@")[0].isascii() else "accents"


def ascii_address(address: str) -> str:
    """The address with its domain as servers write it. Raises UnicodeError for a domain that has no such writing."""
    name, _, domain = address.rpartition("@")
    return f"{name}@{domain.encode('idna').decode('ascii')}"


def domain_of(address: str) -> str:
    """The part behind the @, in one writing."""
    return address.rpartition("@")[2].casefold()


def message_id(text: str) -> str:
    """The first Message-ID in `text` with its brackets, empty for none; `in_reply_to` may come without them."""
    if match := _MESSAGE_ID.search(text):
        return match[0]
    bare = text.strip()
    return f"<{bare}>" if "@" in bare and not re.search(r"[\s<>]", bare) else ""


def without_name(reply: str, address: str) -> str:
    """A server's words without the part before the @ of `address`, which some give alone (`550 anne: unknown`)."""
    name = address.rpartition("@")[0]
    return re.sub(rf"(?<![\w+-]){re.escape(name)}(?![\w+-])", "•••", reply, flags=re.IGNORECASE) if name else reply


def without_addresses(reply: str, limit: int = 200) -> str:
    """A server's words as they may be kept: in one line, readers' names masked (`•••@example.org`)."""
    line = " ".join("".join(c if c.isprintable() else " " for c in reply).split())
    return _READER.sub(r"•••@\1", line)[:limit]


def mail_sentence(reason: str, reply: str) -> str:
    """`refus temporaire du serveur : 451 4.7.1 try later`; empty without a reason."""
    words = MAIL_REASONS.get(reason, reason)
    return f"{words} : {reply}" if words and reply else words or reply
