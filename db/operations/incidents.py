"""Incidents: opened once, however often seen, also when it comes back within minutes; another fault is another one."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, fn

from db.engine.base import card_of, put
from db.engine.cached_queries import Prepared, given
from db.engine.connection import writing
from db.models.incidents import AlarmTold, Incident, Suspicion
from rules.sentences import Sentence, fault_of, stored_sentence

FLAPPING = timedelta(minutes=15)
# A modem on its way back passes through several faults: a shorter one is not reported in the place of the first.
PASSING = timedelta(minutes=1)
# What a channel could not tell for so long, for example without a working mail server, it does not tell any more.
STALE = timedelta(days=1)
# In the place of a channel's name: nobody need hear of it any more, by whatever channel.
EVERY_CHANNEL = ""
_OPEN = Prepared(
    Incident.select().where(Incident.ended_at.is_null()).order_by(Incident.opened_at.desc(), Incident.id.desc())
)
_OPEN_ONE = Prepared(lambda: Incident.select().where(*_is_open(given("kind"), given("subject"))).limit(1))
_FRESH = Incident.ended_at.is_null() | (Incident.ended_at > given("stale"))
_BEGUN = Prepared(lambda quiet: _loud(quiet).where(~_told(), _FRESH))
_END_IS_NEW = (Incident.ended_at <= given("flapping")) & (Incident.ended_at > given("stale"))
_SETTLED = Prepared(
    lambda quiet: _loud(quiet).where(_told(), ~_told(AlarmTold.end_told_at.is_null(False)), _END_IS_NEW)
)


@dataclass(frozen=True, slots=True)
class IncidentCard:
    """One incident; `ended_at` is None while it lasts. `reopened` is how often it came back in between."""

    id: int
    kind: str
    subject: str
    words: Sentence
    opened_at: datetime
    ended_at: datetime | None
    reopened: int

    @property
    def sentence(self) -> str:
        return str(self.words)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Incidents to report: those that began (perhaps ended already), and those that ended."""

    opened: tuple[IncidentCard, ...]
    ended: tuple[IncidentCard, ...]

    @property
    def cards(self) -> tuple[IncidentCard, ...]:
        return (*self.opened, *self.ended)

    @property
    def over(self) -> tuple[IncidentCard, ...]:
        """The incidents whose end this reports."""
        return (*self.ended, *(card for card in self.opened if card.ended_at is not None))

    @property
    def key(self) -> str:
        """Names this alarm, with the time at which its first incident began: SQLite reuses the ids of deleted rows."""
        ids, began_at = [card.id for card in self.cards], min(card.opened_at for card in self.cards)
        return f"alarm:{min(ids)}:{max(ids)}:{began_at.isoformat()}:{bool(self.opened)}"

    def __bool__(self) -> bool:
        return bool(self.cards)


def open_incident(kind: str, subject: str, sentence: str, now: datetime) -> int:
    """Open an incident, or change the stored `sentence` of the open one, which another fault ends; returns its id."""
    row = _open(kind, subject)
    if row is not None and row.sentence == sentence:
        return int(row.id)
    with writing("incidents"):
        row = _open(kind, subject)
        if row is not None and _fault(row.sentence) != _fault(sentence):
            close_incident(kind, subject, now)
            row = None
        row = row or _just_ended(kind, subject, _fault(sentence), now)
        if row is None:
            return int(Incident.create(kind=kind, subject=subject, sentence=sentence, opened_at=now).id)
        changes: dict[str, object] = {"sentence": sentence}
        if row.ended_at is not None:
            changes |= {"ended_at": None, "reopened": row.reopened + 1}
        Incident.update(changes).where(Incident.id == row.id).execute()
        return int(row.id)


def close_incident(kind: str, subject: str, now: datetime) -> bool:
    """End an incident; False when it was not open."""
    if _open(kind, subject) is None:
        return False
    with writing():
        ended = Incident.update(ended_at=now).where(*_is_open(kind, subject))
        return bool(ended.execute())


