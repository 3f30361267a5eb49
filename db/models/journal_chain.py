"""The chain over the audit: each seal holds the keyed hash of its entry and of the seal before; and where it begins."""

from peewee import IntegerField, TextField

from db.engine.base import Table, UtcField


class AuditSeal(Table):
    """`id` counts from 1 without a gap. `entry` is an AuditEntry's id and no reference: an entry that somebody removed
    must leave its seal behind.
    """

    entry = IntegerField(unique=True)
    previous = TextField()
    hash = TextField()


class AuditAnchor(Table):
    """Where the chain begins, signed: after seal `number`, which had this `hash`; entries up to `entry` were cut off.

    Only added to; the one with the greatest number holds. `key` tells which key signed it.
    """

    at = UtcField()
    number = IntegerField()
    hash = TextField()
    entry = IntegerField()
    key = TextField()
    mac = TextField()
