"""A person leaves the partnership: they are erased everywhere, at once. Counts are kept."""

from collections.abc import Mapping
from datetime import datetime

from db.engine.connection import writing
from db.engine.health import empty_wal
from db.inbound.inbox.answers import erase_correspondence, is_alarm_open
from db.journal import audit
from db.journal.chain import erase_typed, typed_naming
from db.operations.retention import erase_messages_to
from db.people.members.erasure import delete_member, members_listed, remember_forgotten, remember_listed
from rules.numbers import mentioning
from rules.refusals import Refusal

REQUESTERS = ("person", "relative", "coordinator", "authority", "zone")


def forget_member(member_id: int, by: str, now: datetime, again: bool = False, requester: str = "") -> None:
    """Forget a person: messages waiting for them are cancelled, sent ones lose number and name, their own and the
    answers are deleted; a keyed hash keeps lists from adding them again. `requester` is a code of REQUESTERS. Raises
    Refusal while a call for help of theirs is open, unless they are erased `again`, in an older copy.
    """
    with writing():
        left = delete_member(member_id, now, by)
        if left is None:
            return
        if not again and is_alarm_open(left.numbers):
            raise Refusal(
                "Un SMS urgent de cette personne n'est pas traité : un policier doit d'abord le traiter, "
                "dans la boîte de réception."
            )
        came = erase_correspondence(left.numbers, left.email, now)
        sent = sum(map(erase_messages_to, left.numbers))
        naming = typed_naming(mentioning(left.numbers, left.email, *left.name), left.since)
        entry = audit.record(
            now, by, "member_deleted", str(member_id),
            asked=requester or None, messages=sent, mails=left.mails, came=came, entries=len(naming),
        )  # fmt: skip
        erase_typed(naming, entry)
        remember_forgotten(left.known, now)
    empty_wal()


def forget_again(listed: Mapping[str, datetime], by: str, now: datetime) -> int:
    """Erase in an older copy the people erased after it was made (`forgotten_list`); returns how many members."""
    members = members_listed(listed)
    for member_id in members:
        forget_member(member_id, by, now, again=True)
    remember_listed(listed)
    return len(members)
