"""Events, numbered in the order in which programs are told of it; and how far a webhook is."""

from peewee import IntegerField, TextField

from db.engine.base import Table, UtcField


class Event(Table):
    """A message's new state (`delivery`), or an incident's beginning or end: `subject` is its id, `of` the broadcast's
    or the incident's kind. Nothing says who.
    """

    kind = TextField()
    at = UtcField(index=True)
    subject = IntegerField()
    of = TextField()
    state = TextField()
    # an incident's (`Sentence.stored`)
    sentence = TextField(default="")


class EventMark(Table):
    """The last event that a receiver accepted."""

    receiver = TextField(unique=True)
    event = IntegerField()
