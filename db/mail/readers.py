"""The readers of mails: a waiting mail's address is looked up again before it leaves; and a person is erased."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from db.engine.connection import writing
from db.models.bulletins import BulletinRelay, NeighbourhoodRelay
from db.models.mail import Mail, MailEnclosure, MailLetter
from db.models.people import Consent, GroupMember, Member, MemberGroup, Neighbourhood
from rules.mail import NAME_CHARACTERS, MailCause, MailState, domain_of, header_line, mail_sources
from rules.states import LONGER

# To admins and technicians. Those that tell an owner of a change to the account are not among them: whoever changes the
# address would take them away.
_TO_ACCOUNTS = ("alarm", "daily")
_UNDER_WAY = (MailState.QUEUED, MailState.SENDING)
# What is left of a mail, and of a letter, that nobody may read any more.
_NOBODY = {"address": "", "name": "", "text": "", "html": ""}
_EMPTY = {"subject": "", "reply_to": "", "in_reply_to": ""}


def address_now(mail: Mail) -> str:
    """Current address of the reader, or ''; of a bulletin, that of the present holder of the office."""
    if not mail.address:
        return ""
    if mail.relay is not None:
        return address_of_relay(mail.relay)
    member = Member.get_or_none(Member.id == mail.member_id) if mail.member_id is not None else None
    place = Neighbourhood.select().where(Neighbourhood.reference_address == mail.address)
    if member is None or mail.letter.kind == "answer" or place.exists():
        return mail.address
    return str(member.email or "") if member.restricted_at is None else ""


def mail_with_address(mail_id: int) -> tuple[Mail, str] | None:
    """A mail of the queue, with its reader's address of today; None for an unknown id."""
    row = Mail.get_or_none(Mail.id == mail_id)
    return None if row is None else (row, address_now(row))


def address_of_relay(relay: BulletinRelay) -> str:
    """The reader's address, if they still have their office; never the reference address of an erased one."""
    place, member = relay.neighbourhood, relay.member
    if member is None:
        return str(place.reference_address) if place is not None and relay.at_reference else ""
    own = str(member.email or "")
    if relay.group_id is not None:
        return own if _is_mailed(relay.group_id, member) else ""
    if relay.bulletin.category == LONGER:
        is_alerted = member.restricted_at is None and (member.mobile is None or _agrees(member, "sms", "mail_group"))
        return own if is_alerted else ""
    # A neighbourhood that is gone took its deputy along, and no coordinator.
    if place is not None and member.neighbourhood_id != place.id:
        return ""
    if relay.deputy:
        here = NeighbourhoodRelay.neighbourhood == place
        named = NeighbourhoodRelay.select().where(here, NeighbourhoodRelay.deputy == member.id)
        return own if place is not None and named.exists() else ""
    if member.role != "coordinator" or member.restricted_at is not None:
        return ""
    return own or (str(place.reference_address) if place is not None else "")


def _is_mailed(group_id: int, member: Member) -> bool:
    """True while the group exists, has this unrestricted member, and they coordinate or agree to its mail."""
    inside = GroupMember.select().where(GroupMember.group == group_id, GroupMember.member == member.id)
    group = MemberGroup.get_or_none(MemberGroup.id == group_id)
    if group is None or not (group.by_rule or inside.exists()) or member.restricted_at is not None:
        return False
    return member.role == "coordinator" or _agrees(member, "mail_group")


def _agrees(member: Member, *channels: str) -> bool:
    given = Consent.select().where(Consent.member == member.id, Consent.channel.in_(channels), Consent.given)
    return bool(given.exists())


def move_mails(which: Any, to: MailState, cause: MailCause, reason: str, now: datetime, **more: Any) -> int:
    """Bring the mails that the condition finds into a state, where theirs allows it; how many. In a transaction."""
    values = {"state": to, "reason": reason, "reply": "", "changed_at": now} | more
    return int(Mail.update(values).where(which, Mail.state.in_(mail_sources(to, cause))).execute())


def readdress_mail(name: str, old: str, new: str, now: datetime) -> None:
    """Give mails to the account `name` at `old` the address `new`, or cancel them where that is empty."""
    letters = MailLetter.select(MailLetter.id).where(MailLetter.kind.in_(_TO_ACCOUNTS))
    theirs = (Mail.address == old) & (Mail.name == header_line(name, NAME_CHARACTERS)) & Mail.letter.in_(letters)
    with writing():
        if not new:
            move_mails(theirs, MailState.CANCELLED, MailCause.WITHDRAWAL, "withdrawn", now)
        Mail.update(address=new, domain=domain_of(new)).where(theirs, Mail.state.in_(_UNDER_WAY)).execute()


def erase_mail_of(member_ids: Collection[int], now: datetime) -> int:
    """Cancel these members' waiting mails, empty the sent ones, and the letters that only they read; how many."""
    return _erase(Mail.member.in_(member_ids), now)


def erase_mail_to(address: str, now: datetime) -> int:
    """The same for mails to an address that no member has any more; an answer to a shared one names no member."""
    return _erase(Mail.member.is_null() & (Mail.address == address), now)


def _erase(condition: Any, now: datetime) -> int:
    with writing():
        move_mails(condition, MailState.CANCELLED, MailCause.ERASURE, "erased", now)
        letters = Mail.select(Mail.letter).where(condition)
        others = Mail.select(Mail.letter).where(Mail.address != "", ~condition)
        MailLetter.update(_EMPTY).where(MailLetter.id.in_(letters), MailLetter.id.not_in(others)).execute()
        return int(Mail.update(**_NOBODY).where(condition).execute())


def erase_newest_mail(before: datetime) -> bool:
    """Empty the newest mail, if it ended `before`; True when it did. Its row stays, or SQLite reuses its number."""
    newest = Mail.select(Mail.id, Mail.letter, Mail.changed_at, Mail.state).order_by(Mail.id.desc()).first()
    if newest is None or newest.changed_at >= before or newest.state in _UNDER_WAY:
        return False
    with writing():
        Mail.update(**_NOBODY, domain="", reply="", member=None).where(Mail.id == newest.id).execute()
        if Mail.select().where(Mail.letter == newest.letter_id, Mail.id != newest.id).exists():
            return True
        MailLetter.update(_EMPTY).where(MailLetter.id == newest.letter_id).execute()
        MailEnclosure.delete().where(MailEnclosure.letter == newest.letter_id).execute()
    return True
