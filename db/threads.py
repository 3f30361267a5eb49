"""Broadcasts that speak of another one: what a correction or an end of alert has from what it follows."""

from db.models import FOLLOW_UPS, Broadcast, BroadcastThread


def follows(broadcast_id: int) -> int | None:
    """The broadcast that this one corrects or ends; None where it speaks of none."""
    found = BroadcastThread.get_or_none(BroadcastThread.broadcast == broadcast_id)
    return found.original_id if found is not None else None


def is_drill(broadcast: Broadcast) -> bool:
    """A drill, or what follows one. By its kind, whatever its place in the queue: others go there too."""
    at: Broadcast | None = broadcast
    while at is not None and at.kind in FOLLOW_UPS:
        original = follows(at.id)  # ordered before it, so this ends
        at = Broadcast.get_or_none(Broadcast.id == original) if original is not None else None
    return at is not None and at.kind == "drill"
