"""Ready-made alerts; and orders: a Broadcast, a Message per recipient, a Part per TPDU, an Attempt per claim."""

from typing import Any

from peewee import SQL, BooleanField, Case, ForeignKeyField, IntegerField, TextField, fn

from db.engine.base import EnumField, Table, UtcField
from db.models.people import Member, MemberGroup, Neighbourhood
from rules.states import PartState, Stage


class AlertTemplate(Table):
    """A tile on the officer's home, alert or drill; `texts` by language and `fields` are JSON (db.alerts.templates)."""

    title = TextField()
    icon = TextField()
    kind = TextField(default="alert")
    position = IntegerField(default=0)
    texts = TextField(default="{}")
    fields = TextField(default="[]")
    can_wait = BooleanField(default=False)
    changed_by = TextField()
    changed_at = UtcField()


class AlertWording(Table):
    """First and last words of alerts in a language; `required`: its readers must get a text of their own. `answers` is
    JSON: the words that answer a tip, by outcome.
    """

    language = TextField(unique=True)
    prefix = TextField(default="")
    closing = TextField(default="")
    required = BooleanField(default=True)
    answers = TextField(default="{}")


class SharedText(Table):
    """A text that no officer orders, to many one by one: agreed to by an officer, or by two, before it goes out."""

    kind = TextField()
    digest = TextField(index=True)
    body = TextField()
    people = IntegerField()
    asked_at = UtcField()
    # Without defaults: the jobs, which ask, have no right to write these.
    first_by = TextField(null=True)
    agreed_by = TextField(null=True)
    agreed_at = UtcField(null=True)


class Broadcast(Table):
    """One text to many people."""

    kind = TextField()
    lane = IntegerField()
    stage = EnumField(Stage, default=Stage.PREPARING)
    recipients = IntegerField(default=0)
    audience = TextField()
    fingerprint = TextField()
    idempotency_key = TextField(null=True, unique=True)
    ordered_by = TextField()
    override_reason = TextField(null=True)
    created_at = UtcField(index=True)
    release_at = UtcField(null=True)
    deadline_at = UtcField()
    # What a correction or an end of alert speaks of.
    original = ForeignKeyField("self", null=True, on_delete="SET NULL")
    # Of an order of a person or a program: a digest of all of it, so that the same key again with something else is
    # noticed (empty where it is not known); all | places | group | numbers | reached (empty for the box's own).
    digest = TextField(default="")
    whom = TextField(default="")
    # now | earlier as the officer said, empty where nobody had to say; and why an SMS all the same
    happened = TextField(default="")
    late_because = TextField(default="")
    # Whom a mail goes to besides people without a mobile: "" nobody, always everybody, failing whom no SMS reached.
    by_mail = TextField(default="")
    # So many people were left out for their quiet hours, also without a mobile.
    quiet = IntegerField(default=0)
    # An alert whose incident somebody closed without telling its end.
    closed_at = UtcField(null=True)
    # The ready-made alert that the text was made from, and the answers in its fields: JSON, by name.
    template = ForeignKeyField(AlertTemplate, null=True, on_delete="SET NULL")
    answers = TextField(default="{}")
    # The agreement that this message of a text to many uses up.
    shared = ForeignKeyField(SharedText, null=True, on_delete="SET NULL")
    # Why it was held (db.alerts.orders.holding); messages up to `hold_reach` may have been sent, None: any.
    hold_reason = TextField(default="")
    hold_reach = IntegerField(null=True)
    original_id: int | None
    template_id: int | None

    class Meta:
        indexes = ((("fingerprint", "created_at"), False),)


Broadcast.add_index(Broadcast.lane, Broadcast.id, where=Broadcast.stage == Stage.QUEUED, name="broadcast_open")
Broadcast.add_index(Broadcast.id, where=Broadcast.stage == Stage.CANCELLED, name="broadcast_stopped")


class BroadcastPlace(Table):
    """A neighbourhood that was chosen, in the order of choosing (`id`); `near`: where it happened."""

    broadcast = ForeignKeyField(Broadcast, backref="places", on_delete="CASCADE")
    neighbourhood = ForeignKeyField(Neighbourhood, on_delete="CASCADE")
    near = BooleanField(default=False)


class BroadcastGroup(Table):
    """A group of members that was chosen."""

    broadcast = ForeignKeyField(Broadcast, on_delete="CASCADE")
    group = ForeignKeyField(MemberGroup, on_delete="CASCADE")


class BroadcastStreet(Table):
    """A street that was chosen; `neighbourhood`: only the stretch that lies in it."""

    broadcast = ForeignKeyField(Broadcast, on_delete="CASCADE")
    name = TextField()
    neighbourhood = ForeignKeyField(Neighbourhood, null=True, on_delete="CASCADE")


class BroadcastText(Table):
    """A text of a broadcast, as it was split for sending. `segments` is a JSON list; joined, it is `body`."""

    broadcast = ForeignKeyField(Broadcast, backref="texts", on_delete="CASCADE")
    language = TextField(default="fr")
    body = TextField()
    encoding = TextField()
    segments = TextField()


