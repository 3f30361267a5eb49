"""Further places of members, besides their home: people with a place somewhere are alerted like those who live
there."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from db.engine.base import grouped, tuples
from db.engine.cached_queries import Prepared
from db.models.people import Member, MemberPlace, Neighbourhood
from rules.collation import folded
from rules.members.places import places_in, written_places

_OF = Prepared(
    lambda ids: (
        MemberPlace.select(MemberPlace.member, Neighbourhood.id, Neighbourhood.name, MemberPlace.street)
        .join(Neighbourhood)
        .where(MemberPlace.member.in_(ids))
        .order_by(MemberPlace.id)
        .tuples()
    )
)


def lives_at(places: Any) -> Any:
    """Condition on members: their home or a further place of theirs is in one of these neighbourhoods, ids or a query
    of ids.
    """
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


def with_places() -> set[int]:
    """The members who have a further place."""
    return {member_id for (member_id,) in tuples(MemberPlace.select(MemberPlace.member).distinct())}


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
