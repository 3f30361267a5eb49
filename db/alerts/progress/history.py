"""Search in the history: by words, kind, day, author, state, and recipients' neighbourhood."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from peewee import fn

from db.alerts.progress.progress import BroadcastCard, broadcast_cards
from db.engine.base import Page, folded_column, page_of, tuples
from db.models.broadcasts import Broadcast, BroadcastText, Message, Part
from db.models.people import Member
from rules.collation import folded
from rules.states import AUTOMATIC, PartState, Stage

Outcome = Literal["", "open", "finished", "cancelled"]


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
    """Broadcasts that people ordered and that match the search, newest first."""
    query = Broadcast.select().where(Broadcast.kind.not_in(AUTOMATIC), Broadcast.stage != Stage.PREPARING)
    for condition in _conditions(search):
        query = query.where(condition)
    newest_first = query.order_by(Broadcast.id.desc())
    return page_of(newest_first, query.count(), page, per_page, lambda rows: broadcast_cards(list(rows), now))


def newest(limit: int, now: datetime, before: int | None = None) -> list[BroadcastCard]:
    """Broadcasts that people ordered, newest first; `before` leaves out that one and all newer ones."""
    query = Broadcast.select().where(Broadcast.kind.not_in(AUTOMATIC), Broadcast.stage != Stage.PREPARING)
    if before is not None:
        query = query.where(Broadcast.id < before)
    return broadcast_cards(list(query.order_by(Broadcast.id.desc()).limit(limit)), now)


def authors() -> list[str]:
    """Everybody who ordered something, by name."""
    rows = Broadcast.select(Broadcast.ordered_by).where(Broadcast.kind.not_in(AUTOMATIC)).distinct()
    return sorted((row[0] for row in tuples(rows)), key=folded)


def _conditions(search: Search) -> list[Any]:
    conditions: list[Any] = [_holds(word) for word in search.words.split()[:8]]
    if search.kind:
        conditions.append(Broadcast.kind == search.kind)
    if search.by:
        conditions.append(Broadcast.ordered_by == search.by)
    if search.since_at is not None:
        conditions.append(Broadcast.created_at >= search.since_at)
    if search.until_at is not None:
        conditions.append(Broadcast.created_at < search.until_at)
    if search.neighbourhood_id is not None:
        messages = Message.select(Message.broadcast).join(Member)
        conditions.append(Broadcast.id.in_(messages.where(Member.neighbourhood == search.neighbourhood_id)))
    if search.outcome:
        conditions.append(_became(search.outcome))
    return conditions


def _holds(word: str) -> Any:
    texts = BroadcastText.select(BroadcastText.broadcast)
    return Broadcast.id.in_(texts.where(folded_column(BroadcastText.body).contains(folded(word))))


def _became(outcome: Outcome) -> Any:
    if outcome == "cancelled":
        return Broadcast.stage == Stage.CANCELLED
    left = Part.select().where(Part.broadcast == Broadcast.id, Part.state.in_([PartState.QUEUED, PartState.SENDING]))
    over = (Broadcast.stage == Stage.FINISHED) | ((Broadcast.stage == Stage.QUEUED) & ~fn.EXISTS(left))
    return over if outcome == "finished" else ~over & (Broadcast.stage != Stage.CANCELLED)
