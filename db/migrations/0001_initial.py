"""The first schema. Models are frozen here: later changes of `db.models` do not reach back."""

from typing import Any

from peewee import AutoField, BooleanField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class Frozen(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Neighbourhood(Frozen):
        name = TextField(unique=True)
        position = IntegerField(default=0)
        reference_address = TextField(default="")

    class Member(Frozen):
        first_name = TextField()
        last_name = TextField()
        mobile = TextField(null=True, index=True)
        email = TextField(null=True, index=True)
        language = TextField(default="fr")
        neighbourhood = ForeignKeyField(Neighbourhood, backref="members", on_delete="RESTRICT")
        role = TextField(default="member")
        created_at = DateTimeField()
        updated_at = DateTimeField()
        welcome_requested_at = DateTimeField(null=True)
        welcomed_at = DateTimeField(null=True)

    class Consent(Frozen):
        member = ForeignKeyField(Member, backref="consents", on_delete="CASCADE")
        channel = TextField()
        given = BooleanField()
        at = DateTimeField()
        how = TextField()
        who = TextField()

        class Meta:
            indexes = ((("member", "channel"), True),)

    class Account(Frozen):
        name = TextField(unique=True)
        password_hash = TextField(null=True)
        mobile = TextField(null=True)
        language = TextField(default="fr")
        active = BooleanField(default=True)
        created_at = DateTimeField()
        session_key = TextField()

    class AccountRole(Frozen):
        account = ForeignKeyField(Account, backref="role_rows", on_delete="CASCADE")
        role = TextField()

        class Meta:
            indexes = ((("account", "role"), True),)

    class SignInLink(Frozen):
        token_hash = TextField(unique=True)
        account = ForeignKeyField(Account, null=True, on_delete="CASCADE")
        expires_at = DateTimeField()
        used_at = DateTimeField(null=True)

    class ApiToken(Frozen):
        name = TextField(unique=True)
        token_hash = TextField(unique=True)
        role = TextField()
        created_at = DateTimeField()
        last_used_at = DateTimeField(null=True)
        revoked_at = DateTimeField(null=True)

    class Broadcast(Frozen):
        kind = TextField()
        lane = IntegerField()
        stage = TextField(default="preparing")
        recipients = IntegerField(default=0)
        audience = TextField()
        fingerprint = TextField()
        idempotency_key = TextField(null=True, unique=True)
        ordered_by = TextField()
        override_reason = TextField(null=True)
        created_at = DateTimeField(index=True)
        release_at = DateTimeField(null=True)
        deadline_at = DateTimeField()

        class Meta:
            indexes = ((("fingerprint", "created_at"), False),)

    Broadcast.add_index(
        Broadcast.lane,
        Broadcast.id,
        where=Broadcast.stage == "queued",
        name="broadcast_open",
    )

    class BroadcastText(Frozen):
        broadcast = ForeignKeyField(Broadcast, backref="texts", on_delete="CASCADE")
        language = TextField(default="fr")
        body = TextField()
        encoding = TextField()
        segments = TextField()

    class Message(Frozen):
        broadcast = ForeignKeyField(Broadcast, backref="messages", on_delete="CASCADE")
        text = ForeignKeyField(BroadcastText, on_delete="CASCADE")
        member = ForeignKeyField(Member, null=True, on_delete="SET NULL")
        msisdn = TextField(index=True)
        reference = IntegerField()
        imsi = TextField(null=True)

    class Part(Frozen):
        message = ForeignKeyField(Message, backref="parts", on_delete="CASCADE")
        broadcast = ForeignKeyField(Broadcast, on_delete="CASCADE")
        seq = IntegerField()
        state = TextField(default="queued")
        ring = IntegerField()
        retries = IntegerField(default=0)
        not_before_at = DateTimeField(null=True)
        changed_at = DateTimeField()
        sent_at = DateTimeField(null=True)
        simulated = BooleanField(default=False)
        reason = TextField(default="")

    Part.add_index(Part.broadcast, Part.ring, Part.id, where=Part.state == "queued", name="part_queue")
    Part.add_index(Part.broadcast, where=Part.state == "sending", name="part_sending")
    Part.add_index(Part.broadcast, Part.state, name="part_counts")

    class Attempt(Frozen):
        part = ForeignKeyField(Part, backref="attempts", on_delete="CASCADE")
        host = TextField()
        modem = TextField()
        imsi = TextField()
        simulated = BooleanField()
        claimed_at = DateTimeField()
        lease_until = DateTimeField()
        pdu_started_at = DateTimeField(null=True)
        ended_at = DateTimeField(null=True)
        outcome = TextField(default="open")
        reference = IntegerField(null=True)
        reason = TextField(default="")

        class Meta:
            indexes = (
                (("imsi", "reference"), False),
                (("imsi", "ended_at"), False),
                (("modem", "ended_at"), False),
            )

    Attempt.add_index(Attempt.host, where=Attempt.outcome == "open", name="attempt_open")

    class Report(Frozen):
        imsi = TextField()
        reference = IntegerField()
        recipient = TextField()
        submitted_at = DateTimeField()
        outcome = TextField()
        status = IntegerField()
        received_at = DateTimeField()

        class Meta:
            indexes = ((("imsi", "reference"), False),)

    class Zone(Frozen):
        name = TextField()
        code = TextField()
        emergency = TextField()
        phone = TextField()

    class DirectoryEntry(Frozen):
        position = IntegerField()
        service = TextField()
        purpose = TextField()
        contact = TextField()

    class Modem(Frozen):
        host = TextField()
        name = TextField()
        device = TextField()
        state = TextField()
        sentence = TextField(default="")
        model = TextField(default="")
        imei = TextField(null=True)
        imsi = TextField(null=True)
        iccid = TextField(null=True)
        operator = TextField(null=True)
        technology = TextField(null=True)
        signal_dbm = IntegerField(null=True)
        simulated = BooleanField(default=False)
        messages_per_minute = IntegerField(default=0)
        urgent_messages_per_minute = IntegerField(default=0)
        changed_at = DateTimeField()

        class Meta:
            indexes = ((("host", "name"), True),)

    class Heartbeat(Frozen):
        host = TextField()
        process = TextField()
        pid = IntegerField()
        seen_at = DateTimeField()

        class Meta:
            indexes = ((("host", "process"), True),)

    class AuditEntry(Frozen):
        at = DateTimeField(index=True)
        actor = TextField()
        action = TextField()
        subject = TextField(default="")
        detail = TextField(default="{}")

    db.create_tables(Frozen.__subclasses__())
