"""Groups of members across neighbourhoods, streets, and the broadcasts and bulletins that chose them. Frozen."""

from typing import Any

from peewee import AutoField, BooleanField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class There(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Member(There):
        street = TextField(default="")

    class Neighbourhood(There):
        pass

    class Broadcast(There):
        pass

    class Bulletin(There):
        pass

    class MemberGroup(There):
        name = TextField(unique=True)
        by_rule = BooleanField(default=False)
        everywhere = BooleanField(default=False)
        language = TextField(default="")
        role = TextField(default="")
        since_at = DateTimeField(null=True)

    class GroupMember(There):
        group = ForeignKeyField(MemberGroup, on_delete="CASCADE")
        member = ForeignKeyField(Member, on_delete="CASCADE")

        class Meta:
            indexes = ((("group", "member"), True),)

    class GroupPlace(There):
        group = ForeignKeyField(MemberGroup, on_delete="CASCADE")
        neighbourhood = ForeignKeyField(Neighbourhood, on_delete="CASCADE")

    class GroupStreet(There):
        group = ForeignKeyField(MemberGroup, on_delete="CASCADE")
        name = TextField()
        neighbourhood = ForeignKeyField(Neighbourhood, null=True, on_delete="CASCADE")

    class Street(There):
        name = TextField()
        folded = TextField(index=True)
        neighbourhood = ForeignKeyField(Neighbourhood, on_delete="CASCADE")

    class BroadcastGroup(There):
        broadcast = ForeignKeyField(Broadcast, on_delete="CASCADE")
        group = ForeignKeyField(MemberGroup, on_delete="CASCADE")

    class BroadcastStreet(There):
        broadcast = ForeignKeyField(Broadcast, on_delete="CASCADE")
        name = TextField()
        neighbourhood = ForeignKeyField(Neighbourhood, null=True, on_delete="CASCADE")

    class BulletinGroup(There):
        bulletin = ForeignKeyField(Bulletin, on_delete="CASCADE")
        group = ForeignKeyField(MemberGroup, on_delete="CASCADE")

    Member.add_index(Member.street, name="member_street")
    db.create_tables(
        # of Member only the index is made
        [
            *(Member, MemberGroup, GroupMember, GroupPlace, GroupStreet, Street),
            *(BroadcastGroup, BroadcastStreet, BulletinGroup),
        ]
    )
    migrator.migrate(migrator.add_column("bulletin_relay", "group_id", IntegerField(null=True)))
