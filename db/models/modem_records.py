"""The daemons' records of SIMs and modems: history, budgets, requests; and incoming texts with verdicts and answers."""

from datetime import datetime
from typing import Any

from peewee import BooleanField, ForeignKeyField, IntegerField, TextField

from db.engine.base import EnumField, Table, UtcField
from db.models.broadcasts import Broadcast, Message
from rules.orders.budgets import Limits
from rules.replies.values import Answer, Meaning, Silence
from rules.states import PartState


class SimCard(Table):
    """A SIM as last seen in a modem. Only an accepted pair sends; `accepted_by` is `plp` for a modem's first card."""

    imei = TextField()
    imsi = TextField()
    iccid = TextField(null=True)
    host = TextField()
    modem = TextField()
    seen_at = UtcField()
    accepted_at = UtcField(null=True)
    accepted_by = TextField(default="")

    class Meta:
        indexes = ((("imei", "imsi"), True), (("imsi",), False), (("host", "modem"), False))


class PinTry(Table):
    """A PIN entered into a card, by its `digest`, while it may have been wrong; `refused`: it was. `card` is its ICCID;
    else the identity of its modem; else `?` and the modem's section.
    """

    card = TextField()
    digest = TextField()
    tried_at = UtcField()
    refused = BooleanField(default=False)

    class Meta:
        indexes = ((("card", "digest"), True),)


class ModemSample(Table):
    """Registration and signal of one modem at one moment."""

    host = TextField()
    modem = TextField()
    at = UtcField()
    registered = BooleanField()
    operator = TextField(null=True)
    technology = TextField(null=True)
    signal_dbm = IntegerField(null=True)

    class Meta:
        indexes = ((("host", "modem", "at"), False),)


class ImsNote(Table):
    """The IMS state that a model showed last with an operator's card."""

    model = TextField()
    operator = TextField()
    state = TextField()
    seen_at = UtcField()

    class Meta:
        indexes = ((("model", "operator"), True),)


class ModemRequest(Table):
    """A person's request to a modem's daemon, `verb` of `db.modems.commands`. `suspend` is in force until `resume`."""

    host = TextField()
    modem = TextField()
    verb = TextField()
    asked_by = TextField()
    asked_at = UtcField()
    done_at = UtcField(null=True)
    reason = TextField(default="")


ModemRequest.add_index(ModemRequest.host, ModemRequest.modem, where=ModemRequest.done_at.is_null(), name="request_open")


class ModemAnswer(Table):
    """The outcome of the newest request to a modem, or to all of a host (""), in the words of `db.modems.commands`."""

    host = TextField()
    modem = TextField()
    verb = TextField()
    imsi = TextField(default="")
    state = TextField()
    text = TextField(default="")
    answered_at = UtcField()

    class Meta:
        indexes = ((("host", "modem", "verb"), True),)


class SimUssd(Table):
    """The code by which a card's operator reports its balance."""

    imsi = TextField(unique=True)
    code = TextField()


class InboundMessage(Table):
    """A text to one of our SIMs, as far as it arrived; `sent_at` is the SMSC's; `reference` and `total`: null and 1 for
    a single part. Without `judged_at` it has no verdict on its present wording. `stick`: the IMEI of a modem that was
    not accepted with this card; until both are, the text has no effect. `mms_octets`: the size of an announced
    multimedia message, 0 if unknown. `name`, where it is read: the member's with the number, empty for a stranger.
    """

    imsi = TextField()
    stick = TextField(null=True)
    sender = TextField()
    reference = IntegerField(null=True)
    total = IntegerField(default=1)
    text = TextField()
    sent_at = UtcField()
    received_at = UtcField(index=True)
    completed_at = UtcField(null=True)
    given_up_at = UtcField(null=True)
    # An officer does it, and is done with it; without a name nobody had to be.
    taken_by = TextField(default="")
    taken_at = UtcField(null=True)
    handled_by = TextField(default="")
    handled_at = UtcField(null=True)
    simulated = BooleanField(default=False)
    judged_at = UtcField(null=True)
    mms_octets = IntegerField(null=True)
    name: str


# Asked every two seconds for ever: what came in and was not judged.
InboundMessage.add_index(InboundMessage.received_at, where=InboundMessage.judged_at.is_null(), name="inbound_unjudged")
# Asked with every page of an officer: what waits for one, and the conversation that it is in.
InboundMessage.add_index(InboundMessage.sender, where=InboundMessage.handled_at.is_null(), name="inbound_unhandled")
InboundMessage.add_index(InboundMessage.sender, name="inbound_sender")
InboundMessage.add_index(
    InboundMessage.imsi, InboundMessage.sender, where=InboundMessage.completed_at.is_null(), name="inbound_open"
)


class InboundPart(Table):
    """One SMS-DELIVER. `digest` makes reading it twice harmless: card, sender, time stamp, place and text."""

    message = ForeignKeyField(InboundMessage, backref="parts", on_delete="CASCADE")
    seq = IntegerField(default=1)
    text = TextField()
    digest = TextField(unique=True)


