"""An order's audience and the officer's answers, stored as rows: never read back from the sentence that people see."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from peewee import JOIN, fn

from db.alerts.values import Filled, Plan
from db.engine.base import tuples
from db.engine.cached_queries import Prepared, given
from db.models.broadcasts import AlertTemplate, Broadcast, BroadcastGroup, BroadcastPlace, BroadcastStreet
from db.models.people import MemberGroup, Neighbourhood
from db.people.geography import StreetCard, place_of, street_of
from db.people.member_groups import groups_by_name

_READY_MADE = Broadcast.select(Broadcast.id, Broadcast.template, Broadcast.answers)
_OF_IT = given("broadcast")
_NAMED = Prepared(
    BroadcastPlace.select(Neighbourhood.id, Neighbourhood.name, BroadcastPlace.near)
    .join(Neighbourhood)
    .where(BroadcastPlace.broadcast == _OF_IT)
    .order_by(BroadcastPlace.id)
)
_GROUPS = Prepared(
    MemberGroup.select(MemberGroup.id, MemberGroup.name)
    .join(BroadcastGroup)
    .where(BroadcastGroup.broadcast == _OF_IT)
    .order_by(BroadcastGroup.id)
)
_STREETS = Prepared(
    BroadcastStreet.select(BroadcastStreet.name, fn.COALESCE(Neighbourhood.name, ""))
    .join(Neighbourhood, JOIN.LEFT_OUTER)
    .where(BroadcastStreet.broadcast == _OF_IT)
    .order_by(BroadcastStreet.id)
)
_ANSWERS = (Broadcast.whom, Broadcast.happened, Broadcast.late_because)
_CHOSEN = Prepared(Broadcast.select(*_ANSWERS).where(Broadcast.id == _OF_IT))
_FILLED = Prepared(lambda ids: _READY_MADE.where(Broadcast.id.in_(ids), Broadcast.template.is_null(False)))


@dataclass(frozen=True, slots=True)
class Chosen:
    """`whom` is all, places, group, numbers or reached; `happened` is now, earlier or empty. Names are today's."""

    whom: str
    places: tuple[tuple[int, str], ...]
    near: str
    happened: str
    late_because: str
    groups: tuple[tuple[int, str], ...] = ()
    streets: tuple[StreetCard, ...] = ()


def chosen(broadcast_id: int) -> Chosen | None:
    """The audience and answers of this broadcast; None where they were not kept."""
    whom, happened, late_because = _CHOSEN.first(broadcast=broadcast_id) or ("", "", "")
    if not whom:
        return None
    named = _NAMED.rows(broadcast=broadcast_id)
    # Two that became one since stand in the list twice.
    places = dict.fromkeys((number, name) for number, name, near in named if not near)
    near = next((name for _number, name, near in named if near), "")
    groups = tuple(_GROUPS.rows(broadcast=broadcast_id))
    streets = tuple(StreetCard(*street) for street in _STREETS.rows(broadcast=broadcast_id))
    return Chosen(whom, tuple(places), near, happened, late_because, groups, streets)


def filled_by(broadcast_ids: Iterable[int]) -> dict[int, Filled]:
    """The ready-made alert and answers of these broadcasts; none for a text by hand, or if the alert was deleted."""
    rows = _FILLED.rows(ids=list(broadcast_ids))
    return {number: Filled(template, tuple(json.loads(answers).items())) for number, template, answers in rows}


def keep_chosen(broadcast_id: int, plan: Plan) -> None:
    """Store the audience and the answers of an order, inside the transaction that makes the broadcast."""
    order, audience = plan.order, plan.order.audience
    values: dict[str, object] = {
        "digest": plan.digest,
        "by_mail": plan.by_mail,
        "happened": order.happened,
        "late_because": order.late_because,
        "whom": audience.kind if order.follows is None else "reached",
    }
    if order.filled is not None and AlertTemplate.select().where(AlertTemplate.id == order.filled.template_id).exists():
        values["template"] = order.filled.template_id
        values["answers"] = json.dumps(dict(order.filled.answers), ensure_ascii=False)
    Broadcast.update(values).where(Broadcast.id == broadcast_id).execute()
    named = [(name, False) for name in dict.fromkeys(audience.neighbourhoods)]
    if audience.near:
        named.append((audience.near, True))
    rows = Neighbourhood.select(Neighbourhood.name, Neighbourhood.id)
    known = dict(tuples(rows.where(Neighbourhood.name.in_([name for name, _near in named])))) if named else {}
    for name, near in named:
        if name in known:
            BroadcastPlace.create(broadcast=broadcast_id, neighbourhood=known[name], near=near)
    groups = groups_by_name() if audience.groups else {}
    for group in [groups[name] for name in audience.groups if name in groups]:
        BroadcastGroup.create(broadcast=broadcast_id, group=group)
    for street in filter(None, map(street_of, audience.streets)):
        BroadcastStreet.create(broadcast=broadcast_id, name=street.name, neighbourhood=place_of(street))