class Message(Table):
    """One text to one person. `imsi` and `modem` (host/name) are of the first claim; `neighbourhood` is where the
    person lived then, and stays when they are forgotten.
    """

    broadcast = ForeignKeyField(Broadcast, backref="messages", on_delete="CASCADE")
    text = ForeignKeyField(BroadcastText, on_delete="CASCADE")
    member = ForeignKeyField(Member, null=True, on_delete="SET NULL")
    neighbourhood = ForeignKeyField(Neighbourhood, null=True, backref="+", on_delete="SET NULL", index=False)
    msisdn = TextField(index=True)
    reference = IntegerField()
    imsi = TextField(null=True)
    modem = TextField(null=True)
    broadcast_id: int


class Part(Table):
    """One TPDU. `ring` is its place in the broadcast's order; a retry comes after all parts of the first round."""

    message = ForeignKeyField(Message, backref="parts", on_delete="CASCADE")
    broadcast = ForeignKeyField(Broadcast, on_delete="CASCADE")
    seq = IntegerField()
    state = EnumField(PartState, default=PartState.QUEUED)
    ring = IntegerField()
    retries = IntegerField(default=0)
    not_before_at = UtcField(null=True)
    changed_at = UtcField()
    sent_at = UtcField(null=True)
    simulated = BooleanField(default=False)
    # Why it is where it is: an error code of 3GPP (`CMS 38`), or a word of the daemon's policy.
    reason = TextField(default="")
    # The state that programs were told of (db.operations.events).
    told = EnumField(PartState, default=PartState.QUEUED)
    message_id: int
    broadcast_id: int


Part.add_index(Part.changed_at, Part.id, where=Part.state != Part.told, name="part_untold")
Part.add_index(Part.broadcast, Part.ring, Part.id, where=Part.state == PartState.QUEUED, name="part_queue")
Part.add_index(Part.broadcast, where=Part.state == PartState.SENDING, name="part_sending")
Part.add_index(Part.broadcast, where=Part.state == PartState.UNCONFIRMED, name="part_unconfirmed")
Part.add_index(Part.broadcast, Part.state, name="part_counts")
Part.add_index(Part.broadcast, where=Part.simulated, name="part_simulated")


def ends_as(state: PartState, reason: str) -> dict[str, Any]:
    """The values of a waiting part that goes out no more: unconfirmed if it is held and a phone may have it."""
    reached = Broadcast.hold_reach.is_null() | (Part.message <= Broadcast.hold_reach)
    held = Broadcast.select(SQL("1")).where(
        Broadcast.id == Part.broadcast, Broadcast.stage == Stage.HELD, Broadcast.hold_reason != "", reached
    )
    doubt = fn.EXISTS(held)
    return {
        "state": Case(None, [(doubt, str(PartState.UNCONFIRMED))], str(state)),
        "reason": Case(None, [(doubt, "perhaps_sent")], reason),
    }


class Attempt(Table):
    """Intent before, outcome after. An attempt with `pdu_started_at` may have reached the network."""

    part = ForeignKeyField(Part, backref="attempts", on_delete="CASCADE")
    host = TextField()
    modem = TextField()
    imsi = TextField()
    simulated = BooleanField()
    claimed_at = UtcField()
    lease_until = UtcField()
    pdu_started_at = UtcField(null=True)
    ended_at = UtcField(null=True)
    # open | sent | retry | failed | unconfirmed | released
    outcome = TextField(default="open")
    reference = IntegerField(null=True)
    reason = TextField(default="")
    part_id: int

    class Meta:
        indexes = (
            (("imsi", "reference"), False),
            (("imsi", "ended_at"), False),
            (("host", "modem", "ended_at"), False),
        )

    @property
    def seat(self) -> str:
        return f"{self.host}/{self.modem}"


Attempt.add_index(Attempt.host, where=Attempt.outcome == "open", name="attempt_open")
# A report that names no known reference looks through the attempts that nobody answered, and only those.
Attempt.add_index(Attempt.imsi, where=Attempt.outcome == "unconfirmed", name="attempt_unconfirmed")


class AlertCall(Table):
    """A telephone call to a member whom no SMS of this broadcast reaches, ticked off by `called_by`."""

    broadcast = ForeignKeyField(Broadcast, on_delete="CASCADE")
    member = ForeignKeyField(Member, on_delete="CASCADE")
    called_at = UtcField()
    called_by = TextField()

    class Meta:
        indexes = ((("broadcast", "member"), True),)


class Report(Table):
    """An SMS-STATUS-REPORT that fits no receipt yet; tried again when one lands. `modem` is the one it came by."""

    imsi = TextField()
    reference = IntegerField()
    recipient = TextField()
    submitted_at = UtcField()
    outcome = TextField()
    status = IntegerField()
    received_at = UtcField()
    modem = TextField(null=True)

    class Meta:
        indexes = ((("imsi", "reference"), False),)
