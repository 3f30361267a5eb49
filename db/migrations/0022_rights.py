"""Givers of rights, makers of password links, ends of tokens, and the policy that waits for a second admin. Frozen."""

from typing import Any

from peewee import AutoField, DateTimeField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class There(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class PolicyProposal(There):
        changes = TextField()
        asked_by = TextField()
        asked_at = DateTimeField()

    migrator.migrate(
        migrator.add_column("account", "password_by", TextField(default="")),
        migrator.add_column("account", "approves_from_at", DateTimeField(null=True)),
        migrator.add_column("account_role", "given_by", TextField(default="")),
        migrator.add_column("account_role", "given_at", DateTimeField(null=True)),
        migrator.add_column("sign_in_link", "issued_by", TextField(default="")),
        migrator.add_column("api_token", "owner", TextField(default="")),
        migrator.add_column("api_token", "expires_at", DateTimeField(null=True)),
    )
    db.create_tables([PolicyProposal])
