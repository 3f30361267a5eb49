"""Whether the mailboxes are read, for people."""

from dataclasses import dataclass
from datetime import datetime

from db.models.mailbox import Mailbox


@dataclass(frozen=True, slots=True)
class MailboxCard:
    """A mailbox as it was read last; `trouble` says in French what keeps it from being read, empty for nothing."""

    account: str
    read_at: datetime | None
    trouble: str


def mailboxes() -> list[MailboxCard]:
    """Those that were ever read or tried."""
    return [MailboxCard(row.account, row.read_at, row.trouble) for row in Mailbox.select().order_by(Mailbox.account)]
