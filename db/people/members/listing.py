"""Readers of members and neighbourhoods; members by the data of a list, and earlier decisions about lists."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from peewee import SQL, fn

from db.engine.base import Page, grouped, page_of, put, tuples
from db.engine.cached_queries import Prepared
from db.journal.reading import until_journaled
from db.models.broadcasts import Broadcast, Message, Part
from db.models.people import Consent, ListColumns, Member, Neighbourhood, Street
from db.people.members.cards import ConsentCard, MemberCard, NeighbourhoodCard, by_place, lives_at, places_of, text_of
from rules.collation import folded, sought
from rules.states import PartState, Stage

# A search with fewer results is narrow.
_NARROW = 500
# A number as people type it, whole or in part: three digits at least, and what stands between them.
_NUMBER = re.compile(r"[\s+(]*(?:[0-9][\s./()-]*){3,}")
_IN_ORDER = Neighbourhood.select(Neighbourhood.id, Neighbourhood.name).order_by(
    Neighbourhood.position, Neighbourhood.name
)
_NAMES = Prepared(_IN_ORDER)
_ANYBODY = Prepared(lambda: reachable_members().select(SQL("1")).limit(1))
_ORDERS = {
    "name": (Member.name_key, Member.searchable, Member.id),
    # With the neighbourhood's id, which two indexes are read for and nothing is sorted.
    "neighbourhood": (Neighbourhood.position, Neighbourhood.name, Neighbourhood.id, Member.name_key, Member.id),
    "added": (Member.id.desc(),),
}
# The fields of a card that are columns of its member, the id first.
_COLUMNS = [own.name for own in fields(MemberCard) if own.name in Member._meta.combined]
_OWN = ["id", *(name for name in _COLUMNS if name not in ("id", "neighbourhood"))]
_SAID = ConsentCard.__slots__
_ROWS = Member.select(*(getattr(Member, name) for name in _OWN), Neighbourhood.name).join(Neighbourhood)
_CARDS = Prepared(lambda ids: _ROWS.where(Member.id.in_(ids)).order_by(Member.id).tuples())
_GIVEN = Consent.select(Consent.member, *(getattr(Consent, name) for name in _SAID)).order_by(Consent.channel)
_ANSWERS = Prepared(lambda ids: _GIVEN.where(Consent.member.in_(ids)).tuples())
_KNOWN_BY = Prepared(
    lambda ways, name_keys: Member.select(Member.id).where(
        Member.mobile.in_(ways) | Member.email.in_(ways) | Member.name_key.in_(name_keys)
    )
)
_AT_ONCE = 512


@until_journaled
def neighbourhoods() -> list[NeighbourhoodCard]:
    """All neighbourhoods in their order, with how many people and numbers they hold."""
    rows = Neighbourhood.select().order_by(Neighbourhood.position, Neighbourhood.name)
    return _neighbourhood_cards(rows, Member.select(), reachable_members())


def neighbourhood(neighbourhood_id: int) -> NeighbourhoodCard | None:
    """The neighbourhood of this id, with how many people and numbers it holds."""
    row, there = Neighbourhood.select().where(Neighbourhood.id == neighbourhood_id), lives_at([neighbourhood_id])
    cards = _neighbourhood_cards(row, Member.select().where(there), reachable_members().where(there))
    return cards[0] if cards else None


def _neighbourhood_cards(rows: Any, everybody: Any, reachable: Any) -> list[NeighbourhoodCard]:
    people_there = fn.COUNT(Member.id)
    people = by_place(everybody, people_there)
    without = by_place(everybody.where(Member.mobile.is_null()), people_there)
    active = by_place(reachable, people_there)
    numbers = by_place(reachable, fn.COUNT(fn.DISTINCT(Member.mobile)))
    return [
        NeighbourhoodCard(
            row.id,
            row.name,
            row.position,
            row.reference_address,
            people[row.id],
            without[row.id],
            active[row.id],
            numbers[row.id],
        )
        for row in rows
    ]


@until_journaled
def homes() -> dict[int, int]:
    """By id of a member their neighbourhood's."""
    return dict(tuples(Member.select(Member.id, Member.neighbourhood)))


