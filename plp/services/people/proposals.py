"""Proposals that an admin accepts or refuses: a coordinator's corrections, and registrations on the public page, whose
code by SMS proves the number. Nothing in one depends on whether the number is a member's (docs/adr/0057).
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

from db.engine.connection import writing
from db.journal import audit
from db.operations.retention import erase_code
from db.people import proposals as stored
from db.people.members.cards import MemberCard
from db.people.members.listing import member
from db.people.members.saving import lock_members
from db.people.zone import zone
from modem.sms.composition import Composition, compose, one_part
from plp.letters.rendering import SMS
from plp.services.machine import require_named_zone
from plp.services.orders.automatic import NoMoreCodes, place_code
from plp.services.people.saving import NUMBERS_TURN, draft_of, require_known_places, require_neighbourhood, save_member
from rules.members import COLUMNS, MemberDraft, answers, checked, one_line
from rules.people import MACHINE
from rules.refusals import FieldRefusal, Missing, NotReady, Refusal, required

# The SMS itself waits half an hour for a modem.
CODE_GOOD_FOR = timedelta(hours=1)
MOST_TRIES = 5
KEPT_UNCONFIRMED = timedelta(days=1)


def propose_corrections(
    member_id: int, neighbourhood_ids: Collection[int], values: Mapping[str, str], by: str, now: datetime
) -> int:
    """Store what differs from the record of a member of these neighbourhoods; how many fields. Raises Missing."""
    card = member(member_id)
    if card is None or card.neighbourhood_id not in neighbourhood_ids:
        raise Missing("Ce membre n'existe plus.")
    typed = {field: one_line(value) for field, value in values.items()}
    changed = {field: value for field, value in typed.items() if value != stored.present_value(card, field)}
    checked(_with(card, changed))
    with writing():
        stored.put_corrections(member_id, changed, by, now)
        if changed:
            audit.record(now, by, "correction_proposed", str(member_id))
    return len(changed)


def accept_correction(correction_id: int, by: str, now: datetime) -> None:
    """Change the member as proposed. Raises Missing, or a Refusal as `save_member` does; then the proposal is kept."""
    with writing(NUMBERS_TURN):
        proposal = _taken(correction_id)
        card = member(proposal.member_id)
        if card is not None and proposal.field in COLUMNS:
            save_member(card.id, _with(card, {proposal.field: proposal.value}), by, now, how="correction")
        audit.record(now, by, "correction_accepted", str(proposal.member_id))


def refuse_correction(correction_id: int, by: str, now: datetime) -> None:
    """Drop the proposal. Raises Missing."""
    with writing():
        audit.record(now, by, "correction_refused", str(_taken(correction_id).member_id))


def _taken(correction_id: int) -> stored.CorrectionCard:
    """The proposal, which is deleted at the end of the transaction. Raises Missing."""
    proposals = stored.corrections(correction_id=correction_id)
    lock_members(proposal.member_id for proposal in proposals)
    if not proposals or not stored.delete_correction(correction_id):
        raise Missing("Correction déjà traitée par un collègue.")
    return proposals[0]


def _with(card: MemberCard, values: Mapping[str, str]) -> MemberDraft:
    changed: dict[str, Any] = {field: value for field, value in values.items() if field in COLUMNS}
    return replace(draft_of(card), **changed)


def propose_registration(draft: MemberDraft, now: datetime) -> str:
    """Send a code to the draft's number and keep the rest; the token to confirm with, even after the day's codes."""
    values = checked(draft)
    if draft.neighbourhood_id:
        require_neighbourhood(draft.neighbourhood_id)
    require_known_places(values["other_places"])
    no_mobile = FieldRefusal("mobile", "indiquez un GSM : il reçoit le code de confirmation")
    mobile = str(required(values["mobile"], no_mobile))
    if not any(answers(draft, values).values()):
        raise FieldRefusal("sms", "Cochez au moins un consentement : SMS, ou groupe e-mail avec votre adresse.")
    token, code = secrets.token_urlsafe(24), f"{secrets.randbelow(10**6):06}"
    try:
        require_named_zone()
        broadcast = place_code(mobile, code_text(code, str(values["language"]), zone().name), now)
    except (NoMoreCodes, NotReady) as reason:
        if isinstance(reason, NoMoreCodes) and reason.of_number:
            return token
        raise Refusal("Inscription impossible pour le moment : réessayez plus tard.") from None
    stored.keep_registration(token, draft, mobile, code, broadcast, now)
    return token


def code_text(code: str, language: str, zone_name: str) -> Composition:
    """The SMS, one part in the GSM alphabet; a long name of the zone gives way."""
    words = SMS[language]
    named = (words["code"].format(code=code, zone=name) for name in (zone_name, words["zone"]))
    return one_part(named) or compose(code)


def confirm_registration(token: str, code: str, now: datetime) -> bool:
    """True when this is its code, or was. A wrong one counts as a try, and so does one that is too late."""
    with writing():
        kept = stored.kept_registration(token)
        if kept is None or kept.confirmed_at is not None:
            return kept is not None
        # Counted before it is looked at: of many at once, no more than these are compared.
        if not stored.count_try(kept.id, MOST_TRIES, now - CODE_GOOD_FOR) or not kept.code:
            return False
        if not compare_digest(kept.code.encode(), code.encode()):
            return False
        stored.mark_confirmed(kept.id, now)
        audit.record(now, MACHINE, "registration_confirmed", str(kept.id))
    return True


def accept_registration(
    registration_id: int, neighbourhood_id: int, number_shared: bool, by: str, now: datetime
) -> int:
    """Add the member, who then gets a welcome; returns the id. Raises as `save_member` does."""
    with writing():
        draft = replace(_waiting(registration_id), neighbourhood_id=neighbourhood_id)
        member_id = save_member(None, draft, by, now, welcome=True, number_shared=number_shared, how="online")
        stored.delete_registration(registration_id)
    return member_id


def refuse_registration(registration_id: int, by: str, now: datetime) -> None:
    """Empty it; the rest is deleted with the unconfirmed ones. Raises Missing."""
    with writing():
        _waiting(registration_id)
        stored.empty_registration(registration_id)
        audit.record(now, by, "registration_refused", str(registration_id))


def forget_unconfirmed(now: datetime) -> bool:
    """Erase what nobody confirmed within a day, with the SMS and its number; True when some was."""
    unconfirmed = stored.unconfirmed_registrations(now - KEPT_UNCONFIRMED)
    for registration_id, mobile, broadcast in unconfirmed:
        with writing():
            erase_code(broadcast, mobile)
            stored.delete_registration(registration_id)
    return bool(unconfirmed)


def _waiting(registration_id: int) -> MemberDraft:
    return required(stored.waiting_registration(registration_id), Missing("Inscription déjà traitée par un collègue."))
