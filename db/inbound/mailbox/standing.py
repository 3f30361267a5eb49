"""The mailboxes as they were last read, for the pages."""

from dataclasses import dataclass
from datetime import datetime

from db.models.mailbox import Mailbox
from plp.rules.sentences import Sentence, stored_sentence


@dataclass(frozen=True, slots=True)
class MailboxCard:
    """A mailbox as it was read last; `trouble` says what keeps it from being read, NOTHING where nothing does."""

    account: str
    read_at: datetime | None
    trouble: Sentence


def mailboxes() -> list[MailboxCard]:
    """Those that were ever read or tried."""
    rows = Mailbox.select().order_by(Mailbox.account)
    return [MailboxCard(row.account, row.read_at, stored_sentence(row.trouble)) for row in rows]
