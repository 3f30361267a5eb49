"""Texts and mails as values, with what was done about them, and the persons whom they came from."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, NamedTuple

from db.engine.base import grouped, tuples
from db.engine.cached_queries import Prepared
from db.inbound.replies.judging import verdicts
from db.models.bulletins import NeighbourhoodRelay
from db.models.mail import InboundMail
from db.models.modem_records import InboundMessage, InboundPart, InboundVerdict
from db.models.people import Member, Neighbourhood
from db.people.members.cards import MemberCard
from db.people.members.listing import cards_of
from rules.replies.values import Meaning, Silence

Channel = Literal["sms", "mail"]
# In the officer's words by e-mail or by SMS, or the local police station's.
AnswerKind = Literal["letter", "text", "station"]
# What a machine sent, or came back from ourselves.
_BY_MACHINES = (Silence.OWN, Silence.ECHO, Silence.AUTOMATIC)
# Google's and Microsoft's; those of the neighbourhoods are known, whatever they are called.
_GROUPS = ("@googlegroups.com", "@groups.google.com", "@groups.outlook.com", "@groups.io")


class Ref(NamedTuple):
    """One text or one mail: which kind, and its number among its kind."""

    channel: Channel
    id: int


@dataclass(frozen=True, slots=True)
class Item:
    """One text or one mail that came in. `sender` is a number or an address, as it came, perhaps empty; `answer_to` is
    where an answer goes, `answers_mail` the number of our mail. `is_automatic`: not written by hand. `missing` parts,
    from 1 to `total`, are not expected after `given_up_at`. `handled_by` is empty for a message that needed no person.
    """

    ref: Ref
    at: datetime
    sender: str
    answer_to: str
    text: str
    is_automatic: bool
    is_open: bool
    handled_at: datetime | None
    taken_by: str
    taken_at: datetime | None
    handled_by: str
    # of a mail
    sender_name: str = ""
    subject: str = ""
    quoted: str = ""
    message_id: str = ""
    answers_mail: int | None = None
    enclosures: tuple[str, ...] = ()
    size_bytes: int = 0
    is_shortened: bool = False
    is_unreadable: bool = False
    # of a text
    missing: tuple[int, ...] = ()
    total: int = 1
    given_up_at: datetime | None = None
    simulated: bool = False
    mms_octets: int | None = None
    verdict: InboundVerdict | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """`names` are the members with that number or address; `mobile` is empty where none is known. `tie` `reference` is
    a neighbourhood's address; `language` is theirs, or French."""

    names: tuple[str, ...]
    neighbourhood: str
    tie: Literal["coordinator", "member", "reference", ""]
    language: str
    member_id: int | None
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class ThreadCard:
    """A conversation. `open` of its `items` are to be looked at; `taken_by` may be empty; `is_alarm`: one rings."""

    person: Person
    last: Item
    items: int
    open: int
    taken_by: str
    is_alarm: bool


_UNKNOWN = Person((), "", "", "fr", None)
_TEXTS = Prepared(lambda ids: InboundMessage.select().where(InboundMessage.id.in_(ids)))
_MAILS = Prepared(lambda ids: InboundMail.select().where(InboundMail.id.in_(ids)))
# (contact, member) of the members with these numbers, or with these addresses.
WITH_MOBILE, WITH_EMAIL = (
    Prepared(lambda contacts, column=column: Member.select(column, Member.id).where(column.in_(contacts)))
    for column in (Member.mobile, Member.email)
)


def items_of(refs: Iterable[Ref]) -> list[Item]:
    """The messages that exist, in the given order."""
    wanted = list(refs)
    mails = [_mail(row) for row in _MAILS.results(ids=ids_of(wanted, "mail"))]
    items = {item.ref: item for item in [*_texts(ids_of(wanted, "sms")), *mails]}
    return [items[ref] for ref in wanted if ref in items]


def ref_of(row: Any) -> Ref | None:
    """The message that a row is about: its `text` or its `mail`; None for neither."""
    if row.text_id is not None:
        return Ref("sms", row.text_id)
    return Ref("mail", row.mail_id) if row.mail_id is not None else None


def ids_of(refs: Iterable[Ref], channel: Channel) -> list[int]:
    """The numbers of the messages that came by this channel."""
    return [ref.id for ref in refs if ref.channel == channel]


def _texts(ids: list[int]) -> list[Item]:
    rows = _TEXTS.results(ids=ids)
    judged = verdicts([row.id for row in rows])
    several = [row.id for row in rows if row.total > 1]
    parts = InboundPart.select(InboundPart.message, InboundPart.seq).where(InboundPart.message.in_(several))
    # The places of the parts that arrived, by text.
    arrived: dict[int, list[int]] = grouped(tuples(parts)) if several else {}
    return [_text(row, judged.get(row.id), arrived.get(row.id, [])) for row in rows]


