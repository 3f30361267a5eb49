"""Events for programs, numbered by one job at a time: a program that continues from its last number misses none. A part
stores the state that was last reported, and an index finds those with another, so the modems write no more than before;
a part that changes twice between two steps is reported once (docs/adr/0131).
"""

from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, fn

from db.engine.base import grouped, tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import delete_in_chunks, locked, writing
from db.models.broadcasts import Part
from db.models.incidents import Event as Event  # the console and the jobs name the rows that they get
from db.models.incidents import EventMark
from db.operations.incidents import IncidentCard, alarm_of, mark_told
from rules.states import WORST_FIRST, PartState

KEPT = timedelta(days=30)
_CHANNEL = "events"
# A modem that writes waits for no more than these: 40 ms.
_AT_ONCE = 200
_UNREPORTED: Any = Part.select().where(Part.state != Part.told, Part.state != PartState.SENDING)
_ANY_UNREPORTED = Prepared(_UNREPORTED.select(SQL("1")).limit(1))
_CHANGED = Prepared(_UNREPORTED.order_by(Part.changed_at, Part.id).limit(_AT_ONCE))
_PARTS = Prepared(lambda ids: Part.select().where(Part.message.in_(ids)))
# The parts that nobody writes. A modem that writes one, with its receipt, may then need another that came with it in a
# report: if we waited for the first and held the second, both would wait for ever.
_FREE = Prepared(
    lambda ids: locked(Part.select(Part.id).where(Part.message.in_(ids)), "FOR NO KEY UPDATE", skip_locked=True)
)
_TOLD = Prepared(lambda ids: Part.update(told=given("told")).where(Part.id.in_(ids)))


def note_deliveries() -> bool:
    """Number the messages whose state differs from the reported one; True when there may be more."""
    if not _ANY_UNREPORTED.first():
        return False
    with writing("events"):
        changed = _CHANGED.results()
        last_of = {part.message_id: part for part in changed}
        free = {part_id for (part_id,) in _FREE.rows(ids=list(last_of))}
        by_message = grouped((part.message_id, part) for part in _PARTS.results(ids=list(last_of)))
        events, reported = [], []
        for message_id, last in last_of.items():
            parts = by_message.get(message_id, [])
            if not parts or not free.issuperset(part.id for part in parts):
                continue  # somebody deletes it or changes a part of it now: then it is for the next step
            told, worst = (
                min((getattr(part, name) for part in parts), key=WORST_FIRST.index) for name in ("told", "state")
            )
            if worst not in (told, PartState.SENDING):
                events.append(_event("delivery", last.changed_at, message_id, last.broadcast_id, worst))
            reported += parts
        if events:
            Event.insert_many(events).execute()
        for state in {part.state for part in reported} - {PartState.SENDING}:
            ids = [part.id for part in reported if part.state == state]
            _TOLD.change(ids=ids, told=state)
    return len(changed) == _AT_ONCE and bool(reported)


def note_incidents(now: datetime) -> None:
    """Number the beginnings and ends of incidents that were not yet reported here."""
    if not alarm_of(_CHANNEL, now):
        return
    with writing("events"):
        alarm = alarm_of(_CHANNEL, now)
        begun = [_incident(card, "opened", card.opened_at) for card in alarm.opened]
        over = [_incident(card, "ended", card.ended_at or now) for card in alarm.over]
        Event.insert_many(begun + over).execute()
        mark_told(_CHANNEL, alarm, now)


def events_after(after: int, limit: int) -> list[Event]:
    """So many events of a higher number, in their order."""
    return list(Event.select().where(Event.id > after).order_by(Event.id).limit(limit))


def kept_events() -> tuple[int, int]:
    """The numbers of the oldest and the newest event; noughts for none."""
    ((oldest, newest),) = tuples(Event.select(fn.MIN(Event.id), fn.MAX(Event.id)))
    return oldest or 0, newest or 0


def mark_of(receiver: str) -> int:
    """The number of the last event that this receiver accepted; a new one begins with what happens from now on."""
    row = EventMark.get_or_none(EventMark.receiver == receiver)
    if row is None:
        with writing():
            newest = kept_events()[1]
            EventMark.insert(receiver=receiver, event=newest).on_conflict_ignore().execute()
        return newest
    return int(row.event)


def mark_accepted(receiver: str, before: int, event_id: int) -> None:
    """This receiver accepted the events up to this one; nothing where another host was first."""
    with writing():
        mine = (EventMark.receiver == receiver) & (EventMark.event == before)
        EventMark.update(event=event_id).where(mine).execute()


def forget_events(before: datetime) -> int:
    """Delete events that happened before, but for the newest, whose number is the last that was given."""
    return delete_in_chunks(Event, (Event.at < before) & (Event.id < kept_events()[1]))


def _incident(card: IncidentCard, state: str, at: datetime) -> dict[str, object]:
    return _event("incident", at, card.id, card.kind, state) | {"sentence": card.words.stored}


def _event(kind: str, at: datetime, subject: int, of: object, state: str) -> dict[str, object]:
    return {"kind": kind, "at": at, "subject": subject, "of": str(of), "state": str(state), "sentence": ""}
