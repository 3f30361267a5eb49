"""A neighbourhood's Google Group with its probes, mails that come back to the zone's mailbox; its deputy; and the
readers of its bulletins: its coordinators, else its reference address, else its deputy."""

from collections.abc import Collection, Iterable
from datetime import datetime

from db.bulletins.drafts import people_of
from db.bulletins.relay import number_in
from db.bulletins.values import BulletinCard, BulletinDraft, Correspondent, Gap, GroupCard, Readers
from db.engine.base import grouped, put, tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import writing
from db.models.accounts import Account
from db.models.bulletins import GroupProbe, NeighbourhoodRelay
from db.models.people import Member, MemberGroup, Neighbourhood
from db.people.member_groups import in_group
from db.people.members.cards import lives_at
from db.people.members.listing import agrees_to
from rules.states import LONGER

_COORDINATORS = Prepared(
    Member.select(Member.id, Member.neighbourhood)
    .join(Account, on=(Member.mobile == Account.mobile) | (Member.email == Account.email))
    .where(Account.id == given("account"), Account.active, Member.role == "coordinator")
)


def group(neighbourhood_id: int) -> GroupCard | None:
    """The group of a neighbourhood. A third party gets only the addresses of those who agreed to it."""
    place = Neighbourhood.get_or_none(Neighbourhood.id == neighbourhood_id)
    if place is None:
        return None
    row = NeighbourhoodRelay.get_or_none(NeighbourhoodRelay.neighbourhood == neighbourhood_id)
    named = row.deputy if row is not None and row.deputy_id else None
    # Whoever moved away gets nothing for this neighbourhood any more.
    deputy = named if named is not None and named.neighbourhood_id == neighbourhood_id else None
    mailed = Member.select(Member.email).where(lives_at([neighbourhood_id]), Member.email.is_null(False))
    mailed = mailed.distinct().order_by(Member.email)
    with_address = [email for (email,) in tuples(mailed)]
    addresses = [email for (email,) in tuples(mailed.where(agrees_to("mail_group")))]
    return GroupCard(
        neighbourhood_id=place.id,
        place=place.name,
        group_address=row.group_address if row is not None else "",
        deputy_id=deputy.id if deputy is not None else None,
        deputy=deputy.full_name if deputy is not None else "",
        addresses=tuple(addresses),
        without_consent=len(with_address) - len(addresses),
    )


def possible_deputies(neighbourhood_id: int) -> list[tuple[int, str]]:
    """(id, name) of the neighbourhood's members with an e-mail who are not its coordinators."""
    rows = Member.select(Member.id, Member.first_name, Member.last_name).where(
        Member.neighbourhood == neighbourhood_id, Member.email.is_null(False), Member.role != "coordinator"
    )
    ordered = rows.order_by(Member.last_name, Member.first_name, Member.id)
    return [(member_id, f"{first} {last}".strip()) for member_id, first, last in tuples(ordered)]


def put_relaying(neighbourhood_id: int, deputy_id: int | None, group_address: str) -> None:
    """Write the deputy and the group's address of a neighbourhood."""
    put(NeighbourhoodRelay, {"neighbourhood": neighbourhood_id}, deputy=deputy_id, group_address=group_address)


def neighbourhoods_of_account(account_id: int) -> list[int]:
    """Neighbourhoods that have a coordinator with the mobile or e-mail of this account."""
    return sorted(set(coordinators_of_account(account_id).values()))


def coordinators_of_account(account_id: int) -> dict[int, int]:
    """The coordinators with the mobile or e-mail of this account, by member id, with their neighbourhoods."""
    return dict(_COORDINATORS.rows(account=account_id))


def last_probe(neighbourhood_id: int) -> GroupProbe | None:
    """The newest probe of this neighbourhood's group."""
    probes = GroupProbe.select().where(GroupProbe.neighbourhood == neighbourhood_id)
    return probes.order_by(GroupProbe.id.desc()).first() or None


def add_probe(neighbourhood_id: int, address: str, by: str, now: datetime) -> int:
    """Store a probe of the group at this address; returns its id."""
    return int(GroupProbe.create(neighbourhood=neighbourhood_id, address=address, asked_by=by, asked_at=now).id)


def apply_probe(token: str, now: datetime) -> bool:
    """Mark the probe of this token as arrived, once; False for a token of none."""
    probe_id = number_in("probe", token)
    if probe_id is None:
        return False
    with writing():
        this = GroupProbe.id == probe_id
        GroupProbe.update(arrived_at=now).where(this, GroupProbe.arrived_at.is_null()).execute()
        return bool(GroupProbe.select().where(this).exists())


def readers_of(bulletin: BulletinCard | BulletinDraft) -> Readers:
    """The readers that a bulletin would have now, by neighbourhood; of a longer version those of its alert."""
    if bulletin.category == LONGER:
        return Readers(people_of(bulletin.alert_id) if bulletin.alert_id else (), ())
    places = Neighbourhood.select().order_by(Neighbourhood.position, Neighbourhood.name)
    if not bulletin.everywhere:
        places = places.where(Neighbourhood.id.in_(list(bulletin.neighbourhood_ids)))
    people, gaps = _in_neighbourhoods(list(places))
    people += _in_groups(bulletin.group_ids, {reader.member_id for reader in people})
    return Readers(tuple(people), tuple(gaps))


def deputies(neighbourhood_ids: Iterable[int]) -> dict[int, Correspondent]:
    """The deputies of these neighbourhoods who have an e-mail address and still live in theirs."""
    rows = (
        NeighbourhoodRelay.select(NeighbourhoodRelay, Member, Neighbourhood)
        .join(Member, on=(NeighbourhoodRelay.deputy == Member.id))
        .join_from(NeighbourhoodRelay, Neighbourhood)
        .where(NeighbourhoodRelay.neighbourhood.in_(list(neighbourhood_ids)), Member.email.is_null(False))
        .where(Member.neighbourhood == NeighbourhoodRelay.neighbourhood, Member.restricted_at.is_null())
    )
    with_address = [(row.neighbourhood, row.deputy) for row in rows if row.deputy is not None and row.deputy.email]
    return {place.id: _reader(place, member, str(member.email), deputy=True) for place, member in with_address}


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
    """The members of these groups who may get mail for it: coordinators, and those who agree to group mail."""
    readers: dict[int, Correspondent] = {}
    for group in MemberGroup.select().where(MemberGroup.id.in_(list(group_ids))).order_by(MemberGroup.name):
        rows = Member.select().where(in_group(group), Member.email.is_null(False), Member.restricted_at.is_null())
        for row in rows.where((Member.role == "coordinator") | agrees_to("mail_group")).order_by(Member.id):
            if row.id not in already and row.id not in readers:
                person = (row.id, row.full_name, str(row.email), row.language)
                readers[row.id] = Correspondent(None, group.name, *person, group_id=group.id)
    return list(readers.values())
