"""Threads: an alert with the corrections and the end that follow it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from peewee import fn

from db.alerts.progress.counts import has_told
from db.engine.cached_queries import Prepared, given
from db.models.broadcasts import Broadcast, Part
from rules.states import CORRECTED, MAY_BE_THERE, Stage

_ONE = Prepared(Broadcast.select().where(Broadcast.id == given("id")))
_AFTERWARDS = Prepared(
    Broadcast.select()
    .where(Broadcast.original == given("original"), Broadcast.stage != Stage.PREPARING)
    .order_by(Broadcast.id)
)
_ITSELF = Broadcast.alias()
_SPOKEN_OF = _ITSELF.select(_ITSELF.original).where(_ITSELF.id == given("broadcast"))
_STANDING = Prepared(
    lambda: (
        Broadcast.select()
        .where((Broadcast.original == given("broadcast")) | (Broadcast.original == _SPOKEN_OF))
        .where(Broadcast.kind != CORRECTED, Broadcast.id > given("broadcast"))
        .where((Broadcast.stage != Stage.CANCELLED) | somebody_has_it())
        .order_by(Broadcast.id.desc())
        .limit(1)
    )
)
_AFTER = Prepared(
    lambda ids: (
        Broadcast.select(Broadcast.original, Broadcast.id, Broadcast.kind, Broadcast.stage)
        .where(Broadcast.original.in_(ids), Broadcast.kind != CORRECTED)
        .where(Broadcast.stage.not_in((Stage.PREPARING, Stage.AWAITING_APPROVAL, Stage.CANCELLED)) | somebody_has_it())
    )
)
_CORRECTED = Prepared(
    lambda ids: Broadcast.select(Broadcast.original).where(Broadcast.original.in_(ids), Broadcast.kind == CORRECTED)
)
_FOLLOWING = Prepared(
    lambda ids: (
        Broadcast.select().where(Broadcast.original.in_(ids), Broadcast.stage != Stage.PREPARING).order_by(Broadcast.id)
    )
)
_UNDONE = Prepared(
    lambda ids: (
        Broadcast.select(Broadcast.id)
        .where(Broadcast.id.in_(ids), Broadcast.original.is_null(False), Broadcast.stage == Stage.CANCELLED)
        .where(~somebody_has_it())
    )
)
_KINDS = Prepared(lambda ids: Broadcast.select(Broadcast.id, Broadcast.kind).where(Broadcast.id.in_(ids)))


def row_of(broadcast_id: int) -> Any:
    """The row of this broadcast; None for an unknown id."""
    return _ONE.result(id=broadcast_id)


def kinds_of(broadcast_ids: Iterable[int]) -> dict[int, str]:
    """The kinds of these broadcasts, by number."""
    return dict(_KINDS.rows(ids=list(broadcast_ids)))


def standing_follow_up(broadcast_id: int) -> Broadcast | None:
    """The newest correction or end, of it or of what it refers to, that anybody received or will receive."""
    return _STANDING.result(broadcast=broadcast_id)


class Aftermath(NamedTuple):
    """The newest correction or end of a broadcast; `is_undoable` during its undo seconds."""

    broadcast_id: int = 0
    kind: str = ""
    is_undoable: bool = False


def aftermath(broadcast_ids: Iterable[int]) -> dict[int, Aftermath]:
    """By broadcast, its newest valid correction or end, also an indirect one; none while it awaits approval."""
    newest: dict[int, Aftermath] = {}
    roots = {broadcast_id: {broadcast_id} for broadcast_id in broadcast_ids}
    while roots:
        spoken: dict[int, set[int]] = {}
        for original, broadcast_id, kind, stage in _AFTER.rows(ids=list(roots)):
            for root in roots[original]:
                after = Aftermath(broadcast_id, kind, stage == Stage.SCHEDULED)
                newest[root] = max(newest.get(root, after), after)
            spoken.setdefault(broadcast_id, set()).update(roots[original])
        roots = spoken
    return newest


def followed_by(broadcast: Broadcast) -> list[Broadcast]:
    """The corrections and the end of a broadcast, in order; of a correction also the corrected alert beside it."""
    after = list(_AFTERWARDS.results(original=broadcast.id))
    if broadcast.kind == "correction":
        later = [row for row in _AFTERWARDS.results(original=broadcast.original_id) if row.id > broadcast.id]
        after += [row for row in later[:1] if row.kind == CORRECTED]
    return after


def corrected_with(broadcast: Broadcast) -> list[int]:
    """Of a correction the corrected alert beside it, of that its correction; empty for any other."""
    if broadcast.kind == "correction":
        return [row.id for row in followed_by(broadcast) if row.kind == CORRECTED]
    if broadcast.kind != CORRECTED:
        return []
    before = [row for row in _AFTERWARDS.results(original=broadcast.original_id) if row.id < broadcast.id]
    return [row.id for row in before[-1:]]


def following(broadcast_ids: Iterable[int]) -> list[Broadcast]:
    """All corrections, ends and corrected alerts of these, in order, those that were stopped too."""
    return list(_FOLLOWING.results(ids=list(broadcast_ids)))


def undone(broadcast_ids: Iterable[int]) -> set[int]:
    """Those of these that follow another and were stopped before anybody had them."""
    return {number for (number,) in _UNDONE.rows(ids=list(broadcast_ids))}


def corrected_beside(broadcast_ids: Iterable[int]) -> set[int]:
    """Those of these broadcasts of which a corrected alert went to the others."""
    return {number for (number,) in _CORRECTED.rows(ids=list(broadcast_ids))}


def somebody_has_it() -> Any:
    """Condition on broadcasts: a phone may have a part of it, or somebody was informed by mail or by a call."""
    parts = Part.select().where(Part.broadcast == Broadcast.id, Part.state.in_(MAY_BE_THERE))
    return fn.EXISTS(parts) | has_told(Broadcast.id)


def first_of(broadcast: Broadcast) -> Broadcast:
    """The first broadcast of its thread; the broadcast itself where it follows none."""
    at = broadcast
    # What it speaks of was ordered before it, so this ends.
    while at.original_id is not None:
        at = at.original
    return at
