"""Who stands behind the numbers and addresses that wrote."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from db.inbox.values import Item, Person, Ref
from db.models import Member, Neighbourhood

_UNKNOWN = Person((), "", "", "fr", None)


def persons_of(items: Sequence[Item]) -> dict[Ref, Person]:
    """Who wrote each of them."""
    numbers = {item.sender for item in items if item.ref.channel == "sms"}
    addresses = {item.sender for item in items if item.ref.channel == "mail" and item.sender}
    members: dict[str, list[Member]] = {}
    rows = Member.select(Member, Neighbourhood).join(Neighbourhood).order_by(Member.id)
    for row in rows.where(Member.mobile.in_(numbers) | Member.email.in_(addresses)):
        for contact in (numbers | addresses) & {row.mobile, row.email}:
            members.setdefault(contact, []).append(row)
    places = _reference_addresses(addresses)
    return {item.ref: _person(item.sender, members, places) for item in items}


def person_of(item: Item) -> Person:
    """Who wrote this one."""
    return persons_of([item])[item.ref]


def neighbourhood_at(address: str) -> str:
    """The neighbourhood whose reference address this is, where several people may read it; empty for none."""
    return _reference_addresses([address]).get(address, "")


def _reference_addresses(addresses: Iterable[str]) -> dict[str, str]:
    """Address → the neighbourhood whose reference address it is."""
    wanted = set(addresses)
    if not wanted:
        return {}
    rows = Neighbourhood.select(Neighbourhood.name, Neighbourhood.reference_address).order_by(Neighbourhood.position)
    return {row.reference_address.casefold(): row.name for row in rows if row.reference_address.casefold() in wanted}


def _person(contact: str, members: dict[str, list[Member]], places: dict[str, str]) -> Person:
    rows = members.get(contact, [])
    if not rows:
        place = places.get(contact)
        return Person((), place, "reference", "fr", None) if place else replace(_UNKNOWN, mobile=_callable(contact))
    first = next((row for row in rows if row.role == "coordinator"), rows[0])
    return Person(
        names=tuple(f"{row.first_name} {row.last_name}".strip() for row in rows),
        neighbourhood=first.neighbourhood.name,
        tie="coordinator" if first.role == "coordinator" else "member",
        language=first.language,
        member_id=first.id if len(rows) == 1 else None,
        mobile=_callable(contact) or first.mobile or "",
    )


def _callable(contact: str) -> str:
    """A whole number; a short code or a name cannot be called."""
    return contact if contact.startswith("+") else ""