def neighbourhood_names() -> dict[int, str]:
    """The neighbourhoods' names by id, in their order; queried with every piece of an act on many members."""
    return dict(_NAMES.rows())


def reachable_members() -> Any:
    """The query of members whom an SMS may go to: a number, and consent for it."""
    return (
        Member.select()
        .join(Consent, on=(Consent.member == Member.id))
        .where(Consent.channel == "sms", Consent.given, Member.mobile.is_null(False))
    )


def anybody_to_alert() -> bool:
    """True when an SMS may go to somebody of the list."""
    return _ANYBODY.first() is not None


def agrees_to(channel: str) -> Any:
    """Condition on members: they agreed to `sms` or to `mail_group`."""
    return fn.EXISTS(Consent.select().where(Consent.member == Member.id, Consent.channel == channel, Consent.given))


@dataclass(frozen=True, slots=True)
class Filter:
    """The members to list; empty fields are no condition. `among` is a condition on members, such as a group's.
    `search` looks in names, numbers, addresses and streets. `consent` is sms, mail_group or none; `delivery`, of the
    last alert: received, not_received, not_sent. `order` is name, neighbourhood or added (newest first).
    """

    search: str = ""
    neighbourhood_id: int | None = None
    among: Any = None
    consent: str = ""
    language: str = ""
    role: str = ""
    delivery: str = ""
    since: datetime | None = None
    order: str = "name"

    def ids(self) -> Any:
        """Only their ids, in no order: the whole list by name is then one index."""
        rows = Member.select(Member.id)
        if self.order == "neighbourhood":
            rows = rows.join(Neighbourhood)
        for condition in self.conditions():
            rows = rows.where(condition)
        return rows

    def ordered(self, rows: Any) -> Any:
        return rows.order_by(*_ORDERS.get(self.order, _ORDERS["name"]))

    def conditions(self) -> Iterator[Any]:
        """The conditions on members, all of which hold; none where everybody is listed."""
        if self.among is not None:
            yield self.among
        if self.neighbourhood_id is not None:
            yield lives_at([self.neighbourhood_id])
        if self.language:
            yield Member.language == self.language
        if self.role:
            yield Member.role == self.role
        if self.since is not None:
            yield Member.created_at >= self.since
        if self.consent == "none":
            yield ~fn.EXISTS(Consent.select().where(Consent.member == Member.id, Consent.given))
        elif self.consent:
            yield agrees_to(self.consent)
        if self.delivery:
            yield _delivered(self.delivery)
        yield from _searched(self.search)


_EVERYBODY = Filter()


def members(wanted: Filter = _EVERYBODY, page: int = 1, per_page: int = 25) -> Page[MemberCard]:
    """A page of these members in their order."""
    rows = wanted.ids()
    if wanted.search:
        # A search reads every member: of a narrow one that is done once, for the number and for the page.
        narrow = _listed(wanted.ordered(rows).limit(_NARROW))
        if len(narrow) < _NARROW:
            return page_of(narrow, len(narrow), page, per_page, cards_in_order)
    # A group is a query, which is no key; how an alert went changes with every report.
    total = rows.count() if wanted.among is not None or wanted.delivery else _number(wanted)
    return page_of(wanted.ordered(rows), total, page, per_page, lambda ids: cards_in_order(_listed(ids)))


@until_journaled
def _number(wanted: Filter) -> int:
    return int(wanted.ids().count())


def members_after(after: int, limit: int) -> list[MemberCard]:
    """So many members of a higher number, by number, without those whose data are kept and not used."""
    rows = Member.select(Member.id).where(Member.id > after, Member.restricted_at.is_null())
    return cards_in_order(_listed(rows.order_by(Member.id).limit(limit)))


def filtered_ids(wanted: Filter) -> list[int]:
    """All of them, by id."""
    return _listed(wanted.ordered(wanted.ids()))


