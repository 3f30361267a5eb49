"""One key, one order: the id of what was ordered with a key, after a wait while another press still writes it."""

import time
from datetime import datetime

from db.alerts.orders.earlier import earlier_order
from rules.refusals import KeyTaken, NotReady, WrongState
from rules.states import Stage

# A second press waits two seconds at most for the order that the first one still writes.
LOOK_EVERY_S = 0.05
WHOLE_WITHIN_LOOKS = 40


def placed_before(key: str | None, digest: str, now: datetime, *, automatic: bool = False) -> int | None:
    """The id of what was ordered before with this key, once it is whole; None for a new key. Outside transactions.
    Raises KeyTaken for another `digest`; WrongState, or NotReady for an automatic order, where it does not become
    whole: if that crashed, it is deleted and owed.
    """
    before = earlier_order(key, now)
    looks = 1 if automatic else WHOLE_WITHIN_LOOKS
    while before is not None and before.stage is Stage.PREPARING:  # pressed twice: the first press still writes it
        looks -= 1
        if looks <= 0:
            unfinished = WrongState("Cet envoi est encore en préparation : attendez une minute.")
            raise NotReady(unfinished.template) if automatic else unfinished
        time.sleep(LOOK_EVERY_S)
        before = earlier_order(key, now)
    if before is None:
        return None
    # Automatic ones may change their words between two tries.
    if not automatic and digest and before.digest not in ("", digest):
        raise key_taken(before.id)
    return int(before.id)


def key_taken(broadcast_id: int) -> KeyTaken:
    """The refusal of an order whose key another one had."""
    return KeyTaken(
        "Aucun SMS n'a été envoyé : cette clé a servi à un autre envoi ({id}). Utilisez une nouvelle clé.",
        id=broadcast_id,
    )
