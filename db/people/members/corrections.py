"""Corrections that a coordinator proposes for a member of the neighbourhood; an admin accepts or refuses each."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, cast

from peewee import fn

from db.engine.base import Page, card_of, grouped, put, tuples
from db.engine.cached_queries import Prepared
from db.engine.connection import writing
from db.journal import audit
from db.models.people import Member, MemberCorrection
from db.people.members.cards import MemberCard
from db.people.members.listing import Filter, agrees_to, cards_of, filtered, member
from db.people.members.saving import MemberDraft, checked, one_line, save_member
from plp.rules.refusals import Missing, Refusal

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
    return filtered(Filter(among=there & agrees_to("mail_group")), page)


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


def waiting_corrections() -> int:
    """Number of them."""
    return int(_WAITING.rows()[0][0])


_WAITING = Prepared(MemberCorrection.select(fn.COUNT(MemberCorrection.id)))


def accept_correction(correction_id: int, by: str, now: datetime) -> None:
    """Change the member as proposed. Raises Missing, or a Refusal as `save_member` does; it then stays."""
    row = _existing(correction_id)
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
        _decide(_existing(correction_id), "correction_refused", by, now)


def _decide(row: MemberCorrection, action: str, by: str, now: datetime) -> None:
    if not MemberCorrection.delete().where(MemberCorrection.id == row.id).execute():
        raise _gone()
    audit.record(now, by, action, str(row.member_id))


def _existing(correction_id: int) -> MemberCorrection:
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
