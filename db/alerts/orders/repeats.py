"""Idempotency keys for orders that may be given again after an earlier one ended."""

from datetime import datetime
from itertools import count

from db.alerts.progress.progress import progress
from db.models.broadcasts import Broadcast


def fresh_key(key: str, now: datetime) -> str:
    """`key`, or the next of its row (`key/2`, `key/3`, …) where what was ordered with it is over.

    While it is under way the key stays, so that two presses order one thing.
    """
    return next(each for each in (key if n == 1 else f"{key}/{n}" for n in count(1)) if not _is_over(each, now))


def _is_over(key: str, now: datetime) -> bool:
    found = Broadcast.get_or_none(Broadcast.idempotency_key == key)
    shown = progress(found.id, now) if found is not None else None
    return shown is not None and shown.state in ("finished", "cancelled")
