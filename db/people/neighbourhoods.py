"""Writers of neighbourhoods, inside the caller's transaction, except `move_people`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from db.engine.base import folded_column
from db.engine.connection import change_in_chunks
from db.models.people import Member, Neighbourhood
from db.models.tables import TABLES
from db.people.members.cards import lives_at
from rules.collation import folded


@dataclass(frozen=True, slots=True)
class NeighbourhoodValues:
    """Values of a neighbourhood that people type."""

    name: str
    reference_address: str
    station: int | None = None
    officer: int | None = None


def ordered_ids() -> list[int]:
    """The neighbourhoods in the order of sending."""
    return [int(row.id) for row in Neighbourhood.select().order_by(Neighbourhood.position, Neighbourhood.name)]


def neighbourhood_values(place_id: int) -> NeighbourhoodValues | None:
    """Its stored values; None if it was deleted."""
    row = Neighbourhood.get_or_none(Neighbourhood.id == place_id)
    return None if row is None else NeighbourhoodValues(row.name, row.reference_address, row.station_id, row.officer_id)


def neighbourhood_named(name: str) -> int | None:
    """The neighbourhood of this name, whatever its accents and capitals."""
    same = folded_column(Neighbourhood.name) == folded(name)
    return Neighbourhood.select(Neighbourhood.id).where(same).scalar() or None


def add_neighbourhood(values: NeighbourhoodValues) -> int:
    """A new one, the last in the order; returns its id."""
    last = Neighbourhood.select().count()
    return int(Neighbourhood.create(**asdict(values), position=last).id)


def update_neighbourhood(place_id: int, values: NeighbourhoodValues) -> None:
    """Give it these values."""
    Neighbourhood.update(asdict(values)).where(Neighbourhood.id == place_id).execute()


def people_in(place_id: int) -> int:
    """Number of members who live in it, or have a further place there."""
    return int(Member.select().where(lives_at([place_id])).count())


def remove_neighbourhood(place_id: int) -> None:
    """Delete it; nobody lives in it any more."""
    Neighbourhood.delete().where(Neighbourhood.id == place_id).execute()


def put_in_order(place_ids: Sequence[int]) -> None:
    """The order of sending."""
    for position, place_id in enumerate(place_ids):
        Neighbourhood.update(position=position).where(Neighbourhood.id == place_id).execute()


def move_people(gone_id: int, into_id: int, now: datetime) -> int:
    """Move everybody to another neighbourhood in separate transactions; returns how many."""
    living = Member.neighbourhood == gone_id
    moved = Member.update(neighbourhood=into_id, updated_at=now).where(living)
    rows = Member.select(Member.id).where(living)
    return change_in_chunks(rows, lambda ids: int(moved.where(Member.id.in_(ids)).execute()))


def move_all(gone_id: int, into_id: int, now: datetime) -> int:
    """Move people added meanwhile, and all that refers to it, to another neighbourhood; returns how many people."""
    moved = Member.update(neighbourhood=into_id, updated_at=now).where(Member.neighbourhood == gone_id)
    people = int(moved.execute())
    for model in TABLES:
        meta: Any = model._meta
        # Of the fields that refer to a neighbourhood those that are unique are deleted with it.
        # Of two fields together: as tuples. What `add_index` made is an object, and none of those is unique.
        several = [index for index in meta.indexes if isinstance(index, tuple)]
        alone = {name for names, unique in several if unique for name in names}
        for field, related in meta.refs.items():
            if related is Neighbourhood and not field.unique and field.name not in alone:
                model.update({field: into_id}).where(field == gone_id).execute()
    return people
