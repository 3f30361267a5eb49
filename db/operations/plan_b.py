"""Members for plan B, when no modem works: only what they agreed to, and the landline of those without a mobile."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from peewee import JOIN, Case, fn

from base.settings.values import Settings
from db.alerts.incidents.meant import members_for
from db.alerts.progress.counts import is_about, is_told, worst_parts
from db.engine.base import grouped, tuples
from db.engine.files import state_folder
from db.journal.reading import until_journaled
from db.models.broadcasts import Message
from db.models.mail import Mail
from db.models.people import Consent, Member, Neighbourhood
from db.operations.incidents import open_incidents
from db.people.members.cards import by_place, lives_at
from rules.collation import folded
from rules.mail import ON_THEIR_WAY
from rules.sentences import Sentence
from rules.states import WORST_FIRST, PartState

# Kind of the incidents about plan B; their subject is a machine.
INCIDENT = "plan_b"
_HAS_NO_MOBILE = fn.COALESCE(Member.mobile, "") == ""
_LANDLINE = fn.NULLIF(Member.landline, "")


@dataclass(frozen=True, slots=True)
class Person:
    """A member as far as they agreed: `mobile` for SMS, `email` for the mail group, `landline` without a mobile."""

    first_name: str
    last_name: str
    mobile: str | None
    email: str | None
    language: str
    neighbourhood: str
    role: str
    landline: str | None = None

    @property
    def phone(self) -> str | None:
        return self.mobile or self.landline

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def calls(self) -> bool:
        """True for a coordinator who can be called, and then calls the others."""
        return self.role == "coordinator" and bool(self.phone)


@dataclass(frozen=True, slots=True)
class Place:
    """A neighbourhood: the coordinators who call, and how many phones they call."""

    id: int
    name: str
    callers: tuple[Person, ...]
    to_call: int


def archive_folder(settings: Settings) -> Path:
    """Folder of this machine's nightly archives."""
    return state_folder(settings) / "plan-b"


def plan_b_troubles(settings: Settings) -> list[Sentence]:
    """The reasons for which this machine's plan B could not be made, in the words of its incidents."""
    return [card.words for card in open_incidents() if card.kind == INCIDENT and card.subject == settings.host]


def roll(place_id: int | None = None) -> tuple[Person, ...]:
    """Everybody who agreed to something, or those of one neighbourhood: by neighbourhood, then name."""
    return _people(lives_at([place_id]) if place_id is not None else True)


@until_journaled
def left_out() -> int:
    """Number of members who agreed to nothing."""
    sms, mail = Consent.alias(), Consent.alias()
    agreed = _phone(sms).is_null(False) | mail.id.is_null(False) & (Member.email != "")
    counts = Member.select(fn.COUNT(Member.id) - fn.COALESCE(fn.SUM(Case(None, ((agreed, 1),), 0)), 0))
    return int(_with_consents(counts, sms, mail).scalar())


@until_journaled
def places() -> list[Place]:
    """The neighbourhoods in their order."""
    counts = _numbers_to_call()
    callers = grouped((one.neighbourhood, one) for one in _people(Member.role == "coordinator") if one.calls)
    ordered = Neighbourhood.select(Neighbourhood.id, Neighbourhood.name)
    return [
        Place(place_id, name, tuple(callers.get(name, ())), counts[place_id])
        for place_id, name in tuples(ordered.order_by(Neighbourhood.position, Neighbourhood.name))
    ]


def _numbers_to_call() -> Counter[int]:
    """By neighbourhood. Counted by the database: a zone may have 50,000 members."""
    sms = Consent.alias()
    callers_number = Case(None, ((Member.role == "coordinator", _phone(sms)),))
    to_call = fn.COUNT(fn.DISTINCT(_phone(sms))) - fn.COUNT(fn.DISTINCT(callers_number))
    return by_place(Member.select().join(sms, JOIN.LEFT_OUTER, on=_agreed(sms, "sms")), to_call)


def unreached(broadcast_id: int) -> tuple[list[Place], tuple[Person, ...]]:
    """Those whose phone did not get this broadcast, or who have no mobile, and whom no mail or call reached or is about
    to: their neighbourhoods with the coordinators to call, and the people by neighbourhood, these among them.
    """
    worst = worst_parts([broadcast_id])
    missing = Message.select(Message.member).join(worst, on=(worst.c.message_id == Message.id))
    not_sure = [rank for rank, state in enumerate(WORST_FIRST) if state not in (PartState.SENT, PartState.DELIVERED)]
    concerned = Member.id.in_(missing.where(worst.c.rank.in_(not_sure)))
    rows = members_for(broadcast_id)
    if rows is not None:
        concerned |= Member.id.in_(rows.select(Member.id).where(Member.mobile.is_null()))
    mails = Mail.select(Mail.id).where(is_about(broadcast_id), Mail.state.in_(ON_THEIR_WAY))
    missed = _people(concerned & ~is_told([broadcast_id]) & ~fn.EXISTS(mails))
    by_place = grouped((person.neighbourhood, person) for person in missed)
    trunk = [
        replace(place, to_call=len(_phones(by_place[place.name]) - _phones(place.callers)))
        for place in places()
        if place.name in by_place
    ]
    people = [person for place in trunk for person in dict.fromkeys((*place.callers, *by_place[place.name]))]
    return trunk, tuple(people)


def _phones(people: Sequence[Person]) -> set[str]:
    return {person.phone for person in people if person.phone}


def _people(condition: Any) -> tuple[Person, ...]:
    """The members of a condition that agreed to something, read as plain rows: a zone may have 50,000."""
    sms, mail = Consent.alias(), Consent.alias()
    columns = Member.select(
        Neighbourhood.position,
        Member.first_name,
        Member.last_name,
        Case(None, ((sms.id.is_null(False), Member.mobile),)),
        Case(None, ((mail.id.is_null(False), Member.email),)),
        Member.language,
        Neighbourhood.name,
        Member.role,
        Case(None, ((_HAS_NO_MOBILE, _LANDLINE),)),
    )
    rows = tuples(_with_consents(columns.join(Neighbourhood).switch(Member), sms, mail).where(condition))
    people = [(position, Person(*row)) for position, *row in rows]
    agreed = [(position, one) for position, one in people if one.phone or one.email]
    agreed.sort(
        key=lambda pair: (pair[0], pair[1].neighbourhood, folded(pair[1].last_name), folded(pair[1].first_name))
    )
    return tuple(one for _position, one in agreed)


def _phone(sms: Any) -> Any:
    """The number to call: a mobile that takes SMS, or the landline of a person without one."""
    return Case(None, ((_HAS_NO_MOBILE, _LANDLINE), (sms.id.is_null(False), Member.mobile)))


def _with_consents(query: Any, sms: Any, mail: Any) -> Any:
    """The query, with the consents that hold as `sms` and `mail`."""
    return query.join(sms, JOIN.LEFT_OUTER, on=_agreed(sms, "sms"), src=Member).join(
        mail, JOIN.LEFT_OUTER, on=_agreed(mail, "mail_group"), src=Member
    )


def _agreed(consent: Any, channel: str) -> Any:
    return (consent.member == Member.id) & (consent.channel == channel) & consent.given
