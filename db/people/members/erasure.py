"""A member leaves the table of members, the first step of forgetting them; or their data are kept and not used, at
their wish (GDPR, article 18). Forgotten people are kept as hashes of number and address, with a key outside the
database.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import or_

from db.engine.base import folded_column, put, tuples
from db.engine.connection import writing
from db.journal import audit
from db.journal.audit import keyed
from db.mail.readers import erase_mail_of
from db.models.accounts import Account
from db.models.broadcasts import Message, Part
from db.models.people import Consent, Forgotten, Member, Neighbourhood, Registration
from db.models.tips import Tip
from db.people.members.saving import RESTRICTED, cancel_unless_shared, count_people, write_consent
from rules.members import NUMBERS
from rules.states import Cause, PartState, sources

_LINE = re.compile(r"([0-9a-f]{64}) (\d{4}-\d\d-\d\dT[\d:.]+)(?:\+00:00)?")


def remember_forgotten(known: Collection[str], now: datetime) -> None:
    """Record these numbers and addresses as erased; inside the caller's transaction."""
    for value in known:
        put(Forgotten, {"digest": _digest(value)}, at=now, cleaned_at=None)


def welcome_back(known: Collection[str]) -> None:
    """A person was added by hand: they no longer count as erased. Inside the caller's transaction."""
    Forgotten.delete().where(Forgotten.digest.in_([_digest(value) for value in known])).execute()


def member_key(row: Member) -> str:
    """The member of this row in every copy of this database, whatever number they had when it was made."""
    return f"member {row.id} {row.created_at.isoformat()}"


def forgotten(known: Collection[str]) -> dict[str, datetime]:
    """The erased ones among these numbers and addresses, and since when."""
    if not Forgotten.select().exists():
        return {}
    digests = {_digest(value): value for value in known}
    rows = Forgotten.select(Forgotten.digest, Forgotten.at).where(Forgotten.digest.in_(list(digests)))
    return {digests[digest]: at for digest, at in tuples(rows)}


def last_forgotten_at() -> datetime | None:
    """The time of the last erasure; None for never."""
    return Forgotten.select(Forgotten.at).order_by(Forgotten.at.desc()).limit(1).scalar() or None


def uncleaned_since() -> datetime | None:
    """The time of the oldest erasure after which the files were not yet rewritten; None for none."""
    return Forgotten.select(Forgotten.at).where(Forgotten.cleaned_at.is_null()).order_by(Forgotten.at).scalar() or None


def forgotten_list() -> str:
    """All of them as text, a digest and a time a line, for an older copy that is restored; useless without the key."""
    rows = tuples(Forgotten.select(Forgotten.digest, Forgotten.at).order_by(Forgotten.id))
    return "".join(f"{digest} {at.isoformat()}\n" for digest, at in rows)


def read_list(text: str) -> dict[str, datetime]:
    """The digests in such a text, and when they were erased."""
    return {digest: datetime.fromisoformat(at).replace(tzinfo=UTC) for digest, at in _LINE.findall(text)}


def members_listed(listed: Mapping[str, datetime]) -> list[int]:
    """The members on this list, by their row, number or address, who are not yet erased in the database."""
    known = {digest for (digest,) in tuples(Forgotten.select(Forgotten.digest))}
    lacking = listed.keys() - known
    if not lacking:
        return []
    rows = Member.select(Member.id, Member.created_at, Member.mobile, Member.email)
    return [
        row.id
        for row in rows
        if any(_digest(known) in lacking for known in (member_key(row), row.mobile, row.email) if known)
    ]


def remember_listed(listed: Mapping[str, datetime]) -> None:
    """Add those of the list that the database does not have."""
    with writing():
        for digest, at in listed.items():
            Forgotten.insert(digest=digest, at=at).on_conflict_ignore().execute()


def _digest(value: str) -> str:
    return keyed("forgotten", value)


@dataclass(frozen=True, slots=True)
class Leaver:
    """A person to forget, a member `since`: numbers and address that nobody who stays has, both names, and what
    identifies them in an older copy or in a list (`known`); `mails` were emptied.
    """

    numbers: tuple[str, ...]
    email: str | None
    name: tuple[str, str]
    since: datetime
    known: tuple[str, ...]
    mails: int


def delete_member(member_id: int, now: datetime, by: str) -> Leaver | None:
    """Delete a member and what is queued to them, in the caller's transaction, which forgets the rest. Their numbers
    are also earlier ones that a text went to, or was to go to.
    """
    row = Member.get_or_none(Member.id == member_id)
    if row is None:
        return None
    mobiles, mails = _remove([row], now, by)
    count_people("lost", [row.neighbourhood_id], now)
    Registration.delete().where(Registration.mobile.in_(list(mobiles))).execute()
    own = [mobile for mobile in mobiles if not _is_somebody_s_number(mobile)]
    other = [number for name in NUMBERS[1:] if (number := getattr(row, name)) and not _is_somebody_s_number(number)]
    # Or of another member, or of a neighbourhood.
    theirs = Member.select().where(Member.email == row.email)
    places = Neighbourhood.select().where(folded_column(Neighbourhood.reference_address) == row.email)
    email = None if theirs.exists() or places.exists() else row.email
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
        count_people("gained", (row.neighbourhood_id for row in rows), since, sign=-1)
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
