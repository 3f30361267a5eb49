"""Deliveries and incidents for programs, in order: a program that continues from its last number misses none."""

from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue

from console.api.operations import operation
from console.api.schemas import AFTER, page_of
from db.operations.events import events_after, kept_events
from plp.services.contract_json import event_shape
from rules.refusals import Refusal

MOST = 500


class EventsLost(Refusal):
    """The events behind this number are not kept any more, or were never given here."""

    code = "events_lost"


@operation(
    "GET",
    "/api/v1/events",
    "events:read",
    "What happened to messages and to the box, in order",
    {200: ("a page; nothing new is an empty one with the same `next`", "Events")},
    query=page_of(MOST, MOST, after=AFTER),
    lost=True,
)
def list_events(asked: dict[str, Any]) -> ResponseReturnValue:
    after, (oldest, newest) = asked["after"], kept_events()
    if after and not max(0, oldest - 1) <= after <= newest:
        raise EventsLost("La suite de l'événement {after} n'est plus connue : recommencez à 0.", after=after)
    events = events_after(after, asked["limit"])
    return jsonify({"events": [event_shape(card) for card in events], "next": events[-1].id if events else after})
