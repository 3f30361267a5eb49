"""Members by the data in a list, places by their names there, and earlier decisions about lists."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from db.engine.base import put, tuples
from db.models.people import Consent, ListColumns, Member, Neighbourhood, Street
from db.people.members.cards import MemberCard
from db.people.members.listing import cards_of
from rules.collation import folded


class Agreeing(NamedTuple):
    """A member who agreed to something."""

    member_id: int
    name: str
    name_key: str
    neighbourhood: str


def cards_known_by(ways: Collection[str], name_keys: Collection[str]) -> list[MemberCard]:
    """The members with one of these mobiles, addresses or names."""
    theirs = Member.mobile.in_(ways) | Member.email.in_(ways) | Member.name_key.in_(name_keys)
    return cards_of(member_id for (member_id,) in tuples(Member.select(Member.id).where(theirs)))


def ways_in_use(ways: Sequence[str]) -> set[str]:
    """Mobiles and addresses of the members who have one of these."""
    rows = Member.select(Member.mobile, Member.email).where(Member.mobile.in_(ways) | Member.email.in_(ways))
    return {way for both in tuples(rows) for way in both if way} if ways else set()


def people_who_agreed() -> list[Agreeing]:
    """The members who agreed to a channel, by name."""
    rows = (
        Member.select(Member.id, Member.first_name, Member.last_name, Member.name_key, Neighbourhood.name)
        .join(Neighbourhood)
        .where(Member.id.in_(Consent.select(Consent.member).where(Consent.given)))
        .order_by(Member.name_key, Member.id)
    )
    return [
        Agreeing(member_id, f"{first} {last}".strip(), key, place)
        for member_id, first, last, key, place in tuples(rows)
    ]


def places_of_streets() -> dict[str, str]:
    """By folded name, the neighbourhood of every street that the zone's list has in one alone."""
    places: dict[str, set[str]] = {}
    for street, place in tuples(Street.select(Street.folded, Neighbourhood.name).join(Neighbourhood)):
        places.setdefault(street, set()).add(place)
    return {street: next(iter(names)) for street, names in places.items() if len(names) == 1}


def said_of(texts: Iterable[Sequence[str]]) -> dict[tuple[str, ...], list[str]]:
    """The fields that somebody assigned to these headers before; a header is a row of headings."""
    by_digest = {_digest(text): tuple(text) for text in texts}
    rows = ListColumns.select(ListColumns.header, ListColumns.columns).where(ListColumns.header.in_(list(by_digest)))
    return {by_digest[digest]: json.loads(columns) for digest, columns in tuples(rows)}


def keep_said(said: Mapping[tuple[str, ...], Sequence[str]], now: datetime) -> None:
    """Store the fields assigned to these headers; inside the caller's transaction."""
    for header, columns in said.items():
        put(ListColumns, {"header": _digest(header)}, columns=json.dumps(list(columns)), at=now)


def _digest(header: Sequence[str]) -> str:
    return sha256("\n".join(map(folded, header)).encode()).hexdigest()
