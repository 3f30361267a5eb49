"""People whose message was stopped before it left, of an alert that others have."""

from collections.abc import Collection

from peewee import Case, fn

from db.alerts.progress.counts import RANK
from db.engine.base import tuples
from db.models.broadcasts import Part
from plp.rules.states import MAY_BE_THERE, WORST_FIRST, PartState

# What a person stopped. Who left meanwhile (`opted_out`) is not among them.
STOPPED = ("stopped", "followed_up")


def called_off_messages(broadcast_id: int, among: Collection[int] | None = None) -> list[int]:
    """Ids of stopped messages, of `among` if given, in the order of sending; none where nobody has the broadcast."""
    parts = Part.select(Part.message).where(Part.broadcast == broadcast_id)
    if not parts.where(Part.state.in_(MAY_BE_THERE)).exists():
        return []
    if among is not None:
        parts = parts.where(Part.message.in_(among))
    otherwise = Case(None, [((Part.state == PartState.CANCELLED) & Part.reason.not_in(STOPPED), 1)], 0)
    stopped = parts.group_by(Part.message).having(
        (fn.MIN(RANK) == WORST_FIRST.index(PartState.CANCELLED)) & (fn.SUM(otherwise) == 0)
    )
    return [row[0] for row in tuples(stopped.order_by(Part.message))]
