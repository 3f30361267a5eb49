"""Retention: after a time the counts stay, and the persons are removed, in short transactions."""

from datetime import datetime, timedelta

from peewee import fn

from db.engine.batches import change_in_chunks, delete_in_chunks
from db.engine.connection import writing
from db.mail.erasure import erase_newest_mail
from db.models.accounts import SignInLink, SignInTry
from db.models.broadcasts import Broadcast, BroadcastOrder, BroadcastText, Message, Report
from db.models.budgets import SimRecipient
from db.models.mail import Mail, MailLetter
from db.models.modem_records import ModemAnswer, ModemRequest
from db.people.accounts.sessions import end_overdue
from db.people.accounts.tries import KNOWN_FOR
from plp.rules.broadcasts import AUTOMATIC
from plp.rules.states import Stage

_OVER = (Stage.FINISHED, Stage.CANCELLED)
# A report that fits no receipt after so long never will.
ORPHANED = timedelta(days=30)


def forget_recipients(before: datetime) -> int:
    """Forget recipients of broadcasts ordered `before`, and automatic ones whole; returns how many messages."""
    old = Broadcast.select(Broadcast.id).where(Broadcast.created_at < before, Broadcast.stage.in_(_OVER))
    nobodys = old.where(Broadcast.kind.in_(AUTOMATIC))
    gone = delete_in_chunks(Message, Message.broadcast.in_(nobodys))
    delete_in_chunks(Broadcast, Broadcast.id.in_(nobodys))
    # A broadcast whose recipients are forgotten has no fingerprint: that was made of their numbers.
    for row in old.where(Broadcast.kind.not_in(AUTOMATIC), Broadcast.fingerprint != ""):
        gone += _anonymise(row.id)
    return gone


def forget_texts(before: datetime) -> int:
    """Empty the texts of broadcasts that were over and ordered `before`; returns how many."""
    old = Broadcast.select(Broadcast.id).where(Broadcast.created_at < before, Broadcast.stage.in_(_OVER))
    kept = BroadcastText.select(BroadcastText.id).where(BroadcastText.broadcast.in_(old), BroadcastText.body != "")
    return change_in_chunks(
        kept, lambda ids: BroadcastText.update(body="", segments="[]").where(BroadcastText.id.in_(ids)).execute()
    )


def forget_sim_recipients(before: datetime) -> int:
    """Forget which numbers a SIM wrote to in months that were over `before`. Returns how many."""
    return delete_in_chunks(SimRecipient, (SimRecipient.last_at < before) & (SimRecipient.month < f"{before:%Y-%m}"))


def forget_mails(before: datetime) -> int:
    """Delete mails that ended `before` (the last is emptied: its number stays), and letters; returns how many."""
    # What still waits is never older than a day (RFC 5321 retries end), but for a clock that was wrong.
    over = (Mail.changed_at < before) & Mail.state.not_in(["queued", "sending"])
    newest = Mail.select(fn.MAX(Mail.id)).scalar()
    mails = delete_in_chunks(Mail, over & (Mail.id < newest)) if newest is not None else 0
    erase_newest_mail(before)
    read = Mail.select(Mail.letter)
    delete_in_chunks(MailLetter, (MailLetter.created_at < before) & MailLetter.id.not_in(read))
    return mails


def forget_leftovers(now: datetime) -> int:
    """Delete orphaned reports, unused links, old sign-in tries, sessions, requests and answers. Returns how many."""
    since = now - ORPHANED
    return (
        delete_in_chunks(Report, Report.received_at < since)
        + delete_in_chunks(SignInLink, SignInLink.expires_at < since)
        + delete_in_chunks(SignInTry, SignInTry.changed_at < now - KNOWN_FOR)
        + end_overdue(now)
        + delete_in_chunks(ModemRequest, ModemRequest.done_at < since)
        + delete_in_chunks(ModemAnswer, ModemAnswer.answered_at < since)
    )


def _anonymise(broadcast_id: int) -> int:
    """Remove numbers and members from one ended broadcast; it is marked last: after a crash it is done again."""
    known = Message.select(Message.id).where(Message.broadcast == broadcast_id, Message.msisdn != "")
    gone = change_in_chunks(
        known, lambda ids: Message.update(msisdn="", member=None).where(Message.id.in_(ids)).execute()
    )
    with writing():
        BroadcastOrder.update(digest="").where(BroadcastOrder.broadcast == broadcast_id).execute()
        Broadcast.update(fingerprint="", idempotency_key=None).where(Broadcast.id == broadcast_id).execute()
    return gone
