"""A registration that somebody proposes on the public page, and the code by SMS that proves the number.

Nothing here depends on whether the number is a member's: whoever asks learns nothing of it.
"""

import secrets
from datetime import datetime

from db.engine.connection import writing
from db.operations.retention import erase_code
from db.people.members.saving import FieldRefusal, MemberDraft, answers, checked
from db.people.proposals import delete_registration, keep_registration, unconfirmed_registrations
from db.people.zone import zone
from modem.sms.composition import Composition, compose, one_part
from plp.letters.rendering import SMS
from plp.services.first_start import require_named_zone
from plp.services.orders.automatic import NoMoreCodes, place_code
from rules.refusals import NotReady, Refusal


def propose_registration(draft: MemberDraft, now: datetime) -> str:
    """Send a code to the number of the draft and keep the rest until it comes back; returns the token to confirm it by,
    also where this number has had its codes of the day. Raises FieldRefusal, Refusal.
    """
    values = checked(draft, neighbourhood_checked=not draft.neighbourhood_id)
    if values["mobile"] is None:
        raise FieldRefusal("mobile", "indiquez un GSM : il reçoit le code de confirmation")
    if not any(answers(draft, values).values()):
        raise FieldRefusal("sms", "Cochez au moins un consentement : SMS, ou groupe e-mail avec votre adresse.")
    token, code = secrets.token_urlsafe(24), f"{secrets.randbelow(10**6):06}"
    mobile = str(values["mobile"])
    try:
        require_named_zone()
        broadcast = place_code(mobile, code_text(code, str(values["language"]), zone().name), now)
    except (NoMoreCodes, NotReady) as reason:
        if isinstance(reason, NoMoreCodes) and reason.of_number:
            return token
        raise Refusal("Inscription impossible pour le moment : réessayez plus tard.") from None
    keep_registration(token, draft, mobile, code, broadcast, now)
    return token


def code_text(code: str, language: str, zone_name: str) -> Composition:
    """The SMS, one part in the GSM alphabet; a long name of the zone gives way."""
    words = SMS[language]
    named = (words["code"].format(code=code, zone=name) for name in (zone_name, words["zone"]))
    return one_part(named) or compose(code)


def forget_unconfirmed(now: datetime) -> bool:
    """Erase what nobody confirmed within a day, with the SMS and its number; True when there was some."""
    found = unconfirmed_registrations(now)
    for registration_id, mobile, broadcast in found:
        with writing():
            erase_code(broadcast, mobile)
            delete_registration(registration_id)
    return bool(found)
