"""A neighbourhood's Google Group; and the readers of its bulletins: its coordinators, else its reference address."""

from collections.abc import Collection, Iterable

from db.bulletins.values import BulletinCard, BulletinDraft, Correspondent, Gap, GroupCard, Readers
from db.engine.base import grouped, tuples
from db.engine.cached_queries import Prepared, given
from db.models.accounts import Account
from db.models.people import Member, MemberGroup, Neighbourhood
from db.people.member_groups import in_groups
from db.people.members.cards import lives_at
from db.people.members.listing import agrees_to

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
    mailed = Member.select(Member.email).where(lives_at([neighbourhood_id]), Member.email.is_null(False))
    mailed = mailed.distinct().order_by(Member.email)
    with_address = [email for (email,) in tuples(mailed)]
    addresses = [email for (email,) in tuples(mailed.where(agrees_to("mail_group")))]
    return GroupCard(
        neighbourhood_id=place.id,
        place=place.name,
        group_address=place.group_address,
        addresses=tuple(addresses),
        without_consent=len(with_address) - len(addresses),
    )


def put_group_address(neighbourhood_id: int, address: str) -> bool:
    """Write the address of a neighbourhood's group; False for an unknown one."""
    return bool(Neighbourhood.update(group_address=address).where(Neighbourhood.id == neighbourhood_id).execute())


def neighbourhoods_of_account(account_id: int) -> list[int]:
    """Neighbourhoods that have a coordinator with the mobile or e-mail of this account."""
    return sorted(set(coordinators_of_account(account_id).values()))


def coordinators_of_account(account_id: int) -> dict[int, int]:
    """The coordinators with the mobile or e-mail of this account, by member id, with their neighbourhoods."""
    return dict(_COORDINATORS.rows(account=account_id))


def readers_of(bulletin: BulletinCard | BulletinDraft) -> Readers:
    """The readers that a bulletin would have now, by neighbourhood."""
    places = Neighbourhood.select().order_by(Neighbourhood.position, Neighbourhood.name)
    if not bulletin.everywhere:
        places = places.where(Neighbourhood.id.in_(list(bulletin.neighbourhood_ids)))
    people, gaps = _in_neighbourhoods(list(places))
    people += _in_groups(bulletin.group_ids, {reader.member_id for reader in people})
    return Readers(tuple(people), tuple(gaps))


def _in_neighbourhoods(places: list[Neighbourhood]) -> tuple[list[Correspondent], list[Gap]]:
    ids = [place.id for place in places]
    rows = Member.select().where(
        Member.neighbourhood.in_(ids), Member.role == "coordinator", Member.restricted_at.is_null()
    )
    by_place = grouped((row.neighbourhood_id, row) for row in rows.order_by(Member.last_name, Member.id))
    people: list[Correspondent] = []
    gaps: list[Gap] = []
    for place in places:
        coordinators = by_place.get(place.id, [])
        if readers := _first_readers(place, coordinators):
            people += readers
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
    nobody = (None, "", place.reference_address, "fr")
    return [Correspondent(place.id, place.name, *nobody, group_address=place.group_address)]


def _reader(place: Neighbourhood, member: Member, address: str) -> Correspondent:
    person = (member.id, member.full_name, address, member.language)
    return Correspondent(place.id, place.name, *person, group_address=place.group_address)


def _in_groups(group_ids: Iterable[int], already: Collection[int | None]) -> list[Correspondent]:
    """The members of these groups who may get mail for it: coordinators, and those who agree to group mail."""
    readers: dict[int, Correspondent] = {}
    for group in MemberGroup.select().where(MemberGroup.id.in_(list(group_ids))).order_by(MemberGroup.name):
        rows = Member.select().where(in_groups([group.id]), Member.email.is_null(False), Member.restricted_at.is_null())
        for row in rows.where((Member.role == "coordinator") | agrees_to("mail_group")).order_by(Member.id):
            if row.id not in already and row.id not in readers:
                person = (row.id, row.full_name, str(row.email), row.language)
                readers[row.id] = Correspondent(None, group.name, *person, group_id=group.id)
    return list(readers.values())
