"""Proposals that wait for an admin: registrations, each confirmed by a code by SMS, and coordinators' corrections."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from peewee import SQL, fn

from db.engine.base import Page, card_of, grouped, put, tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import locked, writing
from db.models.people import Member, MemberCorrection, Registration
from db.people.accounts.passwords import digest
from db.people.members.cards import MemberCard
from db.people.members.listing import Filter, agrees_to, cards_of, members, neighbourhood_names
from rules.members import FURTHER, MemberDraft

_CORRECTIONS = Prepared(MemberCorrection.select(fn.COUNT(MemberCorrection.id)))
_WAITING = Registration.select().where(Registration.confirmed_at.is_null(False))
_UNCONFIRMED = Prepared(
    Registration.select(Registration.id, Registration.mobile, Registration.broadcast).where(
        Registration.confirmed_at.is_null(), Registration.asked_at < given("before")
    )
)
_REGISTRATIONS = Prepared(_WAITING.select(fn.COUNT(SQL("1"))))


@dataclass(frozen=True, slots=True)
class RegistrationCard:
    """One that waits for an admin; `twins` are the members who have its mobile: (id, name)."""

    id: int
    draft: MemberDraft
    neighbourhood: str
    twins: tuple[tuple[int, str], ...]
    confirmed_at: datetime

    @property
    def name(self) -> str:
        return self.draft.name

    @property
    def further(self) -> list[tuple[str, str]]:
        return [(name, value) for name in FURTHER if (value := getattr(self.draft, name))]


def keep_registration(token: str, draft: MemberDraft, mobile: str, code: str, broadcast: int, now: datetime) -> None:
    """Store what was typed until its code is entered; `broadcast` is the SMS that carries it."""
    values = replace(draft, mobile=mobile)
    with writing():
        Registration.create(
            token=digest(token), mobile=mobile, draft=json.dumps(asdict(values)), code=code, broadcast=broadcast,
            asked_at=now,
        )  # fmt: skip


def kept_registration(token: str) -> Registration | None:
    """The registration that this token opens; its `code` is empty once that came back."""
    return Registration.get_or_none(Registration.token == digest(token))


def count_try(registration_id: int, most: int, since: datetime) -> bool:
    """Count one try of its code, inside the caller's transaction; False after the last one, or for an older code."""
    this = Registration.id == registration_id, Registration.tries < most, Registration.asked_at > since
    return bool(Registration.update(tries=Registration.tries + 1).where(*this).execute())


def mark_confirmed(registration_id: int, now: datetime) -> None:
    """Its code came back. Inside the caller's transaction."""
    Registration.update(confirmed_at=now, code="").where(Registration.id == registration_id).execute()


def registrations() -> list[RegistrationCard]:
    """All that wait for an admin, the oldest first."""
    rows = list(_WAITING.order_by(Registration.confirmed_at, Registration.id))
    places = neighbourhood_names()
    theirs = Member.select().where(Member.mobile.in_([row.mobile for row in rows])).order_by(Member.id)
    twins = grouped((member.mobile, (member.id, member.full_name)) for member in theirs)
    return [
        RegistrationCard(
            row.id, draft, places.get(draft.neighbourhood_id, ""), tuple(twins.get(row.mobile, ())), row.confirmed_at
        )
        for row, draft in ((row, MemberDraft(**json.loads(row.draft))) for row in rows)
    ]


def waiting_registration(registration_id: int) -> MemberDraft | None:
    """The draft of one that waits for an admin, locked until the transaction ends; None where somebody decided."""
    row = locked(_WAITING.where(Registration.id == registration_id)).first()
    return None if row is None else MemberDraft(**json.loads(row.draft))


def empty_registration(registration_id: int) -> None:
    """Keep nothing of it except its number and its code's SMS, which are deleted with the unconfirmed ones."""
    Registration.update(draft="", confirmed_at=None).where(Registration.id == registration_id).execute()


def unconfirmed_registrations(before: datetime) -> list[tuple[int, str, int]]:
    """(id, number, broadcast of its code) of those that are older and that nobody confirmed, or that were refused."""
    return _UNCONFIRMED.rows(before=before)


def delete_registration(registration_id: int) -> None:
    """Inside the caller's transaction."""
    Registration.delete().where(Registration.id == registration_id).execute()


@dataclass(frozen=True, slots=True)
class CorrectionCard:
    """One proposal for a column of `CORRECTED` (`rules.members`); `before` is its present value, empty for a note."""

    id: int
    member_id: int
    name: str
    neighbourhood: str
    field: str
    before: str
    value: str
    proposed_by: str
    proposed_at: datetime


def members_who_agreed(neighbourhood_ids: Collection[int], page: int = 1) -> Page[MemberCard]:
    """Those who agreed to the mail group of these neighbourhoods' coordinators, and to the use of their data."""
    living = Member.neighbourhood.in_(list(neighbourhood_ids)) & Member.restricted_at.is_null()
    return members(Filter(among=living & agrees_to("mail_group")), page)


def put_corrections(member_id: int, values: Mapping[str, str], by: str, now: datetime) -> None:
    """Store proposals by field, in the place of those before. Inside the caller's transaction."""
    for field, value in values.items():
        known_by = {"member": member_id, "field": field}
        put(MemberCorrection, known_by, value=value, proposed_by=by, proposed_at=now)


def corrections(member_id: int | None = None, correction_id: int | None = None) -> list[CorrectionCard]:
    """All that wait for an admin, or those for one member, or one of them, the oldest first."""
    query = MemberCorrection.select().order_by(MemberCorrection.proposed_at, MemberCorrection.id)
    query = query if member_id is None else query.where(MemberCorrection.member == member_id)
    rows = list(query if correction_id is None else query.where(MemberCorrection.id == correction_id))
    people = {card.id: card for card in cards_of(row.member_id for row in rows)}
    return [
        card_of(
            CorrectionCard,
            row,
            name=people[row.member_id].name,
            neighbourhood=people[row.member_id].neighbourhood,
            before=present_value(people[row.member_id], row.field),
        )
        for row in rows
    ]


def present_value(card: MemberCard, field: str) -> str:
    """The value that a correction of this field would replace; empty for none and for a note."""
    return str(getattr(card, field, None) or "")


def delete_correction(correction_id: int) -> bool:
    """Inside the caller's transaction; False where somebody decided already."""
    return bool(MemberCorrection.delete().where(MemberCorrection.id == correction_id).execute())


def waiting_proposals() -> tuple[int, int]:
    """Number of corrections, and of registrations, that wait for an admin."""
    return _CORRECTIONS.rows()[0][0], _REGISTRATIONS.rows()[0][0]


def proposed_fields(member_ids: Collection[int]) -> dict[int, list[str]]:
    """The fields of these members that wait for an admin."""
    rows = MemberCorrection.select(MemberCorrection.member, MemberCorrection.field)
    return grouped(tuples(rows.where(MemberCorrection.member.in_(list(member_ids)))))
