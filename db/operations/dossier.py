"""Personal data as a whole: all that the database holds about one person (GDPR, article 15); facts for the record of
processing activities (article 30) and for the note of a breach (article 33).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from peewee import fn

from base.settings.values import Settings
from db.engine.base import grouped, tuples
from db.inbound.tips import TipCard, count_tips, tips_told_by
from db.journal.audit import Entry, entries_about
from db.journal.reading import until_journaled
from db.models.accounts import Account, AccountRole
from db.models.broadcasts import AlertCall, Broadcast, BroadcastText, Message, Part
from db.models.mail import InboundMail, Mail, MailLetter
from db.models.modem_records import InboundMessage
from db.models.partnership import Mandate
from db.models.people import Consent, DeadNumber, Member, Neighbourhood, Renewal, RenewalMember
from db.models.policy import DrillPerson
from db.models.zone import Modem
from db.operations.runs import last_run, run_of
from db.people.member_groups import groups_of
from db.people.members.cards import MemberCard
from db.people.members.listing import member
from db.people.proposals import CorrectionCard, RegistrationCard, corrections, registrations
from db.people.zone import policy, zone
from rules.members import NUMBERS
from rules.states import WORST_FIRST

# Kept for a year, nobody has so many.
_MOST = 2_000
_ABOUT_MEMBERS = ("member_", "consent_", "correction_", "dead_number_", "renewal_answered")


@dataclass(frozen=True, slots=True)
class Sent:
    """A text or a mail to them: `kind` of a broadcast or a mail, its state, and its words while they are kept."""

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
    """Every list is newest first; `entries` of the journal show who changed which of their data. `proposed` and
    `corrections` wait for an admin. `dead_number`: why their mobile gets no alerts; `renewals`: when they were to say
    if they stay, and yes, no or empty; `calls`: when they were telephoned in an alert, and by whom; `mandates`: days of
    appointment, check and end.
    """

    card: MemberCard
    created_at: datetime
    updated_at: datetime
    in_drill_group: bool
    groups: tuple[str, ...]
    dead_number: str
    renewals: tuple[tuple[datetime, str], ...]
    calls: tuple[tuple[datetime, str], ...]
    mandates: tuple[tuple[str, str, str], ...]
    corrections: tuple[CorrectionCard, ...]
    proposed: tuple[RegistrationCard, ...]
    texts: tuple[Sent, ...]
    mails: tuple[Sent, ...]
    received: tuple[Received, ...]
    tips: tuple[TipCard, ...]
    entries: tuple[Entry, ...]


def dossier(member_id: int) -> Dossier | None:
    """The data of one member; for a shared number also what was sent to the others who have it."""
    card = member(member_id)
    if card is None:
        return None
    row = Member.get_by_id(member_id)
    renewals = RenewalMember.select(Renewal.asked_at, RenewalMember.answer).join(Renewal)
    mandates = Mandate.select(Mandate.appointed_on, Mandate.checked_on, Mandate.ended_on)
    calls = AlertCall.select(AlertCall.called_at, AlertCall.called_by).where(AlertCall.member == member_id)
    entries = [entry for entry in entries_about(str(member_id)) if entry.action.startswith(_ABOUT_MEMBERS)]
    dead = DeadNumber.get_or_none(DeadNumber.member == card.id, DeadNumber.mobile == card.mobile)
    return Dossier(
        card,
        row.created_at,
        row.updated_at,
        bool(DrillPerson.select().where(DrillPerson.member == member_id).exists()),
        tuple(name for _id, name, _by_rule, inside in groups_of(member_id) if inside),
        "" if dead is None or dead.dismissed_at else dead.why,
        tuple(tuples(_newest(renewals.where(RenewalMember.member == member_id), RenewalMember))),
        tuple(tuples(_newest(calls, AlertCall))),
        tuple(tuples(mandates.where(Mandate.member == member_id).order_by(Mandate.id))),
        tuple(corrections(member_id)),
        tuple(replace(proposal, twins=()) for proposal in registrations() if proposal.draft.mobile == card.mobile),
        tuple(_texts(card)),
        tuple(_mails(card)),
        tuple(sorted(_received(card), key=lambda piece: piece.at, reverse=True)),
        tuple(tips_told_by(member_id)),
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
    states: dict[int, list[str]] = grouped(
        tuples(Part.select(Part.message, Part.state).where(Part.message.in_([row[0] for row in rows])))
    )
    worst = {number: next(str(state) for state in WORST_FIRST if state in its) for number, its in states.items()}
    return [Sent(at, kind, worst.get(number, ""), body) for number, at, kind, body in rows]


def _mails(card: MemberCard) -> list[Sent]:
    theirs = Mail.member == card.id
    if card.email:
        theirs |= Mail.address == card.email
    rows = Mail.select(Mail.queued_at, MailLetter.kind, Mail.state, MailLetter.subject).join(MailLetter).where(theirs)
    return [Sent(at, kind, str(state), subject) for at, kind, state, subject in tuples(_newest(rows, Mail))]


def _received(card: MemberCard) -> list[Received]:
    numbers = [number for name in NUMBERS if (number := getattr(card, name))]
    texts = InboundMessage.select(InboundMessage.received_at, InboundMessage.text)
    theirs = texts.where(InboundMessage.sender.in_(numbers))
    received = [Received(at, "sms", words) for at, words in tuples(_newest(theirs, InboundMessage))] if numbers else []
    if card.email:
        mails = InboundMail.select(InboundMail.received_at, InboundMail.subject, InboundMail.text)
        from_them = mails.where((InboundMail.sender == card.email) | (InboundMail.reply_to == card.email))
        for at, subject, words in tuples(_newest(from_them, InboundMail)):
            received.append(Received(at, "mail", f"{subject}\n{words}".strip()))
    return received


def _newest(rows: Any, table: Any) -> Any:
    return rows.order_by(table.id.desc()).limit(_MOST)


def register(settings: Settings) -> dict[str, Any]:
    """The facts as they are now: counts are of people, `roles` of active accounts; `operators` carry the SMS."""
    (members, coordinators, with_mobile, with_email, restricted), by_channel = _people()
    roles = AccountRole.select(AccountRole.role, fn.COUNT(AccountRole.id)).join(Account).where(Account.active)
    backup = last_run(run_of("backup", settings))
    operators = Modem.select(Modem.operator).where(Modem.operator.is_null(False)).distinct().order_by(Modem.operator)
    return {
        "zone": zone(),
        "members": members,
        "coordinators": coordinators,
        "with_mobile": with_mobile,
        "with_email": with_email,
        "restricted": restricted,
        "agreed_sms": by_channel.get("sms", 0),
        "agreed_group": by_channel.get("mail_group", 0),
        "neighbourhoods": Neighbourhood.select().count(),
        "tips": count_tips(),
        "roles": sorted(tuples(roles.group_by(AccountRole.role))),
        "operators": [operator for (operator,) in tuples(operators)],
        "second_factor": policy().second_factor,
        "encrypted_backup": bool(settings.backup.recipient),
        "last_backup_at": backup.ended_at if backup is not None else None,
        "tls": settings.console.certificate is not None,
    }


@until_journaled
def _people() -> tuple[tuple[int, ...], dict[str, int]]:
    """Members: all, coordinators, with a mobile, with an e-mail, restricted; then consents by channel."""
    counted = (
        fn.COUNT(Member.id),
        fn.COUNT(fn.NULLIF(Member.role, "member")),
        fn.COUNT(Member.mobile),
        fn.COUNT(Member.email),
        fn.COUNT(Member.restricted_at),
    )
    agreed = Consent.select(Consent.channel, fn.COUNT(Consent.id)).where(Consent.given).group_by(Consent.channel)
    return tuples(Member.select(*counted))[0], dict(tuples(agreed))
