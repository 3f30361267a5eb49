"""Proposals that wait for an admin: registrations proposed on the public page, confirmed by a code that came by SMS;
and corrections that a coordinator proposes for a member of the neighbourhood.
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any, Literal, cast

from peewee import SQL, fn

from db.engine.base import Page, card_of, grouped, put, tuples
from db.engine.cached_queries import Prepared
from db.engine.connection import writing
from db.journal import audit
from db.models.people import Member, MemberCorrection, Registration
from db.people.members.acts import PLACES
from db.people.members.cards import FURTHER, MemberCard
from db.people.members.listing import Filter, agrees_to, cards_of, member, members
from db.people.members.saving import MemberDraft, checked, one_line, save_member
from rules.people import MACHINE
from rules.refusals import Missing, Refusal

# The SMS itself waits half an hour for a modem.
CODE_GOOD_FOR = timedelta(hours=1)
MOST_TRIES = 5
KEPT_UNCONFIRMED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RegistrationCard:
    """One that waits for an admin. `neighbourhood` is empty where none was chosen; `twins` are the members who have its
    mobile: (id, name).
    """

    id: int
    draft: MemberDraft
    neighbourhood: str
    twins: tuple[tuple[int, str], ...]
    confirmed_at: datetime

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.draft.first_name} {self.draft.last_name}".strip()

    @property
    def further(self) -> list[tuple[str, str]]:
        """The other columns that were filled in, by name."""
        return [(name, value) for name in FURTHER if (value := getattr(self.draft, name))]


def keep_registration(token: str, draft: MemberDraft, mobile: str, code: str, broadcast: int, now: datetime) -> None:
    """Keep what was typed until its code comes back; `broadcast` is the SMS that carries it."""
    values = replace(draft, mobile=mobile)
    with writing():
        Registration.create(
            token=_digest(token), mobile=mobile, draft=json.dumps(asdict(values)), code=code, broadcast=broadcast,
            asked_at=now,
        )  # fmt: skip


def confirm_registration(token: str, code: str, now: datetime) -> bool:
    """True when this is its code, or was. A wrong one counts, and so does one that comes too late."""
    mine = Registration.token == _digest(token)
    with writing():
        # Counted before it is looked at: of many at once, no more than these are compared.
        tried = Registration.update(tries=Registration.tries + 1).where(
            mine, Registration.tries < MOST_TRIES, Registration.asked_at > now - CODE_GOOD_FOR
        )
        row = Registration.get_or_none(mine)
        if row is None or row.confirmed_at is not None:
            return row is not None
        if not tried.execute() or not row.code or not compare_digest(row.code.encode(), code.encode()):
            return False
        Registration.update(confirmed_at=now, code="").where(mine).execute()
        audit.record(now, MACHINE, "registration_confirmed", str(row.id))
    return True


def registrations() -> list[RegistrationCard]:
    """All that wait for an admin, the oldest first."""
    rows = list(_waiting().order_by(Registration.confirmed_at, Registration.id))
    places = dict(PLACES.rows())
    theirs = Member.select().where(Member.mobile.in_([row.mobile for row in rows])).order_by(Member.id)
    twins = grouped((member.mobile, (member.id, member.full_name)) for member in theirs)
    found = [(row, MemberDraft(**json.loads(row.draft))) for row in rows]
    return [
        RegistrationCard(
            row.id, draft, places.get(draft.neighbourhood_id, ""), tuple(twins.get(row.mobile, ())), row.confirmed_at
        )
        for row, draft in found
    ]


def _waiting() -> Any:
    return Registration.select().where(Registration.confirmed_at.is_null(False))


def accept_registration(
    registration_id: int, neighbourhood_id: int, number_shared: bool, by: str, now: datetime
) -> int:
    """Add the member, who is owed a welcome; returns the id. Raises Missing, or FieldRefusal as `save_member` does."""
    with writing():
        row = _existing_registration(registration_id)
        draft = replace(MemberDraft(**json.loads(row.draft)), neighbourhood_id=neighbourhood_id)
        member_id = save_member(None, draft, by, now, welcome=True, number_shared=number_shared, how="online")
        delete_registration(row.id)
    return member_id


def refuse_registration(registration_id: int, by: str, now: datetime) -> None:
    """Empty it; what is left goes with the unconfirmed ones. Raises Missing."""
    with writing():
        row = _existing_registration(registration_id)
        Registration.update(draft="", confirmed_at=None).where(Registration.id == row.id).execute()
        audit.record(now, by, "registration_refused", str(row.id))


def unconfirmed_registrations(now: datetime) -> list[tuple[int, str, int]]:
    """(id, number, broadcast of its code) of each that was kept for a day and nobody confirmed, or was refused."""
    query = Registration.select(Registration.id, Registration.mobile, Registration.broadcast)
    return tuples(query.where(Registration.confirmed_at.is_null(), Registration.asked_at < now - KEPT_UNCONFIRMED))


def delete_registration(registration_id: int) -> None:
    """Inside the caller's transaction."""
    Registration.delete().where(Registration.id == registration_id).execute()


