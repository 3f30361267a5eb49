"""Corrections: a coordinator proposes them for a member of the neighbourhood, an admin accepts or refuses them."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from db.engine.base import card_of
from db.engine.connection import writing
from db.journal import audit
from db.people.members.cards import MemberCard
from db.people.members.listing import member
from db.people.proposals import CorrectionCard, corrections, delete_correction, present_value, put_corrections
from plp.services.people.saving import save_member
from rules.members.columns import COLUMNS, MemberDraft, checked
from rules.members.typed import one_line
from rules.refusals import Missing


def propose_corrections(
    member_id: int, neighbourhood_ids: Collection[int], values: Mapping[str, str], by: str, now: datetime
) -> int:
    """Store what differs from the member's record; returns how many fields. Raises Missing for a member of another
    neighbourhood, FieldRefusal for a value that could not be saved.
    """
    card = member(member_id)
    if card is None or card.neighbourhood_id not in neighbourhood_ids:
        raise Missing("Ce membre n'existe plus.")
    typed = {field: one_line(value) for field, value in values.items()}
    changed = {field: value for field, value in typed.items() if value != present_value(card, field)}
    checked(_with(card, changed))
    with writing():
        put_corrections(member_id, changed, by, now)
        if changed:
            audit.record(now, by, "correction_proposed", str(member_id))
    return len(changed)


def accept_correction(correction_id: int, by: str, now: datetime) -> None:
    """Change the member as proposed. Raises Missing, or a Refusal as `save_member` does; it then stays."""
    with writing():
        proposal = _existing(correction_id)
        card = member(proposal.member_id)
        if card is not None and proposal.field in COLUMNS:
            draft = _with(card, {proposal.field: proposal.value})
            save_member(card.id, draft, by, now, how="correction")
        _drop(proposal)
        audit.record(now, by, "correction_accepted", str(proposal.member_id))


def refuse_correction(correction_id: int, by: str, now: datetime) -> None:
    """Drop the proposal. Raises Missing."""
    with writing():
        proposal = _existing(correction_id)
        _drop(proposal)
        audit.record(now, by, "correction_refused", str(proposal.member_id))


def _existing(correction_id: int) -> CorrectionCard:
    proposals = corrections(correction_id=correction_id)
    if not proposals:
        raise _gone()
    return proposals[0]


def _drop(proposal: CorrectionCard) -> None:
    if not delete_correction(proposal.id):
        raise _gone()


def _gone() -> Missing:
    return Missing("Correction déjà traitée par un collègue.")


def _with(card: MemberCard, values: Mapping[str, str]) -> MemberDraft:
    draft = card_of(MemberDraft, card, mobile=card.mobile or "", email=card.email or "")
    changed: dict[str, Any] = {field: value for field, value in values.items() if field in COLUMNS}
    return replace(draft, **changed)
