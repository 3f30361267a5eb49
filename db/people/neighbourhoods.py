"""The neighbourhoods' order, and two that become one."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from db.engine.connection import change_in_chunks, take_turn, writing
from db.journal import audit
from db.models.people import Member, Neighbourhood
from db.models.tables import TABLES
from rules.refusals import Refusal


def move_neighbourhood(neighbourhood_id: int, down: bool, by: str, now: datetime) -> None:
    """One place up or down in the order of sending; at the end of the list nothing changes. Raises Refusal."""
    with writing():
        take_turn("neighbourhoods")
        places = [row.id for row in Neighbourhood.select().order_by(Neighbourhood.position, Neighbourhood.name)]
        if neighbourhood_id not in places:
            raise Refusal("Ce quartier n'existe plus.")
        at = places.index(neighbourhood_id)
        to = at + 1 if down else at - 1
        if not 0 <= to < len(places):
            return
        places[at], places[to] = places[to], places[at]
        for position, place in enumerate(places):
            Neighbourhood.update(position=position).where(Neighbourhood.id == place).execute()
        audit.record(now, by, "neighbourhood_moved", str(neighbourhood_id))


def merge_neighbourhoods(gone_id: int, into_id: int, by: str, now: datetime) -> int:
    """Move everybody to another neighbourhood and delete this one; returns how many. Raises Refusal.

    Cut short, some have moved, the neighbourhood of the others is still there, and it can be done again.
    """
    if gone_id == into_id:
        raise Refusal("Choisissez un autre quartier.")
    _require_both(gone_id, into_id)
    there = Member.neighbourhood == gone_id
    moved = Member.update(neighbourhood=into_id, updated_at=now).where(there)
    people = change_in_chunks(
        Member.select(Member.id).where(there), lambda ids: moved.where(Member.id.in_(ids)).execute()
    )
    with writing():
        take_turn("neighbourhoods")
        _require_both(gone_id, into_id)
        people += moved.execute()  # who came meanwhile
        for model, field in _references():
            model.update({field: into_id}).where(field == gone_id).execute()
        Neighbourhood.delete().where(Neighbourhood.id == gone_id).execute()
        audit.record(now, by, "neighbourhood_merged", str(into_id), people=people)
    return int(people)


def _require_both(one_id: int, other_id: int) -> None:
    if Neighbourhood.select().where(Neighbourhood.id.in_([one_id, other_id])).count() != 2:
        raise Refusal("Ce quartier n'existe plus.")


def _references() -> Iterator[tuple[Any, Any]]:
    """The fields that speak of a neighbourhood and may do so twice: what is one of each goes with its neighbourhood."""
    for model in TABLES:
        meta: Any = model._meta
        # Of two fields together: as tuples. What `add_index` made is an object, and none of those is unique.
        several = [index for index in meta.indexes if isinstance(index, tuple)]
        alone = {name for names, unique in several if unique for name in names}
        for field, related in meta.refs.items():
            if related is Neighbourhood and not field.unique and field.name not in alone:
                yield model, field
