"""STOP and START by SMS: the last word counts, by the service centre's clock, against a form by ours."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from db.journal import audit
from db.models.accounts import Account
from db.models.people import Consent, Member, Neighbourhood
from db.people.members.renewal import answer_by_sms
from db.people.members.saving import RESTRICTED, cancel_queued_to, lock_members_of
from rules.people import MACHINE
from rules.replies.values import Leaving

# How a consent came that a text gave or took; the pages have words for it.
BY_TEXT = "inbound"
# A STOP that came just before a form was saved may be the answer to it; in doubt a STOP counts.
IN_DOUBT = timedelta(minutes=5)
# The consents of members who get no texts.
_OUT = (
    Consent.select(Consent, Member, Neighbourhood)
    .join(Member)
    .join(Neighbourhood)
    .where(Consent.channel == "sms", ~Consent.given)
)


def apply_stop(sender: str, sent_at: datetime, came_at: datetime, now: datetime) -> Leaving:
    """Nobody on this number gets texts any more, not even queued ones; in the caller's transaction. A member who agreed
    after the text arrived (`came_at`), or wrote START later, stays: LATER_SAID. Whose data are not used for a while
    (`RESTRICTED`) agrees to nothing afterwards either.
    """
    said_at = min(sent_at, now)
    consents = _consents(sender)
    agreed = [row for row in consents if row.given or row.how == RESTRICTED]
    _say_again((row for row in consents if not row.given and row.how == BY_TEXT), said_at)
    if not agreed:
        if _is_member(sender):
            return Leaving.AS_IT_WAS
        is_user = Account.select().where(Account.mobile == sender, Account.active).exists()
        return Leaving.USER if is_user else Leaving.STRANGER
    # Agreed later than now: our clock was set back since, and the STOP is no older for that. It came in while ours had
    # begun anew: then the service centre's tells.
    leaving = [
        row
        for row in agreed
        if row.at > now or (said_at >= row.at if row.how == BY_TEXT else max(came_at, said_at) >= row.at - IN_DOUBT)
    ]
    for row in leaving:
        _change(row, False, said_at, now)
    if len(leaving) < len(agreed):
        # Texts still go to this number: whoever wrote STOP gets no word that none will.
        return Leaving.LATER_SAID
    cancel_queued_to(sender, now, MACHINE)
    answer_by_sms(sender, "no", said_at)
    return Leaving.LEFT


def apply_start(sender: str, sent_at: datetime, now: datetime) -> Leaving:
    """Members who left by SMS are subscribed again, but nobody else; inside the caller's transaction."""
    said_at = min(sent_at, now)
    consents = _consents(sender)
    if not consents:
        return Leaving.NOT_THEIRS if _is_member(sender) else Leaving.STRANGER
    out = [row for row in consents if not row.given]
    # What a person agreed to on a form, or on paper, is proved by that and not by a text.
    _say_again((row for row in consents if row.given and row.how == BY_TEXT), said_at)
    if not out:
        return Leaving.AS_IT_WAS
    by_text = [row for row in out if row.how == BY_TEXT and row.member.restricted_at is None]
    returning = [row for row in by_text if said_at >= row.at]
    for row in returning:
        _change(row, True, said_at, now)
    if returning:
        return Leaving.BACK
    return Leaving.LATER_SAID if by_text else Leaving.NOT_THEIRS


def left_by_text(since: datetime) -> list[tuple[int, str, datetime]]:
    """Members who left by SMS since then, newest first: id, name, and when they wrote it."""
    left = _OUT.where(Consent.how == BY_TEXT, Consent.at >= since).order_by(Consent.at.desc(), Member.id)
    return [(row.member.id, row.member.full_name, row.at) for row in left]


def out_on(number: str) -> list[str]:
    """Names and neighbourhoods of the members with this number who get no texts."""
    members = (row.member for row in _OUT.where(Member.mobile == number).order_by(Member.id))
    return [f"{member.full_name} ({member.neighbourhood.name})" for member in members]


def _consents(sender: str) -> list[Consent]:
    """Those of all members with this number, whom nobody changes until the transaction ends."""
    lock_members_of(sender)
    query = Consent.select(Consent, Member).join(Member).where(Member.mobile == sender, Consent.channel == "sms")
    return list(query.order_by(Consent.id))


def _is_member(sender: str) -> bool:
    return bool(Member.select().where(Member.mobile == sender).exists())


def _say_again(rows: Iterable[Any], said_at: datetime) -> None:
    """Nothing changes, but the contrary must have been written after this to count, since texts arrive in any order."""
    for row in rows:
        if row.at < said_at:
            Consent.update(at=said_at, how=BY_TEXT, who=MACHINE).where(Consent.id == row.id).execute()


def _change(row: Any, given: bool, said_at: datetime, now: datetime) -> None:
    changed = {Consent.given: given, Consent.at: said_at, Consent.how: BY_TEXT, Consent.who: MACHINE}
    Consent.update(changed).where(Consent.id == row.id).execute()
    audit.record(now, MACHINE, "consent_changed", str(row.member_id), channel="sms", given=given, how=BY_TEXT)
