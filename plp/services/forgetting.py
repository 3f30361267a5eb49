"""A person leaves the partnership: they are forgotten everywhere, at once. Counts stay."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from db.alerts.queue.erasure import erase_messages_to
from db.engine.connection import writing
from db.engine.wal import empty_wal
from db.inbound.inbox.erasure import erase_correspondence
from db.journal.chain import entries_naming, erase_details
from db.people.members.forgotten import members_listed, remember_forgotten, remember_listed
from db.people.members.saving import Leaver, delete_member
from plp.rules.numbers import shown


def forget_member(member_id: int, by: str, now: datetime, again: bool = False) -> None:
    """Forget a person: queued messages to them are cancelled, what was sent loses its number and its name.

    What they wrote goes with them, and the answers to it. A keyed hash keeps a list from bringing them back. The
    database's own files are written anew by the jobs (`db.operations.cleaning`), and so are plan B's.
    Raises Refusal while a call for help of theirs is open; not when they are forgotten `again`, in an older copy.
    """
    with writing():
        left = delete_member(member_id, by, now)
        if left is None:
            return
        erase_correspondence(left.numbers, left.email, now, again)
        for number in left.numbers:
            erase_messages_to(number)
        erase_details(entries_naming(list(_words(left))), by, now)
        remember_forgotten([known for known in (left.mobile, left.email) if known], now)
    empty_wal()


def forget_again(listed: Mapping[str, datetime], by: str, now: datetime) -> int:
    """In an older copy of the database: forget those who were forgotten after it was made (`forgotten_list`).

    Returns how many members.
    """
    found = members_listed(listed)
    for member_id in found:
        forget_member(member_id, by, now, again=True)
    remember_listed(listed)
    return len(found)


def _words(left: Leaver) -> Iterator[str]:
    """Words that may name them in a reason that an officer typed."""
    for number in left.numbers:
        yield from (number, shown(number), shown(number).replace(" ", ""))
    if left.email:
        yield left.email
    if " " in left.name:
        yield left.name
