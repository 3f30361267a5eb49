"""A neighbourhood's Google Group: its address and members, and its probes, mails to its address which come back to the
zone's own mailbox; and its deputy, who replaces the coordinator.
"""

from datetime import datetime

from db.bulletins.relay import number_in
from db.bulletins.values import GroupCard
from db.engine.base import put, tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import writing
from db.models.accounts import Account
from db.models.bulletins import GroupProbe, NeighbourhoodRelay
from db.models.people import Member, Neighbourhood
from db.people.members.listing import agrees_to
from db.people.members.places import lives_at

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
    newest: GroupProbe | None = probes.order_by(GroupProbe.id.desc()).first()
    return newest


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
