"""Summonses, begun once however often their cause is seen; and voice calls, each taken by one modem, once."""

from collections.abc import Collection, Iterable, Set
from datetime import datetime, timedelta
from typing import Literal

from peewee import JOIN, fn

from db.engine.base import grouped
from db.engine.cached_queries import Prepared, given
from db.engine.connection import writing
from db.journal import audit
from db.models.accounts import Account
from db.models.broadcasts import Message, Part
from db.models.incidents import Summons as Summons  # the jobs name the rows that they get
from db.models.incidents import SummonsCall as SummonsCall
from db.models.incidents import SummonsCause
from rules.people import MACHINE
from rules.states import PartState

# An ended one stays on the pages for so long.
SHOWN_FOR = timedelta(hours=12)
MOST_SHOWN = 6
# The service centre's clock and ours may differ.
CLOCKS_APART = timedelta(minutes=5)
# What people are called about: an alert that waits for a second person, a text with a word of alarm, a fault.
About = Literal["approval", "message", "incident"]

ON_ITS_WAY = (PartState.QUEUED, PartState.SENDING)
NOT_SENT = (PartState.FAILED, PartState.EXPIRED, PartState.CANCELLED, PartState.UNDELIVERED)
# Later the next person is called.
WANTED_FOR = timedelta(minutes=5)
# Each modem that can call asks every two seconds.
_WANTED = Prepared(
    SummonsCall.select(SummonsCall.id, SummonsCall.name, Account.mobile)
    .join(Summons)
    .join_from(SummonsCall, Account)
    .join_from(SummonsCall, Message, on=(Message.broadcast == SummonsCall.broadcast))
    .join(Part, on=(Part.message == Message.id))
    .where(SummonsCall.ring == "wanted", SummonsCall.outcome == "", SummonsCall.called_at > given("since"))
    .where(Summons.ended_at.is_null(), Account.active, Account.mobile.is_null(False))
    .where(Part.state.not_in(ON_ITS_WAY))
    .order_by(SummonsCall.id)
    .limit(1)
    .objects()
)
_SUBJECTS = Prepared(
    lambda ids: (
        SummonsCause.select(SummonsCause.summons, SummonsCause.subject)
        .where(SummonsCause.summons.in_(ids), SummonsCause.settled_at.is_null())
        .order_by(SummonsCause.id)
    )
)
# With the state of their SMS.
_SENT_AT = fn.COALESCE(Part.sent_at, Part.changed_at).alias("sent_at")
_CALLS = Prepared(
    lambda ids: (
        SummonsCall.select(SummonsCall, Part.state, _SENT_AT)
        .join(Message, JOIN.LEFT_OUTER, on=(Message.broadcast == SummonsCall.broadcast))
        .join(Part, JOIN.LEFT_OUTER, on=(Part.message == Message.id))
        .where(SummonsCall.summons.in_(ids))
        .order_by(SummonsCall.summons, SummonsCall.place)
        .objects()
    )
)
_OPEN = Prepared(Summons.select().where(Summons.ended_at.is_null()).order_by(Summons.id))
_ALIVE = Summons.ended_at.is_null() | Summons.outcome.in_(["answered", "opened"])
_KNOWN = Prepared(
    lambda subjects: (
        SummonsCause.select(SummonsCause.subject)
        .join(Summons)
        .where(Summons.kind == given("kind"), _ALIVE, SummonsCause.subject.in_(subjects))
    )
)


def open_summonses() -> list[Summons]:
    """Those that last, oldest first."""
    return _whole(_OPEN.results())


def recent_summonses(now: datetime) -> list[Summons]:
    """Those that last and those that ended lately, newest first."""
    shown = Summons.ended_at.is_null() | (Summons.ended_at > now - SHOWN_FOR)
    return _whole(Summons.select().where(shown).order_by(Summons.id.desc()).limit(MOST_SHOWN))


def apply_causes(kind: str, subjects: Set[str], now: datetime) -> None:
    """Begin a summons of the new ones of `subjects`, or add them to the open one; not what was answered or opened."""
    if not _new(kind, subjects):
        return
    with writing("waking"):
        new = _new(kind, subjects)
        summons = Summons.get_or_none(Summons.kind == kind, Summons.ended_at.is_null())
        if new and summons is None:
            summons = Summons.create(kind=kind, opened_at=now)
            audit.record(now, MACHINE, "summons_begun", "", about=kind)
        for subject in sorted(new):
            SummonsCause.create(summons=summons, subject=subject)


def _new(kind: str, subjects: Set[str]) -> Set[str]:
    if not subjects:
        return subjects
    return subjects - {subject for (subject,) in _KNOWN.rows(kind=kind, subjects=list(subjects))}


def end_summons(summons_id: int, outcome: str, by: str, now: datetime) -> bool:
    """End it; False when it had ended."""
    with writing():
        ended = Summons.update(ended_at=now, outcome=outcome, ended_by=by)
        if not ended.where(Summons.id == summons_id, Summons.ended_at.is_null()).execute():
            return False
        audit.record(now, by, f"summons_{outcome}", "", about=Summons.get_by_id(summons_id).kind)
        return True


