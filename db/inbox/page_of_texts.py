"""Texts that came in as an officer reads them: from which member, and which parts are missing."""

from collections.abc import Iterable
from dataclasses import dataclass

from db.inbound import InboundCard, inbound_messages
from db.models import InboundPart, Member, Neighbourhood, tuples


@dataclass(frozen=True, slots=True)
class InboxRow:
    """`names` are the members with that number, most often one or none; `missing` are parts, counted from 1."""

    card: InboundCard
    names: tuple[str, ...]
    neighbourhood: str
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class InboxPage:
    """One page, newest first; `page` counts from 1."""

    rows: list[InboxRow]
    total: int
    page: int
    pages: int


def inbox(page: int = 1, per_page: int = 50) -> InboxPage:
    """The texts that came in, with who sent them."""
    found = inbound_messages(page, per_page)
    members = _members({card.sender for card in found.rows})
    there = _parts([card.id for card in found.rows if card.parts < card.total])
    rows = [
        InboxRow(
            card=card,
            names=tuple(name for name, _place in members.get(card.sender, [])),
            neighbourhood=next((place for _name, place in members.get(card.sender, [])), ""),
            missing=tuple(seq for seq in range(1, card.total + 1) if seq not in there.get(card.id, range(1, 256))),
        )
        for card in found.rows
    ]
    return InboxPage(rows, found.total, found.page, found.pages)


def _members(numbers: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Number → (name, neighbourhood) of each member who has it."""
    query = (
        Member.select(Member.mobile, Member.first_name, Member.last_name, Neighbourhood.name)
        .join(Neighbourhood)
        .where(Member.mobile.in_(list(numbers)))
        .order_by(Member.id)
    )
    members: dict[str, list[tuple[str, str]]] = {}
    for mobile, first_name, last_name, place in tuples(query):
        members.setdefault(mobile, []).append((f"{first_name} {last_name}".strip(), place))
    return members


def _parts(ids: Iterable[int]) -> dict[int, set[int]]:
    """Message → the places of the parts that are there."""
    parts: dict[int, set[int]] = {}
    for message, seq in tuples(
        InboundPart.select(InboundPart.message, InboundPart.seq).where(InboundPart.message.in_(list(ids)))
    ):
        parts.setdefault(message, set()).add(seq)
    return parts
