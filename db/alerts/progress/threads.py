"""Threads: an alert with the corrections and the end that follow it."""

from collections.abc import Iterable
from typing import Any

from peewee import fn

from db.engine.cached_queries import Prepared, given
from db.models.broadcasts import Broadcast, BroadcastThread, Part
from rules.states import CORRECTED, FOLLOW_UPS, MAY_BE_THERE, Stage

_AFTERWARDS = Prepared(
    Broadcast.select()
    .join(BroadcastThread, on=(BroadcastThread.broadcast == Broadcast.id))
    .where(BroadcastThread.original == given("original"), Broadcast.stage != Stage.PREPARING)
    .order_by(Broadcast.id)
)
_ORIGINAL = Prepared(
    BroadcastThread.select(BroadcastThread.original).where(BroadcastThread.broadcast == given("broadcast"))
)
_STANDING = Prepared(
    lambda ids: (
        _follow_ups(ids)
        .where((Broadcast.stage != Stage.CANCELLED) | _some_went_out(), Broadcast.id > given("broadcast"))
        .order_by(Broadcast.id.desc())
        .limit(1)
    )
)
_AFTER = Prepared(
    lambda ids: _follow_ups(ids, BroadcastThread.original, Broadcast.id, Broadcast.kind).where(
        Broadcast.stage.not_in((Stage.PREPARING, Stage.AWAITING_APPROVAL, Stage.CANCELLED)) | _some_went_out()
    )
)


def follows(broadcast_id: int) -> int | None:
    """The broadcast that this one corrects or ends; None where it speaks of none."""
    row = _ORIGINAL.first(broadcast=broadcast_id)
    return int(row[0]) if row is not None else None


def is_drill(broadcast: Broadcast) -> bool:
    """True for a drill and what follows one: by its kind, as other things go in a drill's lane, too."""
    return first_of(broadcast).kind == "drill"


def standing_follow_up(broadcast_id: int) -> Broadcast | None:
    """The newest correction or end of this broadcast, or of what it speaks of, that any phone had or will have."""
    spoken_of = [number for number in (broadcast_id, follows(broadcast_id)) if number is not None]
    return next(iter(_STANDING.results(ids=spoken_of, broadcast=broadcast_id)), None)


def aftermath(broadcast_ids: Iterable[int]) -> dict[int, str]:
    """By broadcast, the kind of the newest correction or end that stands, also an indirect one; none while it awaits
    approval.
    """
    newest: dict[int, tuple[int, str]] = {}
    roots = {broadcast_id: {broadcast_id} for broadcast_id in broadcast_ids}
    while roots:
        spoken: dict[int, set[int]] = {}
        for original, broadcast_id, kind in _AFTER.rows(ids=list(roots)):
            for root in roots[original]:
                newest[root] = max(newest.get(root, (0, "")), (broadcast_id, kind))
            spoken.setdefault(broadcast_id, set()).update(roots[original])
        roots = spoken
    return {root: kind for root, (_newest, kind) in newest.items()}


def followed_by(broadcast: Broadcast) -> list[Broadcast]:
    """The corrections and the end of a broadcast, in order; of a correction also the corrected alert that was ordered
    with it, for whom the first text did not reach.
    """
    after = list(_AFTERWARDS.results(original=broadcast.id))
    if broadcast.kind == "correction":
        later = [row for row in _AFTERWARDS.results(original=follows(broadcast.id)) if row.id > broadcast.id]
        after += [row for row in later[:1] if row.kind == CORRECTED]
    return after


def _some_went_out() -> Any:
    return fn.EXISTS(Part.select().where(Part.broadcast == Broadcast.id, Part.state.in_(MAY_BE_THERE)))


def _follow_ups(originals: list[Any], *columns: Any) -> Any:
    later = Broadcast.select(*columns).join(BroadcastThread, on=(BroadcastThread.broadcast == Broadcast.id))
    return later.where(BroadcastThread.original.in_(originals), Broadcast.kind != CORRECTED)


def first_of(broadcast: Broadcast) -> Broadcast:
    """The first broadcast of its thread; the broadcast itself where it follows none."""
    at = broadcast
    # What it speaks of was ordered before it, so this ends.
    while at.kind in (*FOLLOW_UPS, CORRECTED) and (original := follows(at.id)) is not None:
        at = Broadcast.get_by_id(original)
    return at
