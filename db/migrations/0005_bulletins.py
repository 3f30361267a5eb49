"""Bulletins to the coordinators and their relay. Frozen, like every migration."""

from typing import Any

from peewee import (
    AutoField,
    BlobField,
    BooleanField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


def up(migrator: Any, db: Any) -> None:
    class Named(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Broadcast(Named):
        pass

    class Neighbourhood(Named):
        pass

    class Member(Named):
        pass

    class Frozen(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Bulletin(Frozen):
        nonce = TextField(unique=True)
        category = TextField()
        alert = ForeignKeyField(Broadcast, null=True, on_delete="SET NULL")
        everywhere = BooleanField(default=False)
        version = IntegerField(default=1)
        written_by = TextField()
        created_at = DateTimeField()
        changed_at = DateTimeField()
        sent_by = TextField(default="")
        sent_at = DateTimeField(null=True, index=True)

    class BulletinText(Frozen):
        bulletin = ForeignKeyField(Bulletin, on_delete="CASCADE")
        position = IntegerField()
        language = TextField()
        title = TextField()
        body = TextField()

        class Meta:
            indexes = ((("bulletin", "language"), True),)

    class BulletinPlace(Frozen):
        bulletin = ForeignKeyField(Bulletin, on_delete="CASCADE")
        neighbourhood = ForeignKeyField(Neighbourhood, on_delete="CASCADE")

        class Meta:
            indexes = ((("bulletin", "neighbourhood"), True),)

    class BulletinEnclosure(Frozen):
        bulletin = ForeignKeyField(Bulletin, on_delete="CASCADE")
        filename = TextField()
        media_type = TextField()
        size_bytes = IntegerField()
        content = BlobField()

    class BulletinRelay(Frozen):
        bulletin = ForeignKeyField(Bulletin, on_delete="CASCADE")
        neighbourhood = ForeignKeyField(Neighbourhood, null=True, on_delete="SET NULL")
        place = TextField()
        member = ForeignKeyField(Member, null=True, on_delete="SET NULL")
        deputy = BooleanField(default=False)
        created_at = DateTimeField()
        owed = TextField(default="first")
        nudged_at = DateTimeField(null=True)
        nudged_by = TextField(default="")
        nudges = IntegerField(default=0)
        relayed_at = DateTimeField(null=True)
        relayed_how = TextField(default="")
        relayed_by = TextField(default="")

    BulletinRelay.add_index(BulletinRelay.id, where=BulletinRelay.owed != "", name="bulletin_relay_owed")

    class BulletinMail(Frozen):
        relay = ForeignKeyField(BulletinRelay, on_delete="CASCADE")
        mail_id = IntegerField(unique=True)
        kind = TextField()

    class NeighbourhoodRelay(Frozen):
        neighbourhood = ForeignKeyField(Neighbourhood, unique=True, on_delete="CASCADE")
        deputy = ForeignKeyField(Member, null=True, on_delete="SET NULL")
        group_address = TextField(default="")

    class BulletinPolicy(Frozen):
        deputy_after_h = IntegerField(default=24)

    class SigningKey(Frozen):
        purpose = TextField(unique=True)
        key = TextField()

    db.create_tables(Frozen.__subclasses__())