def _listed(ids: Any) -> list[int]:
    return [member_id for (member_id,) in tuples(ids)]


def cards_in_order(ids: Sequence[int]) -> list[MemberCard]:
    """`cards_of` these members, in this order."""
    cards = {card.id: card for card in cards_of(ids)}
    return [cards[member_id] for member_id in ids if member_id in cards]


def _delivered(how: str) -> Any:
    """By the last alert: only TP-ST 0x00 of every part is received."""
    last = (
        Broadcast.select(Broadcast.id)
        .where(Broadcast.kind == "alert", Broadcast.stage.in_([Stage.QUEUED, Stage.PAUSED, Stage.FINISHED]))
        .order_by(Broadcast.id.desc())
        .limit(1)
    )
    sent = Message.select(Message.member).where(Message.broadcast == last, Message.member.is_null(False))
    lacking = sent.join(Part, on=(Part.message == Message.id)).where(Part.state != PartState.DELIVERED)
    if how == "not_sent":
        return Member.id.not_in(sent)
    return Member.id.in_(lacking) if how == "not_received" else Member.id.in_(sent) & Member.id.not_in(lacking)


def _searched(search: str) -> Iterator[Any]:
    if _NUMBER.fullmatch(search):
        # The digits that a stored number has too, of one typed with `0`, `00`, `(0)` or separators.
        yield Member.searchable.contains(re.sub(r"\D", "", search.replace("(0)", "")).lstrip("0"))
    else:
        for word in search.split():
            yield Member.searchable.contains(sought(word) or word)


def ids_with(mobile: str) -> list[int]:
    """The members with this mobile."""
    return _listed(Member.select(Member.id).where(Member.mobile == mobile).order_by(Member.id))


def member(member_id: int) -> MemberCard | None:
    """One member."""
    return next(iter(cards_of([member_id])), None)


def cards_of(ids: Iterable[int]) -> list[MemberCard]:
    """These members, by id; deleted ones are left out. From bare rows: an import makes three cards per person."""
    wanted, cards = sorted(set(ids)), list[MemberCard]()
    for start in range(0, len(wanted), _AT_ONCE):
        rows = _CARDS.results(ids=wanted[start : start + _AT_ONCE])
        answers = _ANSWERS.results(ids=[row[0] for row in rows])
        said = grouped((member_id, ConsentCard(*answer)) for member_id, *answer in answers)
        places = places_of([row[0] for row in rows]) if rows else {}
        cards += [_card(row, said.get(row[0], []), text_of(places.get(row[0], ()))) for row in rows]
    return cards


def _card(row: tuple[Any, ...], consents: list[ConsentCard], other_places: str) -> MemberCard:
    agreed = {consent.channel for consent in consents if consent.given}
    own: dict[str, Any] = dict(zip(_OWN, row, strict=False))
    return MemberCard(
        **own,
        neighbourhood=row[-1],
        sms="sms" in agreed,
        mail_group="mail_group" in agreed,
        consents=tuple(consents),
        other_places=other_places,
    )


def shared_numbers() -> set[str]:
    """Numbers that two members have."""
    query = Member.select(Member.mobile).where(Member.mobile.is_null(False)).group_by(Member.mobile)
    return {mobile for (mobile,) in tuples(query.having(fn.COUNT(Member.id) > 1))}


class Agreeing(NamedTuple):
    """A member who agreed to something."""

    member_id: int
    name: str
    name_key: str
    neighbourhood: str


def cards_known_by(ways: Collection[str], name_keys: Collection[str]) -> list[MemberCard]:
    """The members with one of these mobiles, addresses or names."""
    return cards_of(member_id for (member_id,) in _KNOWN_BY.rows(ways=list(ways), name_keys=list(name_keys)))


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
    rows = Street.select(Street.folded, Neighbourhood.name).join(Neighbourhood).distinct()
    places: dict[str, list[str]] = grouped(tuples(rows))
    return {street: names[0] for street, names in places.items() if len(names) == 1}


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
