"""Retention: after a time the counts are kept and the persons removed, in short transactions; at the request of one
person also at once. Then the database's files are rewritten: SQLite leaves copies of rows that it moved.
"""

import logging
from datetime import datetime, timedelta
from pathlib import Path

from peewee import OperationalError, SqliteDatabase, fn

from base.watchdog import excuse_all
from db.engine.base import database
from db.engine.cached_queries import Prepared
from db.engine.connection import change_in_chunks, delete_in_chunks, write_lock, writing
from db.engine.health import damage_file, empty_wal
from db.mail.readers import erase_newest_mail
from db.models.accounts import SignInLink, SignInTry
from db.models.broadcasts import Broadcast, BroadcastText, Message, Report
from db.models.incidents import Incident, JobRun, Summons
from db.models.mail import Mail, MailLetter
from db.models.modem_records import ModemAnswer, ModemRequest, SimRecipient
from db.models.people import Forgotten, Member
from db.operations.events import KEPT, forget_events
from db.people.accounts.passwords import KNOWN_FOR
from db.people.members.erasure import forgotten
from rules.calendar import LOCAL
from rules.states import AUTOMATIC, LANE_NORMAL, Stage

_OVER = (Stage.FINISHED, Stage.CANCELLED)
# A report that fits no receipt after so long never will.
ORPHANED = timedelta(days=30)
_OWED = Prepared(Forgotten.select().where(Forgotten.cleaned_at.is_null()).order_by(Forgotten.at).limit(1))
_log = logging.getLogger(__name__)
_OF_PERSONS = (
    "member", "consent", "message", "report", "sim_recipient", "broadcast_text", "inbound_message", "inbound_part",
    "unreadable_pdu", "inbound_mail", "inbox_answer", "mail", "mail_letter", "audit_entry", "tip",
)  # fmt: skip
# An alert or a drill waits for nobody; what stands still, or is not urgent, waits for the seconds that it takes.
_ON_ITS_WAY_NOW = (Stage.PREPARING, Stage.SCHEDULED, Stage.QUEUED)
_LARGE_BYTES = 100 * 1024 * 1024
_AT_NIGHT = range(2, 6)
# Two gigabytes on a slow card.
_WITHIN_S = 900.0
# After so long, nothing is left that was on its way when somebody was forgotten.
_ON_ITS_WAY = timedelta(hours=1)


def forget_recipients(before: datetime) -> int:
    """Forget recipients of broadcasts ordered `before`, and automatic ones whole; returns how many messages."""
    old = Broadcast.select(Broadcast.id).where(Broadcast.created_at < before, Broadcast.stage.in_(_OVER))
    nobodys = old.where(Broadcast.kind.in_(AUTOMATIC))
    gone = delete_in_chunks(Message, Message.broadcast.in_(nobodys))
    delete_in_chunks(Broadcast, Broadcast.id.in_(nobodys))
    # A broadcast whose recipients are forgotten has no fingerprint: that was made of their numbers.
    nobody = Message.update(msisdn="", member=None)
    for row in old.where(Broadcast.kind.not_in(AUTOMATIC), Broadcast.fingerprint != ""):
        known = Message.select(Message.id).where(Message.broadcast == row.id, Message.msisdn != "")
        gone += change_in_chunks(known, lambda ids: nobody.where(Message.id.in_(ids)).execute())
        # Marked last: after a crash it is done again.
        with writing():
            Broadcast.update(fingerprint="", digest="", idempotency_key=None).where(Broadcast.id == row.id).execute()
    return gone


def forget_texts(before: datetime) -> int:
    """Empty the texts of broadcasts that were over and ordered `before`; returns how many."""
    old = Broadcast.select(Broadcast.id).where(Broadcast.created_at < before, Broadcast.stage.in_(_OVER))
    kept = BroadcastText.select(BroadcastText.id).where(BroadcastText.broadcast.in_(old), BroadcastText.body != "")
    emptied = BroadcastText.update(body="", segments="[]")
    return change_in_chunks(kept, lambda ids: emptied.where(BroadcastText.id.in_(ids)).execute())


def forget_sim_recipients(before: datetime) -> int:
    """Forget which numbers a SIM wrote to in months that were over `before`. Returns how many."""
    return delete_in_chunks(SimRecipient, (SimRecipient.last_at < before) & (SimRecipient.month < f"{before:%Y-%m}"))


