"""Members and neighbourhoods as values; members' further places, where they are alerted like those who live there; and
who wants no SMS now, except about danger to life (docs/adr/0099-quiet-hours.md).
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from peewee import fn

from db.engine.base import grouped, tuples
from db.engine.cached_queries import Prepared
from db.engine.connection import writing
from db.models.people import Member, MemberPlace, Neighbourhood
from rules.calendar import LOCAL, day_of
from rules.collation import folded, sought
from rules.members import CHANNELS, COLUMNS, MemberColumns, places_in, written_places

MemberState = Literal["active", "opted_out", "no_number"]
_SEARCHED = [name for name, column in COLUMNS.items() if column.searched]
_OF = Prepared(
    lambda ids: (
        MemberPlace.select(MemberPlace.member, Neighbourhood.id, Neighbourhood.name, MemberPlace.street)
        .join(Neighbourhood)
        .where(MemberPlace.member.in_(ids))
        .order_by(MemberPlace.id)
        .tuples()
    )
)


def columns_of(card: "MemberCard") -> dict[str, Any]:
    """The columns of a member as they are stored."""
    return {column: getattr(card, column) for column in COLUMNS} | {"neighbourhood": card.neighbourhood_id}


def changeable(card: "MemberCard") -> dict[str, Any]:
    """The columns of a member, and consents by channel: what an act on many members changes."""
    return columns_of(card) | {channel: getattr(card, channel) for channel in CHANNELS}


def stored_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """A member's columns with those that are made of them: what a list is ordered by, and what a search looks in."""
    return {
        **values,
        "name_key": folded(f"{values['last_name']} {values['first_name']}"),
        "searchable": sought(" ".join(values[column] or "" for column in _SEARCHED)),
    }


@dataclass(frozen=True, slots=True)
class NeighbourhoodCard:
    """A quartier. `members` are people; an alert goes to the `active` ones, at `reachable` distinct numbers."""

    id: int
    name: str
    position: int
    reference_address: str
    members: int
    without_mobile: int
    active: int
    reachable: int

    @property
    def opted_out(self) -> int:
        """People whose mobile gets no alert."""
        return self.members - self.without_mobile - self.active


@dataclass(frozen=True, slots=True)
class ConsentCard:
    """The answer for one channel, its time, how it came (form, import, …) and who recorded it."""

    channel: str
    given: bool
    at: datetime
    how: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberCard(MemberColumns[str | None]):
    """One person of the partnership, with the columns of `rules.members`."""

    id: int
    neighbourhood: str
    sms: bool
    mail_group: bool
    consents: tuple[ConsentCard, ...]
    restricted_at: datetime | None = None

    @property
    def state(self) -> MemberState:
        if self.mobile is None:
            return "no_number"
        return "active" if self.sms else "opted_out"


def lives_at(places: Any) -> Any:
    """Condition on members: a home or a further place in one of these neighbourhoods, ids or a query of ids."""
    return Member.neighbourhood.in_(places) | has_place(MemberPlace.neighbourhood.in_(places))


def has_place(condition: Any) -> Any:
    """Condition on members: this one holds of a further place of theirs."""
    return Member.id.in_(MemberPlace.select(MemberPlace.member).where(condition))


def by_place(rows: Any, counted: Any) -> Counter[int]:
    """`counted` of these members, by the neighbourhood of their home and of every further place of theirs elsewhere."""
    pairs = MemberPlace.select(MemberPlace.member, MemberPlace.neighbourhood).distinct().alias("further")
    elsewhere = (pairs.c.member_id == Member.id) & (pairs.c.neighbourhood_id != Member.neighbourhood)
    at_home = rows.select(Member.neighbourhood, counted).group_by(Member.neighbourhood)
    further = rows.select(pairs.c.neighbourhood_id, counted).join_from(Member, pairs, on=elsewhere)
    counts = Counter[int](dict(tuples(at_home)))
    counts.update(dict(tuples(further.group_by(pairs.c.neighbourhood_id))))
    return counts


def places_of(ids: Collection[int]) -> dict[int, list[tuple[int, str, str]]]:
    """(id and name of the neighbourhood, street) of the further places, by member."""
    return grouped((member_id, tuple(place)) for member_id, *place in _OF.results(ids=list(ids)))


def text_of(places: Collection[tuple[int, str, str]]) -> str:
    """Those of one member as a form shows them."""
    return written_places((name, street) for _place_id, name, street in places)


def put_places(member_id: int, text: str) -> None:
    """Set a member's further places, inside the caller's transaction; those in a deleted neighbourhood are skipped."""
    rows = tuples(Neighbourhood.select(Neighbourhood.name, Neighbourhood.id))
    ids = {folded(name): place_id for name, place_id in rows}
    MemberPlace.delete().where(MemberPlace.member == member_id).execute()
    for name, street in places_in(text):
        if folded(name) in ids:
            MemberPlace.create(member=member_id, neighbourhood=ids[folded(name)], street=street)


def is_quiet(now: datetime) -> Any:
    """Condition on members: in their quiet hours, by the clock in Belgium, or before the end of their pause."""
    time, hours = f"{now.astimezone(LOCAL):%H:%M}", Member.quiet_hours
    begins, ends = fn.SUBSTR(hours, 1, 5), fn.SUBSTR(hours, 7, 5)
    in_a_day = (begins < ends) & (begins <= time) & (ends > time)
    over_midnight = (begins > ends) & ((begins <= time) | (ends > time))
    return (Member.quiet_until >= day_of(now)) | in_a_day | over_midnight


def forget_past_pauses(now: datetime) -> int:
    """Empty the pauses that are over; returns how many."""
    over = (Member.quiet_until != "") & (Member.quiet_until < day_of(now))
    with writing():
        return int(Member.update(quiet_until="").where(over).execute())
