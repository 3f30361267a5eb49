"""Readers of a neighbourhood's bulletins: its coordinators, else its reference address, else its deputy."""

from collections.abc import Collection, Iterable

from db.bulletins.feedback import people_of
from db.bulletins.values import BulletinCard, BulletinDraft, Correspondent, Gap, Readers
from db.engine.base import grouped
from db.models.bulletins import NeighbourhoodRelay
from db.models.people import Member, MemberGroup, Neighbourhood
from db.people.member_groups import in_group
from db.people.members.listing import agrees_to
from rules.states import LONGER


def readers_of(bulletin: BulletinCard | BulletinDraft) -> Readers:
    """The readers that a bulletin for these neighbourhoods would have now, in the order of the neighbourhoods; of a
    longer version the people of its alert.
    """
    if bulletin.category == LONGER:
        return Readers(people_of(bulletin.alert_id) if bulletin.alert_id else (), ())
    places = Neighbourhood.select().order_by(Neighbourhood.position, Neighbourhood.name)
    if not bulletin.everywhere:
        places = places.where(Neighbourhood.id.in_(list(bulletin.neighbourhood_ids)))
    people, gaps = _in_neighbourhoods(list(places))
    people += _in_groups(bulletin.group_ids, {reader.member_id for reader in people})
    return Readers(tuple(people), tuple(gaps))


def deputies(neighbourhood_ids: Iterable[int]) -> dict[int, Correspondent]:
    """The deputy of each of these neighbourhoods, if there is one who has an e-mail address and still lives there."""
    rows = (
        NeighbourhoodRelay.select(NeighbourhoodRelay, Member, Neighbourhood)
        .join(Member, on=(NeighbourhoodRelay.deputy == Member.id))
        .join_from(NeighbourhoodRelay, Neighbourhood)
        .where(NeighbourhoodRelay.neighbourhood.in_(list(neighbourhood_ids)), Member.email.is_null(False))
        .where(Member.neighbourhood == NeighbourhoodRelay.neighbourhood, Member.restricted_at.is_null())
    )
    return {
        row.neighbourhood_id: _reader(row.neighbourhood, row.deputy, row.deputy.email, deputy=True)
        for row in rows
        if row.deputy is not None and row.deputy.email
    }


def _in_neighbourhoods(places: list[Neighbourhood]) -> tuple[list[Correspondent], list[Gap]]:
    ids = [place.id for place in places]
    rows = Member.select().where(
        Member.neighbourhood.in_(ids), Member.role == "coordinator", Member.restricted_at.is_null()
    )
    by_place = grouped((row.neighbourhood_id, row) for row in rows.order_by(Member.last_name, Member.id))
    stand_ins = deputies(ids)
    people: list[Correspondent] = []
    gaps: list[Gap] = []
    for place in places:
        coordinators = by_place.get(place.id, [])
        if readers := _first_readers(place, coordinators):
            people += readers
        elif place.id in stand_ins:
            people.append(stand_ins[place.id])
        elif coordinators:
            gaps.append(Gap(place.id, place.name, "no_address", coordinators[0].full_name))
        else:
            gaps.append(Gap(place.id, place.name, "nobody"))
    return people, gaps


def _first_readers(place: Neighbourhood, coordinators: list[Member]) -> list[Correspondent]:
    """The coordinators who have an e-mail address; the reference address where none has one."""
    own = [_reader(place, member, member.email) for member in coordinators if member.email]
    if own or not place.reference_address:
        return own
    if coordinators:
        return [_reader(place, coordinators[0], place.reference_address)]
    return [Correspondent(place.id, place.name, None, "", place.reference_address, "fr")]


def _reader(place: Neighbourhood, member: Member, address: str, deputy: bool = False) -> Correspondent:
    return Correspondent(place.id, place.name, member.id, member.full_name, address, member.language, deputy)


def _in_groups(group_ids: Iterable[int], already: Collection[int | None]) -> list[Correspondent]:
    """The members of these groups who may get mail for it, once each: coordinators, and people who agreed to be in a
    mail group."""
    readers: dict[int, Correspondent] = {}
    for group in MemberGroup.select().where(MemberGroup.id.in_(list(group_ids))).order_by(MemberGroup.name):
        rows = Member.select().where(in_group(group), Member.email.is_null(False), Member.restricted_at.is_null())
        for row in rows.where((Member.role == "coordinator") | agrees_to("mail_group")).order_by(Member.id):
            reader = Correspondent(
                None, group.name, row.id, row.full_name, str(row.email), row.language, group_id=group.id
            )
            if row.id not in already:
                readers.setdefault(row.id, reader)
    return list(readers.values())
