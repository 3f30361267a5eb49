"""Erasure of a person from what was sent: counts and states stay, the number goes."""

import json

from peewee import fn

from db.models.broadcasts import Broadcast, BroadcastText, Message, Report
from db.models.budgets import SimRecipient
from db.models.people import Member
from plp.rules.states import AUTOMATIC


def erase_messages_to(mobile: str) -> int:
    """Erase this number from messages, and a text that it alone got (welcome, answer); how many. In a transaction."""
    theirs = Message.select(Message.broadcast).where(Message.msisdn == mobile)
    alone = [
        row.id for row in Broadcast.select(Broadcast.id).where(Broadcast.id.in_(theirs), Broadcast.kind.in_(AUTOMATIC))
    ]
    BroadcastText.update(body="", segments=json.dumps([])).where(BroadcastText.broadcast.in_(alone)).execute()
    Broadcast.update(fingerprint="").where(Broadcast.id.in_(alone)).execute()
    gone = Message.update(msisdn="", member=None).where(Message.msisdn == mobile).execute()
    tail = fn.SUBSTR(Report.recipient, fn.LENGTH(Report.recipient) - 7)
    Report.delete().where(tail == mobile[-8:]).execute()
    SimRecipient.delete().where(SimRecipient.msisdn == mobile).execute()
    return int(gone)


def erase_code(broadcast_id: int, mobile: str) -> None:
    """Delete the SMS with the code of a registration, and erase its number where nothing else went to it and nobody
    has it. In a transaction.
    """
    Message.delete().where(Message.broadcast == broadcast_id).execute()
    Broadcast.delete().where(Broadcast.id == broadcast_id).execute()
    known = Message.select().where(Message.msisdn == mobile).exists()
    if not known and not Member.select().where(Member.mobile == mobile).exists():
        erase_messages_to(mobile)
