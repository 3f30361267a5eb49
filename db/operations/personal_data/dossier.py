"""All that the database holds of one person, for whoever asks to see it (GDPR, article 15)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from db.engine.base import tuples
from db.journal.audit import Entry, entries_about
from db.models.broadcasts import Broadcast, BroadcastText, Message, Part
from db.models.mail import Mail, MailLetter
from db.models.mailbox import InboundMail
from db.models.modem_records import InboundMessage
from db.models.people import Member
from db.models.policy import DrillPerson
from db.people.members.cards import MemberCard
from db.people.members.listing import member
from db.people.registrations import RegistrationCard, registrations
from plp.rules.states import WORST_FIRST

# Kept for a year, nobody has so many.
_MOST = 2_000
_ABOUT_MEMBERS = ("member_", "consent_", "dead_number_", "renewal_answered")


@dataclass(frozen=True, slots=True)
class Sent:
    """A text or a mail to them: `kind` of a broadcast or a mail, its state, and its words where they are still kept."""

    at: datetime
    kind: str
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class Received:
    """A text or a mail of theirs."""

    at: datetime
    channel: str
    words: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """Newest first, each list; `entries` of the journal name who changed what of them. `proposed` waits for an admin,
    with the mobile of this person; its `twins` are left out.
    """

    card: MemberCard
    created_at: datetime
    updated_at: datetime
    in_drill_group: bool
    proposed: tuple[RegistrationCard, ...]
    texts: tuple[Sent, ...]
    mails: tuple[Sent, ...]
    received: tuple[Received, ...]
    entries: tuple[Entry, ...]


def dossier(member_id: int) -> Dossier | None:
    """Of one member; of a shared number also what went to the others who have it."""
    card = member(member_id)
    if card is None:
        return None
    row = Member.get_by_id(member_id)
    entries = [entry for entry in entries_about(str(member_id)) if entry.action.startswith(_ABOUT_MEMBERS)]
    return Dossier(
        card,
        row.created_at,
        row.updated_at,
        bool(DrillPerson.select().where(DrillPerson.member == member_id).exists()),
        tuple(replace(each, twins=()) for each in registrations() if each.draft.mobile == card.mobile),
        tuple(_texts(card)),
        tuple(_mails(card)),
        tuple(sorted(_received(card), key=lambda each: each.at, reverse=True)),
        tuple(reversed(entries)),
    )


def _texts(card: MemberCard) -> list[Sent]:
    theirs = Message.member == card.id
    if card.mobile:
        theirs |= Message.msisdn == card.mobile
    rows = tuples(
        Message.select(Message.id, Broadcast.created_at, Broadcast.kind, BroadcastText.body)
        .join_from(Message, Broadcast)
        .join_from(Message, BroadcastText)
        .where(theirs)
        .order_by(Message.id.desc())
        .limit(_MOST)
    )
    states: dict[int, list[str]] = {}
    for message, state in tuples(
        Part.select(Part.message, Part.state).where(Part.message.in_([row[0] for row in rows]))
    ):
        states.setdefault(message, []).append(state)
    return [Sent(at, kind, _worst(states.get(number, [])), body) for number, at, kind, body in rows]


def _worst(states: list[str]) -> str:
    return next((str(state) for state in WORST_FIRST if state in states), "")


def _mails(card: MemberCard) -> list[Sent]:
    theirs = Mail.member == card.id
    if card.email:
        theirs |= Mail.address == card.email
    rows = Mail.select(Mail.queued_at, MailLetter.kind, Mail.state, MailLetter.subject).join(MailLetter).where(theirs)
    return [Sent(at, kind, str(state), subject) for at, kind, state, subject in tuples(_newest(rows, Mail))]


def _received(card: MemberCard) -> list[Received]:
    numbers = [number for number in (card.mobile, card.second_number, card.landline) if number]
    texts = InboundMessage.select(InboundMessage.received_at, InboundMessage.text).where(
        InboundMessage.sender.in_(numbers)
    )
    found = [Received(at, "sms", words) for at, words in tuples(_newest(texts, InboundMessage))] if numbers else []
    if card.email:
        mails = InboundMail.select(InboundMail.received_at, InboundMail.subject, InboundMail.text).where(
            (InboundMail.sender == card.email) | (InboundMail.reply_to == card.email)
        )
        found += [
            Received(at, "mail", f"{subject}\n{words}".strip())
            for at, subject, words in tuples(_newest(mails, InboundMail))
        ]
    return found


def _newest(rows: Any, table: Any) -> Any:
    return rows.order_by(table.id.desc()).limit(_MOST)
