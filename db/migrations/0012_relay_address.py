"""Which readers of a bulletin were a neighbourhood's reference address and no person. Frozen, like every migration."""

from typing import Any

from peewee import BooleanField


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(migrator.add_column("bulletin_relay", "at_reference", BooleanField(null=True)))
    # As it was until now: without a member, the mail went there.
    db.execute_sql("UPDATE bulletin_relay SET at_reference = (member_id IS NULL AND NOT deputy)")
