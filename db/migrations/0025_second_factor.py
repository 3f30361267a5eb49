"""A second factor for each account, and the policy that asks for it: off where a zone works already. Frozen."""

from typing import Any

from peewee import AutoField, BooleanField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class There(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Account(There):
        pass

    class TotpSecret(There):
        account = ForeignKeyField(Account, unique=True, on_delete="CASCADE")
        sealed = TextField()
        last_step = IntegerField(default=0)
        confirmed_at = DateTimeField(null=True)

    class RecoveryCode(There):
        account = ForeignKeyField(Account, on_delete="CASCADE")
        code_hash = TextField()

    class SecurityKey(There):
        account = ForeignKeyField(Account, on_delete="CASCADE")
        name = TextField()
        credential = TextField()
        sign_count = IntegerField(default=0)
        added_at = DateTimeField()
        last_used_at = DateTimeField(null=True)

    db.create_tables([TotpSecret, RecoveryCode, SecurityKey])
    migrator.migrate(
        migrator.add_column("account_session", "proven_at", DateTimeField(null=True)),
        # A new zone decides at its first start; nobody who works today is stopped by an upgrade.
        migrator.add_column("zone_policy", "second_factor", BooleanField(default=False)),
    )
