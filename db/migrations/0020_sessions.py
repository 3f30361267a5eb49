"""Sessions and tries to sign in stand in the database; whoever was signed in signs in again. Frozen."""

from typing import Any

from peewee import AutoField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class There(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Account(There):
        pass

    class AccountSession(There):
        account = ForeignKeyField(Account, on_delete="CASCADE")
        digest = TextField(unique=True)
        address = TextField()
        started_at = DateTimeField()
        seen_at = DateTimeField()

    class SignInTry(There):
        name_digest = TextField()
        address = TextField()
        failed = IntegerField(default=0)
        until_at = DateTimeField(null=True)
        changed_at = DateTimeField()
        good_at = DateTimeField(null=True)

        class Meta:
            indexes = ((("name_digest", "address"), True),)

    db.create_tables([AccountSession, SignInTry])
    # What a session carried instead of an id of its own.
    migrator.migrate(migrator.drop_column("account", "session_key"))
