"""The chain over the audit: each seal holds the keyed hash of its entry and of the seal before; and where it begins."""

from peewee import IntegerField, TextField

from db.engine.base import Table, UtcField


class AuditSeal(Table):
    """`id` counts from 1 without a gap. `entry` is no reference: a removed entry must leave its seal behind."""

    entry = IntegerField(unique=True)
    previous = TextField()
    hash = TextField()


class AuditAnchor(Table):
    """The signed beginning of the chain: after seal `number` with `hash`; entries up to `entry` were cut off.

    Only added to; the one with the greatest number holds. `key` names the key that signed it.
    """

    at = UtcField()
    number = IntegerField()
    hash = TextField()
    entry = IntegerField()
    key = TextField()
    mac = TextField()