def watch_incident(kind: str, subject: str, sentence: str, lasting: timedelta, now: datetime) -> None:
    """Note a trouble: an incident, once seen again after `lasting`, in the place of another fault when that is past."""
    fault = _fault(sentence)
    suspicion = Suspicion.get_or_none(Suspicion.kind == kind, Suspicion.subject == subject)
    since_at = fault_since_at = now
    if suspicion is not None:
        since_at = suspicion.since_at
        fault_since_at = suspicion.fault_since_at if suspicion.fault == fault else now
    if suspicion is None or suspicion.fault != fault:
        with writing():
            key: dict[str, object] = {"kind": kind, "subject": subject}
            put(Suspicion, key, since_at=since_at, fault=fault, fault_since_at=now)
    row = _open(kind, subject)
    if row is not None and _fault(row.sentence) != fault:
        since_at, lasting = fault_since_at, max(lasting, PASSING)
    if now - since_at >= lasting:
        open_incident(kind, subject, sentence, now)


def close_unseen(kinds: Sequence[str], seen: Set[tuple[str, str]], now: datetime, subject: str | None = None) -> None:
    """End incidents and suspicions of `kinds` that are not in `seen` (kind, subject); only of `subject` if given."""
    for table in (Suspicion, Incident):
        rows: Any = table.select(table.kind, table.subject).where(table.kind.in_(list(kinds)))
        rows = rows.where(table.ended_at.is_null()) if table is Incident else rows
        over = {(row.kind, row.subject) for row in rows if subject in (None, row.subject)} - seen
        for which in sorted(over):
            if table is Incident:
                close_incident(*which, now)
            else:
                with writing():
                    Suspicion.delete().where(Suspicion.kind == which[0], Suspicion.subject == which[1]).execute()


def open_incidents() -> list[IncidentCard]:
    """Open incidents, the newest first."""
    return [_card(row) for row in _OPEN.results()]


def incidents(limit: int = 200) -> list[IncidentCard]:
    """The newest incidents, open or over, the newest first."""
    newest = Incident.select().order_by(Incident.opened_at.desc(), Incident.id.desc())
    return [_card(row) for row in newest.limit(limit)]


def incidents_between(since: datetime, until: datetime) -> list[IncidentCard]:
    """The incidents that began in this time, oldest first."""
    rows = Incident.select().where(Incident.opened_at >= since, Incident.opened_at < until)
    return [_card(row) for row in rows.order_by(Incident.opened_at, Incident.id)]


def alarm_of(channel: str, now: datetime, quiet: Sequence[str] = ()) -> Alarm:
    """The incidents that this channel has not reported yet, without the kinds in `quiet`."""
    of_it = {"quiet": list(quiet), "channel": channel, "stale": now - STALE}
    return Alarm(
        tuple(map(_card, _BEGUN.results(**of_it))),
        tuple(map(_card, _SETTLED.results(**of_it, flapping=now - FLAPPING))),
    )


def mark_told(channel: str, alarm: Alarm, now: datetime) -> None:
    """Record that this channel reported it; inside the caller's transaction, if any."""
    over = {card.id for card in alarm.over}
    with writing():
        for card in alarm.cards:
            row: dict[str, object] = {"incident": card.id, "channel": channel}
            AlarmTold.insert(**row, told_at=now).on_conflict_ignore().execute()
            if card.id in over:
                put(AlarmTold, row, told_at=now, end_told_at=now)


def _told(*further: Any) -> Any:
    mine = AlarmTold.channel.in_((given("channel"), EVERY_CHANNEL))
    return fn.EXISTS(AlarmTold.select(SQL("1")).where(AlarmTold.incident == Incident.id, mine, *further))


def _loud(quiet: Sequence[Any]) -> Any:
    return Incident.select().where(Incident.kind.not_in(quiet)).order_by(Incident.id)


def _is_open(kind: Any, subject: Any) -> tuple[Any, ...]:
    return Incident.kind == kind, Incident.subject == subject, Incident.ended_at.is_null()


def _open(kind: str, subject: str) -> Incident | None:
    return _OPEN_ONE.result(kind=kind, subject=subject)


def _just_ended(kind: str, subject: str, fault: str, now: datetime) -> Incident | None:
    ends = AlarmTold.select(SQL("1")).where(AlarmTold.incident == Incident.id, AlarmTold.end_told_at.is_null(False))
    rows = (
        Incident.select()
        .where(Incident.kind == kind, Incident.subject == subject, Incident.ended_at > now - FLAPPING)
        .where(~fn.EXISTS(ends))
        .order_by(Incident.id.desc())
    )
    return next((row for row in rows if _fault(row.sentence) == fault), None)


def _fault(stored: str) -> str:
    return fault_of(stored_sentence(stored))


def _card(row: Incident) -> IncidentCard:
    return card_of(IncidentCard, row, words=stored_sentence(row.sentence))
