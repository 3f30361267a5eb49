"""The chain over the audit: each seal holds the hash of its entry and of the seal before."""

from peewee import IntegerField, TextField

from db.engine.base import Table


class AuditSeal(Table):
    """`entry` is an AuditEntry's id and no reference: an entry that somebody removed must leave its seal behind."""

    entry = IntegerField(unique=True)
    previous = TextField()
    hash = TextField()
