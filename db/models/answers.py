"""Verdicts on incoming texts with their answers, OK replies to alerts, and the numbers of our own SIMs."""

from peewee import ForeignKeyField, IntegerField, TextField

from db.engine.base import Table, UtcField
from db.models.broadcasts import Broadcast, Message
from db.models.modem_records import InboundMessage


class InboundVerdict(Table):
    """The verdict on a text. `answer` may be empty, `silence` says why; `broadcast` is the number's last alert."""

    inbound = ForeignKeyField(InboundMessage, unique=True, on_delete="CASCADE")
    meaning = TextField()
    language = TextField()
    judged_at = UtcField(index=True)
    broadcast = ForeignKeyField(Broadcast, null=True, on_delete="SET NULL")
    answer = TextField(default="")
    silence = TextField(default="")
    answered_at = UtcField(null=True)
    inbound_id: int
    broadcast_id: int | None


# Asked with every page of an officer: which texts ring.
InboundVerdict.add_index(InboundVerdict.inbound, where=InboundVerdict.meaning == "alarm", name="verdict_alarm")
# Asked by the alarms and with every STOP: those that wait for a person.
InboundVerdict.add_index(InboundVerdict.inbound, where=InboundVerdict.silence == "held", name="verdict_held")


class AlertReply(Table):
    """Somebody answered OK to the message that they got, or by a number that it offered (`choice`, 0 for OK); the
    newest number counts. It outlives the text itself.
    """

    message = ForeignKeyField(Message, unique=True, on_delete="CASCADE")
    broadcast = ForeignKeyField(Broadcast, on_delete="CASCADE")
    at = UtcField()
    choice = IntegerField(default=0)


class OwnNumber(Table):
    """The number of a SIM of ours, as a host's config.ini says it: what comes from there is never answered."""

    host = TextField()
    modem = TextField()
    msisdn = TextField()

    class Meta:
        indexes = ((("host", "modem"), True),)
