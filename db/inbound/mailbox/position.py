"""The reading position of a mailbox, and the trouble that keeps it from being read."""

from dataclasses import dataclass
from datetime import datetime

from peewee import Case

from db.engine.connection import writing
from db.models.mailbox import Mailbox
from plp.rules.sentences import Sentence, stored_sentence


@dataclass(frozen=True, slots=True)
class Position:
    """The UID up to which a mailbox was read. `uidvalidity` and `read_at` are None for one that never was."""

    uidvalidity: int | None
    last_uid: int
    read_at: datetime | None


def mailbox_position(account: str) -> Position:
    """The position from which reading continues."""
    row = Mailbox.get_or_none(Mailbox.account == account)
    if row is None:
        return Position(None, 0, None)
    return Position(row.uidvalidity, row.last_uid, row.read_at)


def mark_generation(account: str, uidvalidity: int) -> None:
    """The mailbox counts in `uidvalidity`: in another one than before, reading begins anew; `read_at` stays."""
    with writing():
        _present(account)
        Mailbox.update(uidvalidity=uidvalidity, last_uid=0, trying_uid=0, tries=0).where(
            Mailbox.account == account,
            Mailbox.uidvalidity.is_null() | (Mailbox.uidvalidity != uidvalidity),
        ).execute()


def mark_mailbox_read(account: str, now: datetime) -> bool:
    """All of it was read, and nothing is in the way. True when something was until now."""
    with writing():
        troubled = Mailbox.select().where(Mailbox.account == account, Mailbox.trouble != "").exists()
        Mailbox.update(read_at=now, trouble="").where(Mailbox.account == account).execute()
        return bool(troubled)


def mark_skipped(account: str, uidvalidity: int, uid: int, now: datetime) -> None:
    """The mailbox was read up to `uid`; harmless when it was read further, or is numbered anew by now."""
    with writing():
        Mailbox.update(last_uid=uid, read_at=now).where(
            Mailbox.account == account, Mailbox.uidvalidity == uidvalidity, Mailbox.last_uid < uid
        ).execute()


def mark_trying(account: str, uid: int) -> int:
    """The mail `uid` is being read; how many times that was begun, this one too."""
    again = Case(None, [(Mailbox.trying_uid == uid, Mailbox.tries + 1)], 1)
    with writing():
        Mailbox.update(trying_uid=uid, tries=again).where(Mailbox.account == account).execute()
        return int(Mailbox.get(Mailbox.account == account).tries)


def mark_mailbox_trouble(account: str, trouble: str) -> bool:
    """Keep why it cannot be read, as `CodedRefusal.stored`; empty when it can. True when that is new."""
    with writing():
        _present(account)
        changed = Mailbox.update(trouble=trouble).where(Mailbox.account == account, Mailbox.trouble != trouble)
        return bool(changed.execute())


def _present(account: str) -> None:
    Mailbox.insert(account=account).on_conflict_ignore().execute()


@dataclass(frozen=True, slots=True)
class MailboxCard:
    """A mailbox as it was read last; `trouble` says what keeps it from being read, NOTHING where nothing does."""

    account: str
    read_at: datetime | None
    trouble: Sentence


def mailboxes() -> list[MailboxCard]:
    """The mailboxes that were ever read or tried."""
    rows = Mailbox.select().order_by(Mailbox.account)
    return [MailboxCard(row.account, row.read_at, stored_sentence(row.trouble)) for row in rows]
