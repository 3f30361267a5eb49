"""A person leaves the partnership: their record goes, and what they wrote with it."""

from datetime import datetime

from db.engine.connection import writing
from db.inbound.inbox.erasure import erase_correspondence
from db.people.members.saving import delete_member
from plp.rules.people import Actor


def forget_member(member_id: int, by: Actor, now: datetime) -> None:
    """Forget a person: queued messages to them are cancelled, what was sent keeps its number without a name.

    What they wrote goes with them, and the answers to it. Raises Refusal while a call for help of theirs is open.
    """
    with writing():
        left = delete_member(member_id, by, now)
        if left is not None:
            erase_correspondence(*left, now)
