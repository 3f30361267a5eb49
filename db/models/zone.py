"""The zone, its directory, the modems as the daemon last saw them, and the audit with the chain over it."""

from peewee import SQL, BooleanField, IntegerField, TextField

from db.engine.base import Table, UtcField


class Zone(Table):
    """One row: the owner of this box."""

    name = TextField()
    code = TextField()
    emergency = TextField()
    phone = TextField()


class DirectoryEntry(Table):
    """A useful number, as members and officers see it."""

    position = IntegerField()
    service = TextField()
    purpose = TextField()
    contact = TextField()


class Modem(Table):
    """A modem as last seen. `sentence`: what is wrong; `pin_tries` are left of a locked card; `changed_at`: state."""

    host = TextField()
    name = TextField()
    # The name that people gave to it; the one of its section stays its key.
    label = TextField(default="")
    device = TextField()
    state = TextField()
    sentence = TextField(default="")
    # When it tries by itself; None where it sends, or waits for a person.
    next_try_at = UtcField(null=True)
    model = TextField(default="")
    imei = TextField(null=True)
    imsi = TextField(null=True)
    iccid = TextField(null=True)
    operator = TextField(null=True)
    technology = TextField(null=True)
    signal_dbm = IntegerField(null=True)
    simulated = BooleanField(default=False)
    # Pacing as configured on its host, 0 for none; the forecast needs it.
    messages_per_minute = IntegerField(default=0)
    urgent_messages_per_minute = IntegerField(default=0)
    changed_at = UtcField()
    pin_tries = IntegerField(null=True)
    # For the doctor, in words of `modem.driver.base.interface`: what was missing at the last set-up (Lack, several
    # with blanks between them), and what the last look at the network told (Registration.unregistered).
    lacks = TextField(default="")
    unregistered = TextField(default="")
    # Use of its storages at the last look: JSON, [name, used, total] of each.
    storages = TextField(default="[]")
    storages_at = UtcField(null=True)

    class Meta:
        indexes = ((("host", "name"), True),)


class Lineage(Table):
    """One row: the identity of this database, and its `progress`, a little ahead of any host's note
    (`modem.daemon.witness`); a restored copy is less far, and `epoch` counts how often that was noticed.
    """

    token = TextField()
    epoch = IntegerField(default=0)
    progress = IntegerField(default=0)


class Heartbeat(Table):
    """The last sign of life of a process of the product; `ended_at` is set where it ended as it should."""

    host = TextField()
    process = TextField()
    pid = IntegerField()
    seen_at = UtcField()
    ended_at = UtcField(null=True)

    class Meta:
        indexes = ((("host", "process"), True),)


class AuditEntry(Table):
    """A journal entry: who did what. `detail` is JSON without numbers, texts or passwords; `typed` what a person typed,
    which the entry `erased_by` can empty, with the signed mark `erased`. `mac` signs the entry, with `typed_mac` for
    `typed`.
    """

    at = UtcField(index=True)
    actor = TextField()
    action = TextField()
    subject = TextField(default="")
    detail = TextField(default="{}")
    typed = TextField(default="")
    typed_mac = TextField(default="")
    mac = TextField(default="")
    erased = TextField(default="")
    erased_by = IntegerField(null=True)

    class Meta:
        indexes = (
            (("actor", "at"), False),
            (("action", "at"), False),
            (("action", "actor", "at"), False),
            (("subject", "at"), False),
        )


# Few entries of a million have any; a person is looked for in these alone.
AuditEntry.add_index(AuditEntry.at, where=SQL("typed <> ''"), name="audit_typed")


class AuditSeal(Table):
    """`id` counts from 1 without a gap. `entry` is no reference: a removed entry must leave its seal behind."""

    entry = IntegerField(unique=True)
    previous = TextField()
    hash = TextField()


class AuditAnchor(Table):
    """The chain's signed beginning, after the seal `number`: entries up to `entry` were cut off. The greatest holds."""

    at = UtcField()
    number = IntegerField()
    hash = TextField()
    entry = IntegerField()
    key = TextField()
    mac = TextField()
