"""The zone's mailbox as it was read, its trouble, and the mails that came in: personal data, in no log or journal."""

import json
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Literal

from peewee import SQL, Case

from db.engine.base import put, tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import delete_in_chunks, take_turn, writing
from db.models.mail import InboundMail, Mailbox, SeenMail
from rules.sentences import Sentence, stored_sentence

Kind = Literal["message", "automatic", "relay", "bounce", "unreadable"]
# message     somebody wrote: an officer reads it
# automatic   an absence note, a newsletter, a bounce that belongs to no mail of ours: kept, never answered
# relay       a coordinator's “relayed”, and
# bounce      what came back of a mail of ours: both show at the bulletin, not in the inbox
# unreadable  no rule can read it: an officer opens the mailbox

# So long a mail is known again after it was forgotten: a mailbox that was moved numbers all of it anew.
KNOWN_AGAIN_FOR = timedelta(days=730)
# The mailbox is looked at every minute, and a note of it is a write to the disk.
NOTED_EVERY = timedelta(minutes=10)
_THIS = Mailbox.account == given("account")
_MAILBOX = Prepared(Mailbox.select().where(_THIS))
_READ_LATELY = Prepared(
    Mailbox.select(SQL("1")).where(_THIS, Mailbox.read_at.between(given("since"), given("now")), Mailbox.trouble == "")
)


@dataclass(frozen=True, slots=True)
class MailPosition:
    """The place of a mail: `account` names the mailbox, `uid` counts in its `uidvalidity` (RFC 3501 § 2.3.1.1)."""

    account: str
    uidvalidity: int
    uid: int


def mailbox_position(account: str) -> Mailbox:
    """The position from which reading continues: at the beginning for one that was never read."""
    return _MAILBOX.result(account=account) or Mailbox(account=account)


def mark_generation(account: str, uidvalidity: int) -> None:
    """The mailbox numbers its mails in `uidvalidity`: when that changes, reading begins again; `read_at` is kept."""
    with writing():
        Mailbox.insert(account=account).on_conflict_ignore().execute()
        again = Mailbox.update(uidvalidity=uidvalidity, last_uid=0, trying_uid=0, tries=0)
        renumbered = Mailbox.uidvalidity.is_null() | (Mailbox.uidvalidity != uidvalidity)
        again.where(Mailbox.account == account, renumbered).execute()


def mark_mailbox_read(account: str, now: datetime) -> None:
    """All of it was read, and nothing is in the way; `read_at` is right to within NOTED_EVERY."""
    if _READ_LATELY.first(account=account, since=now - NOTED_EVERY, now=now):
        return
    with writing():
        Mailbox.update(read_at=now, trouble="").where(Mailbox.account == account).execute()


def mark_skipped(place: MailPosition, now: datetime) -> None:
    """The mailbox was read up to this mail; harmless when it was already read further, or has been renumbered."""
    with writing():
        this = (Mailbox.account == place.account) & (Mailbox.uidvalidity == place.uidvalidity)
        Mailbox.update(last_uid=place.uid, read_at=now).where(this, Mailbox.last_uid < place.uid).execute()


def mark_trying(account: str, uid: int) -> int:
    """The mail `uid` is being read; returns how many times this was begun, including this time."""
    again = Case(None, [(Mailbox.trying_uid == uid, Mailbox.tries + 1)], 1)
    with writing():
        Mailbox.update(trying_uid=uid, tries=again).where(Mailbox.account == account).execute()
        return int(Mailbox.get(Mailbox.account == account).tries)


def mark_mailbox_trouble(account: str, trouble: str) -> None:
    """Keep why it cannot be read, as `CodedRefusal.stored`."""
    with writing():
        put(Mailbox, {"account": account}, trouble=trouble)


def clear_troubles(besides: str) -> None:
    """Forget why mailboxes cannot be read, but for that of this account."""
    with writing():
        Mailbox.update(trouble="").where(Mailbox.account != besides, Mailbox.trouble != "").execute()


def mailbox_troubles() -> list[Sentence]:
    """The reasons why mailboxes cannot be read."""
    rows = Mailbox.select(Mailbox.trouble).where(Mailbox.trouble != "").order_by(Mailbox.account)
    return [stored_sentence(trouble) for (trouble,) in tuples(rows)]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail, read and cleaned. `digest` identifies it; `answers_mail` is the number of our mail that it answers;
    `sent_at` is the writer's clock, `arrived_at` the mailbox's, None where unreadable."""

    kind: Kind
    digest: str
    sender: str
    sender_name: str = ""
    reply_to: str = ""
    subject: str = ""
    text: str = ""
    quoted: str = ""
    message_id: str = ""
    answers_mail: int | None = None
    enclosures: tuple[str, ...] = ()
    size_bytes: int = 0
    is_shortened: bool = False
    sent_at: datetime | None = None
    arrived_at: datetime | None = None


def apply_mail(arrival: Arrival, place: MailPosition, now: datetime) -> int | None:
    """Store the mail and how far the mailbox was read, in one transaction; its id, or None when it is known already."""
    with writing():
        # Two hosts that read one mailbox see the same mail at the same moment.
        take_turn("mailbox")
        mark_skipped(place, now)
        if SeenMail.select().where(SeenMail.digest == arrival.digest).exists():
            return None
        SeenMail.create(digest=arrival.digest, seen_at=now)
        values = {field.name: getattr(arrival, field.name) for field in fields(Arrival) if field.name != "digest"}
        values["enclosures"] = json.dumps(arrival.enclosures, ensure_ascii=False)
        # What came while this box was off came then; a clock that is ahead brings nothing from the future.
        values["received_at"] = min(values.pop("arrived_at") or now, now)
        return int(InboundMail.create(**values).id)


def forget_mail_before(when: datetime) -> int:
    """Retention: delete mails that came before `when`; returns how many. None of them is taken in again."""
    delete_in_chunks(SeenMail, SeenMail.seen_at < when - KNOWN_AGAIN_FOR)
    return delete_in_chunks(InboundMail, InboundMail.received_at < when)
