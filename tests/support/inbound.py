"""Texts that came in, as tests ask for them."""

from db.models.modem_records import InboundMessage


def received_texts():
    """All of them, whole or not, newest first."""
    return list(InboundMessage.select().order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc()))


def unhandled():
    """What is whole or was given up, and that nobody handled, oldest first."""
    there = reversed(received_texts())
    return [row for row in there if row.handled_at is None and (row.completed_at or row.given_up_at)]
