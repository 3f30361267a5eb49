"""Texts that came in, as tests ask for them."""

from db.inbound.received import inbound_messages


def unhandled():
    """What is whole or was given up, and that nobody handled, oldest first."""
    cards = reversed(inbound_messages().rows)
    return [card for card in cards if card.handled_at is None and (card.completed_at or card.given_up_at)]