class UnreadablePdu(Table):
    """A PDU that nothing could decode, kept before its place on the SIM was freed."""

    imsi = TextField()
    pdu = TextField()
    received_at = UtcField()

    class Meta:
        indexes = ((("imsi", "pdu"), True),)


class Proof(Table):
    """One proof, of the sender's `host`, `modem` and `imsi`, for the hour `slot_at`; `to_seat` and `to_imsi` are the
    receiver's, "" and null for the duty phone. `broadcast` carries its unique `text`, which arrived at `arrived_at` on
    the intended card; its part's columns, where they are read, are the last five here.
    """

    host = TextField()
    modem = TextField()
    imsi = TextField(index=True)
    slot_at = UtcField()
    placed_at = UtcField()
    to_seat = TextField(default="")
    to_imsi = TextField(null=True, index=True)
    text = TextField(unique=True)
    broadcast = ForeignKeyField(Broadcast, null=True, unique=True, on_delete="CASCADE")
    arrived_at = UtcField(null=True)
    broadcast_id: int | None
    state: PartState
    reason: str
    sent_at: datetime | None
    changed_at: datetime
    simulated: bool

    class Meta:
        # Of two processes that see the hour come, one places the proof.
        indexes = ((("host", "modem", "imsi", "slot_at"), True),)

    @property
    def is_to_itself(self) -> bool:
        return self.to_seat == f"{self.host}/{self.modem}"

    @property
    def shows_sending(self) -> bool:
        """Accepted and delivered; a message from a modem to itself must also have arrived."""
        return self.state is PartState.DELIVERED and (not self.is_to_itself or self.arrived_at is not None)


class InboundVerdict(Table):
    """The verdict on a text. `answer` may be empty, `silence` is the reason; `broadcast` is the number's last alert."""

    inbound = ForeignKeyField(InboundMessage, unique=True, on_delete="CASCADE")
    meaning = EnumField(Meaning)
    language = TextField()
    judged_at = UtcField(index=True)
    broadcast = ForeignKeyField(Broadcast, null=True, on_delete="SET NULL")
    answer = EnumField(Answer, default=Answer.NONE)
    silence = EnumField(Silence, default=Silence.NONE)
    answered_at = UtcField(null=True)
    inbound_id: int
    broadcast_id: int | None


# Asked with every page of an officer: which texts ring.
InboundVerdict.add_index(InboundVerdict.inbound, where=InboundVerdict.meaning == "alarm", name="verdict_alarm")
# Asked by the alarms and with every STOP: those that wait for a person.
InboundVerdict.add_index(InboundVerdict.inbound, where=InboundVerdict.silence == "held", name="verdict_held")


class AlertReply(Table):
    """Somebody answered OK, or by an offered number (`choice`, 0 for OK); the newest counts, and outlives its text."""

    message = ForeignKeyField(Message, unique=True, on_delete="CASCADE")
    broadcast = ForeignKeyField(Broadcast, on_delete="CASCADE")
    at = UtcField()
    choice = IntegerField(default=0)


class OwnNumber(Table):
    """The number of a SIM of ours, as set in a host's config.ini: texts from it are never answered."""

    host = TextField()
    modem = TextField()
    msisdn = TextField()
    # Members were told of it, or have known no other.
    told = BooleanField(default=True)

    class Meta:
        indexes = ((("host", "modem"), True),)


class SimDay(Table):
    """One SIM's use on one local day, as `2026-11-24`. `recipients` are those that it had not yet met this month."""

    imsi = TextField()
    day = TextField()
    messages = IntegerField(default=0)
    recipients = IntegerField(default=0)

    class Meta:
        indexes = ((("imsi", "day"), True),)


class SimRecipient(Table):
    """A number that a SIM sent to in a month, as `2026-11`. The newest row of a number names the SIM it knows."""

    imsi = TextField()
    month = TextField()
    msisdn = TextField()
    messages = IntegerField(default=1)
    last_at = UtcField()

    class Meta:
        indexes = ((("msisdn", "imsi", "month"), True), (("msisdn", "last_at"), False))


class SimBudget(Table):
    """A SIM's limits, 0 for none: as configured where it is plugged in, and as a person changed them (null: not). Where
    they are read: if a modem has it, the limits that hold, and recipients of the month that another SIM also counts.
    """

    imsi = TextField(unique=True)
    host = TextField()
    modem = TextField()
    configured_day = IntegerField(default=0)
    configured_month = IntegerField(default=0)
    configured_recipients = IntegerField(default=0)
    day = IntegerField(null=True)
    month = IntegerField(null=True)
    recipients = IntegerField(null=True)
    changed_by = TextField(default="")
    changed_at = UtcField(null=True)
    present: bool
    limits: Limits
    shared: int
    meters: tuple[Any, ...]

    @property
    def configured(self) -> Limits:
        return Limits(self.configured_day, self.configured_month, self.configured_recipients)

    @property
    def changed(self) -> bool:
        return any(own is not None for own in (self.day, self.month, self.recipients))
