"""Readers of a neighbourhood's bulletins: its coordinators, else its reference address, else its deputy."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from db.bulletins.feedback import people_of
from db.bulletins.values import BulletinCard, BulletinDraft, Correspondent, Gap, Readers
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
    query = Neighbourhood.select().order_by(Neighbourhood.position, Neighbourhood.name)
    if not bulletin.everywhere:
        query = query.where(Neighbourhood.id.in_(list(bulletin.neighbourhood_ids)))
    found = _readers(list(query))
    return replace(found, people=(*found.people, *_in_groups(bulletin.group_ids, found.people)))


def _mailed_in(group: MemberGroup) -> Any:
    """The query of a group's members who may get mail for it: coordinators, and who agreed to be in a mail group."""
    rows = Member.select().where(in_group(group), Member.email.is_null(False), Member.restricted_at.is_null())
    return rows.where((Member.role == "coordinator") | agrees_to("mail_group"))


def _in_groups(group_ids: Iterable[int], already: Iterable[Correspondent]) -> list[Correspondent]:
    """Readers of the groups, each once."""
    seen, found = {one.member_id for one in already}, list[Correspondent]()
    for group in MemberGroup.select().where(MemberGroup.id.in_(list(group_ids))).order_by(MemberGroup.name):
        for member in _mailed_in(group).order_by(Member.id):
            if member.id not in seen:
                seen.add(member.id)
                name, address, language = member.full_name, member.email, member.language
                found.append(
                    Correspondent(None, group.name, member.id, name, address, language, group_id=int(group.id))
                )
    return found


def deputies(neighbourhood_ids: Iterable[int]) -> dict[int, Correspondent]:
    """The deputy of each of these neighbourhoods that has one with an e-mail, who still lives there."""
    rows = (
        NeighbourhoodRelay.select(NeighbourhoodRelay, Member, Neighbourhood)
        .join(Member, on=(NeighbourhoodRelay.deputy == Member.id))
        .join_from(NeighbourhoodRelay, Neighbourhood)
        .where(NeighbourhoodRelay.neighbourhood.in_(list(neighbourhood_ids)), Member.email.is_null(False))
        .where(Member.neighbourhood == NeighbourhoodRelay.neighbourhood, Member.restricted_at.is_null())
    )
    return {
        row.neighbourhood_id: _of(row.neighbourhood, row.deputy, row.deputy.email, deputy=True)
        for row in rows
        if row.deputy is not None and row.deputy.email
    }


def _readers(places: list[Neighbourhood]) -> Readers:
    ids = [place.id for place in places]
    coordinators: dict[int, list[Member]] = {each: [] for each in ids}
    query = Member.select().where(
        Member.neighbourhood.in_(ids), Member.role == "coordinator", Member.restricted_at.is_null()
    )
    for member in query.order_by(Member.last_name, Member.id):
        coordinators[member.neighbourhood_id].append(member)
    stand_ins = deputies(ids)
    people: list[Correspondent] = []
    gaps: list[Gap] = []
    for place in places:
        found = _first_readers(place, coordinators[place.id])
        if not found and place.id in stand_ins:
            found = [stand_ins[place.id]]
        people += found
        if not found:
            gaps.append(_gap(place, coordinators[place.id]))
    return Readers(tuple(people), tuple(gaps))


def _first_readers(place: Neighbourhood, coordinators: list[Member]) -> list[Correspondent]:
    """Each coordinator at their own e-mail address; the reference address where no coordinator has one."""
    own = [_of(place, member, member.email) for member in coordinators if member.email]
    if own or not place.reference_address:
        return own
    if coordinators:
        return [_of(place, coordinators[0], place.reference_address)]
    return [Correspondent(place.id, place.name, None, "", place.reference_address, "fr")]


def _of(place: Neighbourhood, member: Member, address: str, deputy: bool = False) -> Correspondent:
    return Correspondent(place.id, place.name, member.id, member.full_name, address, member.language, deputy)


def _gap(place: Neighbourhood, coordinators: list[Member]) -> Gap:
    if coordinators:
        return Gap(place.id, place.name, "no_address", coordinators[0].full_name)
    return Gap(place.id, place.name, "nobody")
