"""The API's addresses of broadcasts: the same functions as the pages and `plp broadcast …`. Deliveries and incidents
for programs, in order: a program that continues from its last number misses none.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue

from console.api.blueprint import actor, bearer
from console.api.operations import Answers, operation
from console.api.schemas import AFTER, ROW, page_of
from console.web.acting import settings
from db.alerts.orders.holding import hold_of
from db.alerts.progress.history import newest
from db.alerts.progress.progress import Progress
from db.alerts.values import FollowUpOrder, Order
from db.engine.clock import utc_now
from db.engine.connection import reading
from db.operations.events import events_after, kept_events
from db.people.audience import Audience
from plp.services import broadcasts
from plp.services.contract_json import card_shape, event_shape, placed_shape, progress_shape
from plp.services.orders import going_on
from plp.services.orders.following_up import follow_up
from plp.services.orders.placing import at_once, mobiles_missing, place
from plp.services.texts import Answers as Meant
from plp.services.texts import answers_of_program
from rules.orders.texts import MAIN_LANGUAGE, FollowUp
from rules.refusals import LONGEST_REASON, Refusal

ALL = "/api/v1/broadcasts"
ONE = f"{ALL}/{{broadcast_id}}"
Asked = dict[str, Any]
_DONE: Answers = {200: ("done", "Done")}
_OLDER = {**ROW, "description": "leaves out this broadcast and all newer ones"}
MOST = 500


def _placing(answer: str) -> Answers:
    return {
        201: ("taken", answer),
        202: ("taken, and waits for a second person", answer),
        422: ("the text guard refuses its text, or a language has none", "Findings"),
    }


def ordered(asked: Asked) -> Order:
    """The order, in the token's name."""
    return Order(
        audience=_audience(asked["audience"]),
        idempotency_key=own_key(asked["idempotency_key"]),
        override_reason=(asked["override_budget"] or "").strip()[:LONGEST_REASON] or None,
        kind="drill" if asked["drill"] else "alert",
        again=asked["again"],
        priority=asked["priority"],
        by=actor(),
        quiet=asked["quiet"] or "",
    )


def _texts(asked: Asked) -> dict[str, str]:
    return {MAIN_LANGUAGE: asked["text"], **(asked["texts"] or {})}


def _meant(asked: Asked) -> Meant:
    return answers_of_program(asked["accept_findings"], asked["one_language"])


def own_key(key: str | None) -> str | None:
    """`idempotency_key` as it is stored: keys of different tokens never collide."""
    return None if key is None else f"api/{bearer().id}/{key}"


def _audience(asked: Asked) -> Audience:
    names: dict[str, Any] = {kind: tuple(dict.fromkeys(chosen)) for kind, chosen in asked.items() if kind != "all"}
    if "to" in names:
        return Audience(numbers=names["to"])
    return Audience(everyone="all" in asked, **names)


@operation(
    *("GET", ALL, "broadcasts:read", "What people ordered, newest first", {200: ("the broadcasts", "Broadcasts")}),
    query=page_of(before=_OLDER),
)
def list_broadcasts(asked: Asked) -> ResponseReturnValue:
    return jsonify([card_shape(card) for card in newest(asked["limit"], utc_now(), asked["before"])])


@operation(
    *("POST", ALL, "broadcasts:send", "Send a text to many people", _placing("Placed")), body="Order", conflicts=True
)
def order(asked: Asked) -> ResponseReturnValue:
    wanted = ordered(asked)
    placed = place(_texts(asked), wanted, at_once(settings().sending), utc_now(), _meant(asked))
    return _taken(placed, placed_shape(placed, mobiles_missing(wanted, utc_now())))


_COUNTS = "What became of it; the counts are of messages and add up to the recipients"


@operation("GET", ONE, "broadcasts:read", _COUNTS, {200: ("the broadcast", "Broadcast")})
def broadcast(broadcast_id: int) -> ResponseReturnValue:
    with reading():
        return jsonify(progress_shape(broadcasts.existing(broadcast_id, utc_now()), hold_of(broadcast_id)))


def _plain(summary: str, act: Callable[[int, broadcasts.Request], int]) -> None:
    def view(_asked: Asked, broadcast_id: int) -> ResponseReturnValue:
        return _done(broadcast_id, act)

    view.__name__ = act.__name__
    path = f"{ONE}/{act.__name__}"
    operation("POST", path, "broadcasts:send", summary, _DONE, body="Nothing", conflicts=True)(view)


_plain("What has not gone out does not go out", broadcasts.cancel)
_plain("Nothing more goes out until resume; its deadline stands", broadcasts.pause)
_plain("Go on after a pause", going_on.resume)

_RELEASE = "Send what is held, or only to those who certainly have nothing"


@operation("POST", f"{ONE}/release", "broadcasts:send", _RELEASE, _DONE, body="Release", conflicts=True)
def release(asked: Asked, broadcast_id: int) -> ResponseReturnValue:
    return _done(broadcast_id, partial(going_on.release, rest=asked["rest"]))


_RESEND = "Send the messages of one state again"


@operation("POST", f"{ONE}/resend", "broadcasts:send", _RESEND, _DONE, body="Resend", conflicts=True)
def resend(asked: Asked, broadcast_id: int) -> ResponseReturnValue:
    key = own_key(asked["idempotency_key"])
    return _done(broadcast_id, partial(going_on.resend, only=asked["only"], idempotency_key=key))


@operation(
    *("POST", f"{ONE}/correct", "broadcasts:send", "Stop the rest and correct", _placing("Corrected")),
    body="Correction",
    conflicts=True,
)
def correct(asked: Asked, broadcast_id: int) -> ResponseReturnValue:
    return _follow_up(broadcast_id, asked, "correction")


@operation(
    *("POST", f"{ONE}/end", "broadcasts:send", "Announce the end of the alert", _placing("FollowedUp")),
    body="End",
    conflicts=True,
)
def end(asked: Asked, broadcast_id: int) -> ResponseReturnValue:
    return _follow_up(broadcast_id, asked, "end")


def _follow_up(broadcast_id: int, asked: Asked, kind: FollowUp) -> ResponseReturnValue:
    original, for_rest = broadcasts.existing(broadcast_id, utc_now()), asked.get("rest", False)
    wanted = FollowUpOrder(original.id, kind, actor(), own_key(asked["idempotency_key"]), asked["again"])
    placed, others = follow_up(
        *(_texts(asked), original, wanted, at_once(settings().sending), utc_now(), _meant(asked)), for_rest=for_rest
    )
    rest = {"rest": placed_shape(others) if others else None} if for_rest else {}
    return _taken(placed, placed_shape(placed) | rest)


def _taken(placed: Progress, shape: dict[str, Any]) -> ResponseReturnValue:
    status = 202 if placed.state == "awaiting_approval" else 201
    return jsonify(shape), status, {"Location": f"/api/v1/broadcasts/{placed.id}"}


def _done(broadcast_id: int, act: Callable[[int, broadcasts.Request], int]) -> ResponseReturnValue:
    """Act, and answer how many messages it was about and in what state the broadcast is now."""
    messages = act(broadcast_id, broadcasts.Request(actor(), settings().sending, utc_now()))
    state = broadcasts.existing(broadcast_id, utc_now()).state
    return jsonify({"id": broadcast_id, "state": state, "messages": messages})


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