def _existing_registration(registration_id: int) -> Registration:
    row: Registration | None = _waiting().where(Registration.id == registration_id).first()
    if row is None:
        raise Missing("Inscription déjà traitée par un collègue.")
    return row


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# `note` changes nothing by itself: « a déménagé ».
Field = Literal["mobile", "email", "street", "house_number", "note"]
FIELDS: tuple[Field, ...] = ("mobile", "email", "street", "house_number", "note")


@dataclass(frozen=True, slots=True)
class CorrectionCard:
    """One proposal; `before` is the present value of its field, empty for none and for a note."""

    id: int
    member_id: int
    name: str
    neighbourhood: str
    field: Field
    before: str
    value: str
    proposed_by: str
    proposed_at: datetime


def members_who_agreed(neighbourhood_ids: Collection[int], page: int = 1) -> Page[MemberCard]:
    """The members of these neighbourhoods who agreed to be in its mail group, which its coordinator keeps, by name.
    Whoever wants their data used no more is not among them.
    """
    there = Member.neighbourhood.in_(list(neighbourhood_ids)) & Member.restricted_at.is_null()
    return members(Filter(among=there & agrees_to("mail_group")), page)


def propose_corrections(
    member_id: int, neighbourhood_ids: Collection[int], values: dict[Field, str], by: str, now: datetime
) -> int:
    """Store what differs from the member's record; returns how many fields. Raises Missing for a member of another
    neighbourhood, FieldRefusal for a value that could not be saved.
    """
    card = member(member_id)
    if card is None or card.neighbourhood_id not in neighbourhood_ids:
        raise Missing("Ce membre n'existe plus.")
    changed = {field: one_line(value) for field, value in values.items() if one_line(value) != _now(card, field)}
    checked(_with(card, changed))
    with writing():
        for field, value in changed.items():
            put(
                MemberCorrection,
                {"member": member_id, "field": field},
                value=value,
                proposed_by=by,
                proposed_at=now,
            )
        if changed:
            audit.record(now, by, "correction_proposed", str(member_id))
    return len(changed)


def corrections(member_id: int | None = None) -> list[CorrectionCard]:
    """All that wait for an admin, or those for one member, the oldest first."""
    query = MemberCorrection.select().order_by(MemberCorrection.proposed_at, MemberCorrection.id)
    rows = list(query if member_id is None else query.where(MemberCorrection.member == member_id))
    people = {card.id: card for card in cards_of(row.member_id for row in rows)}
    return [
        card_of(
            CorrectionCard,
            row,
            name=people[row.member_id].name,
            neighbourhood=people[row.member_id].neighbourhood,
            before=_now(people[row.member_id], cast(Field, row.field)),
        )
        for row in rows
    ]


def waiting_proposals() -> tuple[int, int]:
    """Number of corrections, and of registrations, that wait for an admin."""
    return _CORRECTIONS.rows()[0][0], _REGISTRATIONS.rows()[0][0]


_CORRECTIONS = Prepared(MemberCorrection.select(fn.COUNT(MemberCorrection.id)))
_REGISTRATIONS = Prepared(_waiting().select(fn.COUNT(SQL("1"))))


def accept_correction(correction_id: int, by: str, now: datetime) -> None:
    """Change the member as proposed. Raises Missing, or a Refusal as `save_member` does; it then stays."""
    row = _existing_correction(correction_id)
    card = member(row.member_id)
    if card is None:
        raise _gone()
    draft = _with(card, {cast(Field, row.field): row.value})
    with writing():
        if row.field != "note":
            save_member(card.id, draft, by, now, how="correction")
        _decide(row, "correction_accepted", by, now)


def refuse_correction(correction_id: int, by: str, now: datetime) -> None:
    """Drop the proposal. Raises Missing."""
    with writing():
        _decide(_existing_correction(correction_id), "correction_refused", by, now)


def _decide(row: MemberCorrection, action: str, by: str, now: datetime) -> None:
    if not MemberCorrection.delete().where(MemberCorrection.id == row.id).execute():
        raise _gone()
    audit.record(now, by, action, str(row.member_id))


def _existing_correction(correction_id: int) -> MemberCorrection:
    row: MemberCorrection | None = MemberCorrection.get_or_none(MemberCorrection.id == correction_id)
    if row is None:
        raise _gone()
    return row


def _gone() -> Refusal:
    return Missing("Correction déjà traitée par un collègue.")


def proposed_fields(member_ids: Collection[int]) -> dict[int, list[str]]:
    """The fields of these members that wait for an admin."""
    rows = MemberCorrection.select(MemberCorrection.member, MemberCorrection.field)
    return grouped(tuples(rows.where(MemberCorrection.member.in_(list(member_ids)))))


def _now(card: MemberCard, field: Field) -> str:
    return "" if field == "note" else str(getattr(card, field) or "")


def _with(card: MemberCard, values: dict[Field, str]) -> MemberDraft:
    draft = card_of(MemberDraft, card, mobile=card.mobile or "", email=card.email or "")
    changes: dict[str, Any] = {field: value for field, value in values.items() if field != "note"}
    return replace(draft, **changes)
