"""A member leaves the table of members, the first step of forgetting them; or their data are kept and not used, at
their wish (GDPR, article 18): nothing is sent to them until that ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from db.engine.base import folded_column, tuples
from db.journal import audit
from db.mail.readers import erase_mail_of
from db.models.accounts import Account
from db.models.broadcasts import Message, Part
from db.models.people import Consent, Member, Neighbourhood, Registration
from db.models.tips import Tip
from db.people.members.forgotten import member_key
from db.people.members.saving import RESTRICTED, cancel_unless_shared, write_consent
from rules.members.columns import NUMBERS
from rules.states import Cause, PartState, sources


@dataclass(frozen=True, slots=True)
class Leaver:
    """A person to forget, a member `since`: numbers and address unless somebody who stays also has them; both names.
    `known` is what identifies them in an older copy of the database or in a list; `mails` were emptied.
    """

    numbers: tuple[str, ...]
    email: str | None
    name: tuple[str, str]
    since: datetime
    known: tuple[str, ...]
    mails: int


def delete_member(member_id: int, now: datetime, by: str) -> Leaver | None:
    """Delete a member and what is queued to them, in the caller's transaction, which forgets the rest.

    Their numbers are also those that a text went to, or was to go to, before they had another one.
    """
    row = Member.get_or_none(Member.id == member_id)
    if row is None:
        return None
    mobiles, mails = _remove([row], now, by)
    Registration.delete().where(Registration.mobile.in_(list(mobiles))).execute()
    own = [mobile for mobile in mobiles if not _is_somebody_s_number(mobile)]
    other = [number for name in NUMBERS[1:] if (number := getattr(row, name)) and not _is_somebody_s_number(number)]
    email = None if row.email is None or _is_somebody_s_address(row.email) else row.email
    return Leaver(
        numbers=(*own, *other),
        email=email,
        name=(row.first_name, row.last_name),
        since=row.created_at,
        known=(*own, *filter(None, [email]), member_key(row)),
        mails=mails,
    )


def remove_untouched(ids: Sequence[int], since: datetime, now: datetime, by: str) -> list[int]:
    """Delete those of these members whom nobody changed since then; returns their ids."""
    rows = list(Member.select().where(Member.id.in_(list(ids)), Member.updated_at <= since))
    if rows:
        _remove(rows, now, by)
    return [row.id for row in rows]


def _remove(rows: Sequence[Member], now: datetime, by: str) -> tuple[list[str], int]:
    """Delete these members and what is queued to them; returns their numbers, and how many mails were emptied."""
    ids = [row.id for row in rows]
    written_to = Message.select(Message.msisdn).where(Message.member.in_(ids), Message.msisdn != "").distinct()
    numbers = [row.mobile for row in rows if row.mobile] + [number for (number,) in tuples(written_to)]
    mobiles = list(dict.fromkeys(numbers))
    Message.update(member=None).where(Message.member.in_(ids)).execute()
    mails = erase_mail_of(ids, now)
    leave_tips(ids)
    Member.delete().where(Member.id.in_(ids)).execute()
    waits = Part.state.in_(sources(PartState.CANCELLED, Cause.POLICY))
    waiting = Message.select(Message.msisdn).join(Part).where(Message.msisdn.in_(mobiles), waits).distinct()
    for (mobile,) in tuples(waiting):
        cancel_unless_shared(mobile, now, by)
    return mobiles, mails


def _is_somebody_s_number(mobile: str) -> bool:
    members = Member.select().where(reduce(or_, (getattr(Member, name) == mobile for name in NUMBERS)))
    return bool(members.exists() or Account.select().where(Account.mobile == mobile).exists())


def _is_somebody_s_address(email: str) -> bool:
    members = Member.select().where(Member.email == email)
    places = Neighbourhood.select().where(folded_column(Neighbourhood.reference_address) == email)
    return bool(members.exists() or places.exists())


def leave_tips(member_ids: Sequence[int]) -> None:
    """Remove these members from the tips that they reported; these still count for neighbourhood, kind and outcome."""
    gone = {"member": None, "text": None, "mail": None, "street": "", "words": ""}
    Tip.update(gone).where(Tip.member.in_(list(member_ids))).execute()


def mark_restricted(member_id: int, at: datetime | None, now: datetime) -> bool:
    """Their data are kept and not used since `at`, or used again (None). False where that is so already."""
    if at is not None:
        leave_tips([member_id])
    other = Member.restricted_at.is_null(at is not None)
    return bool(Member.update(restricted_at=at, updated_at=now).where(Member.id == member_id, other).execute())


def withhold_consents(member_id: int, by: str, now: datetime) -> None:
    """They agree to nothing until `give_consents_back`; what waits for them is cancelled."""
    for row in list(Consent.select().where(Consent.member == member_id, Consent.given)):
        write_consent(member_id, row.channel, False, by, RESTRICTED, now)


def give_consents_back(member_id: int, by: str, now: datetime) -> None:
    """They agree again to what they agreed to before `withhold_consents`."""
    for row in list(Consent.select().where(Consent.member == member_id, Consent.how == RESTRICTED)):
        Consent.update(given=True, at=now, how="lifted", who=by).where(Consent.id == row.id).execute()
        audit.record(now, by, "consent_changed", str(member_id), channel=row.channel, given=True, how="lifted")