def _text(row: Any, verdict: InboundVerdict | None, arrived: Collection[int]) -> Item:
    return _item(
        row,
        ref=Ref("sms", row.id),
        answer_to=row.sender,
        # What rings is somebody's until an officer has looked.
        is_automatic=verdict is not None and verdict.silence in _BY_MACHINES and verdict.meaning is not Meaning.ALARM,
        is_open=row.handled_at is None,
        missing=tuple(seq for seq in range(1, row.total + 1) if seq not in arrived) if row.total > 1 else (),
        verdict=verdict,
    )


def _mail(row: Any) -> Item:
    automatic = row.kind == "automatic"
    return _item(
        row,
        ref=Ref("mail", row.id),
        answer_to=row.reply_to or row.sender,
        enclosures=tuple(json.loads(row.enclosures)),
        is_unreadable=row.kind == "unreadable",
        is_automatic=automatic,
        is_open=row.handled_at is None and not automatic,
    )


def _item(row: Any, **values: Any) -> Item:
    """The columns that the row has of an item, and `values`."""
    columns = {name: getattr(row, name) for name in Item.__slots__ if name not in values and hasattr(row, name)}
    return Item(**columns, **values, at=row.received_at)


def persons_of(items: Sequence[Item]) -> dict[Ref, Person]:
    """The senders of these messages."""
    numbers = {item.sender for item in items if item.ref.channel == "sms"}
    addresses = {item.sender for item in items if item.ref.channel == "mail" and item.sender}
    # One query per index: for both at once SQLite may read every member.
    by_contact = ((WITH_MOBILE, numbers), (WITH_EMAIL, addresses))
    writers = {member for query, known in by_contact if known for _contact, member in query.rows(contacts=list(known))}
    contacts = numbers | addresses
    members = grouped((contact, card) for card in cards_of(writers) for contact in contacts & {card.mobile, card.email})
    places = _reference_addresses(addresses)
    return {item.ref: _person(item.sender, members, places) for item in items}


def person_of(item: Item) -> Person:
    """The sender of this message."""
    return persons_of([item])[item.ref]


def writers_of(contact: str) -> list[MemberCard]:
    """The members with this number (E.164) or e-mail address."""
    query = WITH_MOBILE if contact.startswith("+") else WITH_EMAIL
    return cards_of({member for _contact, member in query.rows(contacts=[contact])})


def neighbourhood_at(address: str) -> str:
    """The neighbourhood whose reference address or group this is: several people read it; empty for none."""
    return _group_at(address) or _reference_addresses([address]).get(address, "")


def is_group(address: str) -> bool:
    """True for a group address: a neighbourhood's, or one whose name shows it. All its members read its mail."""
    return address.endswith(_GROUPS) or bool(_group_at(address))


def station_address(item: Item) -> str:
    """The writer's own number or address, which may be in From or Reply-To; never a group's, empty for none."""
    if item.ref.channel == "sms":
        return item.sender
    theirs = [address for address in (item.sender, item.answer_to) if "@" in address and not is_group(address)]
    return next((address for address in theirs if not neighbourhood_at(address)), next(iter(theirs), ""))


def _group_at(address: str) -> str:
    """The neighbourhood whose group this is; empty for none."""
    rows = Neighbourhood.select(Neighbourhood.name).join(NeighbourhoodRelay)
    return (rows.where(NeighbourhoodRelay.group_address == address).scalar() if address else None) or ""


def _reference_addresses(addresses: Iterable[str]) -> dict[str, str]:
    """Address → the neighbourhood whose reference address it is."""
    wanted = set(addresses)
    if not wanted:
        return {}
    rows = Neighbourhood.select(Neighbourhood.name, Neighbourhood.reference_address).order_by(Neighbourhood.position)
    return {row.reference_address.casefold(): row.name for row in rows if row.reference_address.casefold() in wanted}


def _person(contact: str, members: dict[str, list[MemberCard]], places: dict[str, str]) -> Person:
    rows = members.get(contact, [])
    if not rows:
        place = places.get(contact)
        return Person((), place, "reference", "fr", None) if place else replace(_UNKNOWN, mobile=_callable(contact))
    first = next((row for row in rows if row.role == "coordinator"), rows[0])
    return Person(
        names=tuple(row.name for row in rows),
        neighbourhood=first.neighbourhood,
        tie="coordinator" if first.role == "coordinator" else "member",
        language=first.language,
        member_id=first.id if len(rows) == 1 else None,
        mobile=_callable(contact) or first.mobile or "",
    )


def _callable(contact: str) -> str:
    """A whole number; a short code or a name cannot be called."""
    return contact if contact.startswith("+") else ""
