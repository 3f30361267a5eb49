"""Values that go into the queue of mails and come out of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

MailKind = Literal["bulletin", "welcome", "alarm", "daily", "answer", "account", "export"]

# Lower goes first.
LANES: dict[str, int] = {"alarm": 0, "account": 0, "bulletin": 1, "answer": 1, "welcome": 2, "daily": 2, "export": 2}


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes with a letter."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """The part of a mail that is the same for all its readers.

    reply_to     an address; empty: the sender's own
    in_reply_to  the Message-ID of the mail that it answers, empty for none
    """

    kind: MailKind
    subject: str
    reply_to: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    in_reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """One mail to one reader. `key` is its idempotency key; `text` and `html` are the finished bodies."""

    key: str
    address: str
    name: str
    text: str
    html: str = ""
    member_id: int | None = None


@dataclass(frozen=True, slots=True)
class MailCard:
    """A mail as it stands. `state` is one of `plp.rules.mail_states`.

    perhaps_twice  a server may have taken it before the connection was lost, and it was, or will be, sent again
    reason         a word of `plp.rules.mail_verdicts`; `reply` is what the server said last, without addresses
    next_at        when it is tried next, where it waits
    """

    id: int
    kind: str
    subject: str
    address: str
    name: str
    state: str
    perhaps_twice: bool
    message_id: str
    queued_at: datetime
    accepted_at: datetime | None
    attempts: int
    next_at: datetime | None = None
    member_id: int | None = None
    reason: str = ""
    reply: str = ""


@dataclass(frozen=True, slots=True)
class MailClaim:
    """A mail that one process holds until `lease_until`, with all that it takes to send it.

    `holder` changes with every attempt: whoever writes what became of it must still be the one. `domain_failures` are
    the temporary refusals that the reader's domain gave in a row.
    """

    id: int
    holder: str
    kind: str
    subject: str
    reply_to: str
    in_reply_to: str
    address: str
    domain: str
    name: str
    text: str
    html: str
    message_id: str
    queued_at: datetime
    attempts: int
    lease_until: datetime
    domain_failures: int = 0
    enclosures: tuple[Enclosure, ...] = ()
