"""The outcome of an alert through the simulated modem of a `life`."""

from db.models.broadcasts import Message, Part

PEOPLE = 6


def told(placed):
    """Numbers by the state in which they are shown."""
    states = {}
    for part in Part.select().join(Message).where(Part.broadcast == placed.id):
        states.setdefault(part.state, set()).add(part.message.msisdn)
    return states


def had(life):
    return {line["to"] for line in life.world.modem.phone.network.messages.lines}


def wrong(life, placed):
    """Shown as sent, and the network never had it."""
    states = told(placed)
    return (states.get("sent", set()) | states.get("delivered", set())) - had(life)