def forget_mails(before: datetime) -> int:
    """Delete mails that ended `before` (the last is emptied: its number is kept), and letters; returns how many."""
    # What still waits is never older than a day (RFC 5321 retries end), but for a clock that was wrong.
    over = (Mail.changed_at < before) & Mail.state.not_in(["queued", "sending"])
    newest = Mail.select(fn.MAX(Mail.id)).scalar()
    mails = delete_in_chunks(Mail, over & (Mail.id < newest)) if newest is not None else 0
    erase_newest_mail(before)
    read = Mail.select(Mail.letter)
    delete_in_chunks(MailLetter, (MailLetter.created_at < before) & MailLetter.id.not_in(read))
    return mails


def forget_leftovers(now: datetime) -> int:
    """Delete orphaned reports, unused links, old sign-in tries, requests, answers and events. Returns how many."""
    ends = (Report.received_at, SignInLink.expires_at, ModemRequest.done_at, ModemAnswer.answered_at)
    gone = sum(delete_in_chunks(end.model, end < now - ORPHANED) for end in ends)
    return gone + delete_in_chunks(SignInTry, SignInTry.changed_at < now - KNOWN_FOR) + forget_events(now - KEPT)


def forget_records(before: datetime) -> int:
    """Delete incidents and calls of people on duty that were over, and runs that began, `before`. Returns how many."""
    ends = (Incident.ended_at, Summons.ended_at, JobRun.started_at)
    return sum(delete_in_chunks(end.model, end < before) for end in ends)


def clean_files(now: datetime) -> bool:
    """Rewrite the files if somebody was erased since, and no alert is being sent; True when it was done."""
    owed = _OWED.result()
    alerts = Broadcast.select().where(Broadcast.stage.in_(_ON_ITS_WAY_NOW), Broadcast.lane != LANE_NORMAL)
    if owed is None or alerts.exists():
        return False
    # Numbers that a modem counted after they were erased, because it was sending a text to them.
    late = SimRecipient.select(SimRecipient.msisdn).where(SimRecipient.last_at >= owed.at - _ON_ITS_WAY)
    if gone := list(forgotten({row.msisdn for row in late})):
        with writing():
            SimRecipient.delete().where(SimRecipient.msisdn.in_(gone)).execute()
    opened = database.obj
    large = isinstance(opened, SqliteDatabase) and Path(str(opened.database)).stat().st_size > _LARGE_BYTES
    if large and now.astimezone(LOCAL).hour not in _AT_NIGHT:
        return False
    last = Forgotten.select(fn.MAX(Forgotten.id)).scalar()
    try:
        cleaned = _write_anew()
    except OperationalError as error:  # somebody reads, or the disk is full: the next step tries again
        _log.warning("the database's files are not written anew yet: %s", error)
        return False
    if cleaned:
        with writing():
            Forgotten.update(cleaned_at=now).where(Forgotten.id <= last, Forgotten.cleaned_at.is_null()).execute()
    return cleaned


def _write_anew() -> bool:
    opened = database.obj
    excuse_all(_WITHIN_S)
    if not isinstance(opened, SqliteDatabase):
        for table in _OF_PERSONS:
            opened.execute_sql(f'VACUUM (FULL) "{table}"')
        return True
    with write_lock:  # other threads of this process wait
        opened.execute_sql("VACUUM")
    file = Path(str(opened.database))
    for copy in file.parent.glob(f"{damage_file(file).name}-*"):
        copy.unlink()
    return empty_wal()


def erase_messages_to(mobile: str) -> int:
    """Erase this number from messages, and texts that went only to it; returns how many. In a transaction."""
    theirs = Message.select(Message.broadcast).where(Message.msisdn == mobile)
    rows = Broadcast.select(Broadcast.id).where(Broadcast.id.in_(theirs), Broadcast.kind.in_(AUTOMATIC))
    alone = [row.id for row in rows]
    BroadcastText.update(body="", segments="[]").where(BroadcastText.broadcast.in_(alone)).execute()
    Broadcast.update(fingerprint="").where(Broadcast.id.in_(alone)).execute()
    gone = Message.update(msisdn="", member=None).where(Message.msisdn == mobile).execute()
    tail = fn.SUBSTR(Report.recipient, fn.LENGTH(Report.recipient) - 7)
    Report.delete().where(tail == mobile[-8:]).execute()
    SimRecipient.delete().where(SimRecipient.msisdn == mobile).execute()
    return int(gone)


def erase_code(broadcast_id: int, mobile: str) -> None:
    """Delete the SMS with the code of a registration, and its number unless others use it. In a transaction."""
    Message.delete().where(Message.broadcast == broadcast_id).execute()
    Broadcast.delete().where(Broadcast.id == broadcast_id).execute()
    known = Message.select().where(Message.msisdn == mobile).exists()
    if not known and not Member.select().where(Member.mobile == mobile).exists():
        erase_messages_to(mobile)
