"""Search in the history: by words, kind, day, author, state, and recipients' neighbourhood."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from peewee import fn

from db.alerts.progress.progress import BroadcastCard, broadcast_cards
from db.engine.base import Page, folded_column, page_of, tuples
from db.engine.cached_queries import Prepared, given
from db.models.broadcasts import Broadcast, BroadcastText, Message, Part
from db.models.people import Member
from rules.collation import folded
from rules.states import AUTOMATIC, CORRECTED, FOLLOW_UPS, PartState, Stage

Outcome = Literal["", "open", "finished", "cancelled"]
# Kinds that stand beneath the alert which they follow.
FOLLOWING = (*FOLLOW_UPS, CORRECTED)
_BY_PEOPLE = Broadcast.kind.not_in(AUTOMATIC)
_ORDERED = Broadcast.select().where(_BY_PEOPLE, Broadcast.stage != Stage.PREPARING).order_by(Broadcast.id.desc())
_NEWEST = Prepared(_ORDERED.limit(given("limit")))
_NEWEST_BEFORE = Prepared(_ORDERED.where(Broadcast.id < given("before")).limit(given("limit")))


@dataclass(frozen=True, slots=True)
class Search:
    """Filters; empty ones do not narrow. `open` is all that is not over; a recipient lives in `neighbourhood_id`."""

    words: str = ""
    kind: str = ""
    outcome: Outcome = ""
    by: str = ""
    neighbourhood_id: int | None = None
    since_at: datetime | None = None
    until_at: datetime | None = None


def history(search: Search, now: datetime, page: int = 1, per_page: int = 25) -> Page[BroadcastCard]:
    """Broadcasts that people ordered, newest first: those that follow none, where they or what followed them match the
    search; of a kind that follows others, where that kind is sought, each that matches."""
    found = _matching(search)
    if search.kind in FOLLOWING:
        query = found
    else:
        query = _ORDERED.where(Broadcast.original.is_null())
        if search.kind:
            query = query.where(Broadcast.kind == search.kind)
        if search != Search(kind=search.kind):
            ids, after = found.select(Broadcast.id).order_by(), found.select(Broadcast.original).order_by()
            query = query.where(Broadcast.id.in_(ids) | Broadcast.id.in_(after))
    return page_of(query, query.count(), page, per_page, lambda rows: broadcast_cards(list(rows), now))


def _matching(search: Search) -> Any:
    texts, body = BroadcastText.select(BroadcastText.broadcast), folded_column(BroadcastText.body)
    query = _ORDERED
    for word in search.words.split()[:8]:
        query = query.where(Broadcast.id.in_(texts.where(body.contains(folded(word)))))
    if search.kind in FOLLOWING:
        query = query.where(Broadcast.kind == search.kind)
    if search.by:
        query = query.where(Broadcast.ordered_by == search.by)
    if search.since_at is not None:
        query = query.where(Broadcast.created_at >= search.since_at)
    if search.until_at is not None:
        query = query.where(Broadcast.created_at < search.until_at)
    if search.neighbourhood_id is not None:
        messages = Message.select(Message.broadcast).join(Member)
        query = query.where(Broadcast.id.in_(messages.where(Member.neighbourhood == search.neighbourhood_id)))
    return query.where(_became(search.outcome)) if search.outcome else query


def newest(limit: int, now: datetime, before: int | None = None) -> list[BroadcastCard]:
    """Broadcasts that people ordered, newest first; `before` leaves out that one and all newer ones."""
    rows = _NEWEST.results(limit=limit) if before is None else _NEWEST_BEFORE.results(limit=limit, before=before)
    return broadcast_cards(rows, now)


def authors() -> list[str]:
    """Everybody who ordered something, by name."""
    rows = Broadcast.select(Broadcast.ordered_by).where(_BY_PEOPLE).distinct()
    return sorted((row[0] for row in tuples(rows)), key=folded)


def _became(outcome: Outcome) -> Any:
    if outcome == "cancelled":
        return Broadcast.stage == Stage.CANCELLED
    left = Part.select().where(Part.broadcast == Broadcast.id, Part.state.in_([PartState.QUEUED, PartState.SENDING]))
    over = (Broadcast.stage == Stage.FINISHED) | ((Broadcast.stage == Stage.QUEUED) & ~fn.EXISTS(left))
    return over if outcome == "finished" else ~over & (Broadcast.stage != Stage.CANCELLED)
