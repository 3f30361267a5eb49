"""Values written to and read from the queue of mails."""

from dataclasses import dataclass
from typing import Literal

MailKind = Literal["alert", "bulletin", "welcome", "alarm", "daily", "answer", "account", "export", "members"]

# Which goes first, and which of them at the same time.
_IN_ORDER = (("alert", "alarm", "account"), ("bulletin", "answer"), ("welcome", "daily", "export", "members"))
LANES = {kind: lane for lane, kinds in enumerate(_IN_ORDER) for kind in kinds}


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file enclosed with a letter or a bulletin."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """The part of a mail that its readers share; `reply_to` and `in_reply_to` (a Message-ID) may be empty."""

    kind: MailKind
    subject: str
    reply_to: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    in_reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """One mail to one reader. `key` is its idempotency key; `text` and `html` are the finished bodies; `broadcast_id`
    is of the broadcast that it is about, if any.
    """

    key: str
    address: str
    name: str
    text: str
    html: str = ""
    member_id: int | None = None
    broadcast_id: int | None = None