def settle_causes(kind: About, subjects: Collection[str] | None, now: datetime) -> int | None:
    """Nobody need be called about these any more, or about any of this kind for None; returns the summons that has no
    cause left. Inside the caller's transaction and its turn "waking".
    """
    summons = Summons.get_or_none(Summons.kind == kind, Summons.ended_at.is_null())
    if summons is None:
        return None
    unsettled = (SummonsCause.summons == summons) & SummonsCause.settled_at.is_null()
    which = unsettled if subjects is None else unsettled & SummonsCause.subject.in_(list(subjects))
    settled = SummonsCause.update(settled_at=now).where(which).execute()
    return int(summons.id) if settled and not SummonsCause.select().where(unsettled).exists() else None


def is_calling(kind: About) -> bool:
    """True while people are called about something of this kind."""
    return bool(Summons.select().where(Summons.kind == kind, Summons.ended_at.is_null()).exists())


def mark_mailed(summons_id: int, now: datetime) -> bool:
    """Their mails are queued; inside the caller's transaction. False where they were before."""
    mailed = Summons.update(mailed_at=now).where(Summons.id == summons_id, Summons.mailed_at.is_null()).execute()
    if mailed:
        audit.record(now, MACHINE, "summons_mailed")
    return bool(mailed)


def begin_call(card: Summons, account_id: int, name: str, now: datetime) -> int | None:
    """Note whom to call next, before anything is sent; None where another process did, or it ended."""
    place = len(card.calls) + 1
    with writing("waking"):
        open_ = Summons.select().where(Summons.id == card.id, Summons.ended_at.is_null()).exists()
        mine = (SummonsCall.summons == card.id) & (SummonsCall.place == place)
        if not open_ or SummonsCall.select().where(mine).exists():
            return None
        made = SummonsCall.create(summons=card.id, place=place, account=account_id, name=name, begun_at=now)
        return int(made.id)


def mark_called(call_id: int, broadcast_id: int, now: datetime, rings: bool = False) -> None:
    """Its SMS is queued; `rings`: once that is out, a modem lets the telephone ring."""
    with writing():
        called = SummonsCall.update(broadcast=broadcast_id, called_at=now, ring="wanted" if rings else "")
        if called.where(SummonsCall.id == call_id, SummonsCall.called_at.is_null()).execute():
            audit.record(now, MACHINE, "summons_called", SummonsCall.get_by_id(call_id).name)


def mark_call(call_id: int, outcome: str, now: datetime) -> None:
    """It is over: no_answer, or unsent."""
    with writing():
        over = SummonsCall.update(outcome=outcome, ended_at=now)
        if over.where(SummonsCall.id == call_id, SummonsCall.outcome == "").execute():
            audit.record(now, MACHINE, f"summons_{outcome}", SummonsCall.get_by_id(call_id).name)


def apply_answer(sender: str, sent_at: datetime, now: datetime) -> bool:
    """An OK from somebody who was called ends their newest summons, in the caller's transaction; False for none."""
    call = (
        SummonsCall.select(SummonsCall)
        .join(Summons)
        .join_from(SummonsCall, Account)
        .where(Summons.ended_at.is_null(), Account.active, Account.mobile == sender)
        .where(SummonsCall.called_at <= sent_at + CLOCKS_APART)
        .order_by(SummonsCall.id.desc())
        .first()
    )
    if call is None:
        return False
    SummonsCall.update(outcome="answered", ended_at=now).where(SummonsCall.id == call.id).execute()
    return end_summons(call.summons_id, "answered", call.name, now)


def calls_since(when: datetime) -> int:
    """Number of calls since then, all summonses together."""
    return int(SummonsCall.select().where(SummonsCall.begun_at > when).count())


def _whole(rows: Iterable[Summons]) -> list[Summons]:
    """With their subjects and calls."""
    summonses = list(rows)
    if ids := [row.id for row in summonses]:
        subjects: dict[int, list[str]] = grouped(_SUBJECTS.rows(ids=ids))
        calls = grouped((row.summons_id, row) for row in _CALLS.results(ids=ids))
        for row in summonses:
            row.subjects, row.calls = subjects.get(row.id, []), calls.get(row.id, [])
    return summonses


def take_ring(now: datetime) -> SummonsCall | None:
    """A call, with its `mobile`, whose SMS is out and whose telephone did not ring yet, now this modem's; or None."""
    call: SummonsCall | None = _WANTED.result(since=now - WANTED_FOR)
    if call is None:
        return None
    with writing():
        mine = SummonsCall.update(ring="ringing").where(SummonsCall.id == call.id, SummonsCall.ring == "wanted")
        return call if mine.execute() else None


def is_awaited(call: SummonsCall) -> bool:
    """True while nobody answered, and the next person was not called yet."""
    lasting = SummonsCall.select().join(Summons).where(SummonsCall.id == call.id, SummonsCall.outcome == "")
    return bool(lasting.where(Summons.ended_at.is_null()).exists())


def return_ring(call: SummonsCall) -> None:
    """This modem cannot call: another one may."""
    with writing():
        SummonsCall.update(ring="wanted").where(SummonsCall.id == call.id).execute()


def keep_ring(call: SummonsCall, ending: str, now: datetime) -> None:
    """Keep how the voice call ended, for the pages and the journal."""
    with writing():
        SummonsCall.update(ring=ending).where(SummonsCall.id == call.id).execute()
        audit.record(now, MACHINE, "summons_rung", call.name, ring=ending)
