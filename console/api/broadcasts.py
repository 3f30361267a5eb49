"""The API's addresses of broadcasts, by the same services as the pages; and events in order, none of them missed."""

from collections.abc import Callable
from functools import partial
from threading import BoundedSemaphore
from time import monotonic, sleep
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue

from base.watchdog import alive
from console.api.blueprint import actor, bearer
from console.api.operations import CONFLICT, Answers, operation
from console.api.schemas import AFTER, ROW, a_number, page_of
from console.web.acting import settings
from db.alerts.orders.holding import hold_of
from db.alerts.progress.history import newest
from db.alerts.progress.progress import Progress
from db.alerts.values import FollowUpOrder, Order
from db.engine.clock import utc_now
from db.engine.connection import reading
from db.operations.events import Event, events_after, kept_events
from db.people.audience import Audience
from plp.services import broadcasts
from plp.services.contract_json import cards_shape, corrected_shape, event_shape, placed_shape, progress_shape
from plp.services.orders import going_on
from plp.services.orders.beside import places_beside
from plp.services.orders.following_up import follow_up
from plp.services.orders.placing import at_once, mobiles_missing, place
from plp.services.texts import Answers as Meant
from plp.services.texts import answers_of_program
from rules.orders.texts import MAIN_LANGUAGE, FollowUp
from rules.refusals import LONGEST_REASON, Refusal

ALL = "/api/v1/broadcasts"
ONE = f"{ALL}/{{broadcast_id}}"
Fields = dict[str, Any]
Act = Callable[[int, broadcasts.Request], int]
_DONE: Answers = {200: ("done", "Done")}
_OLDER = {**ROW, "description": "leaves out this broadcast and all newer ones"}
MOST = 500
# A request for events that waits has a thread meanwhile (`console.web.pools`).
LOOK_EVERY_S = 1.0
_WAITING = BoundedSemaphore(2)
_WAITED = "seconds to wait while nothing is new; where two others wait, the answer comes at once"


def _placing(answer: str) -> Answers:
    return {
        201: ("taken", answer),
        202: ("taken, and waits for a second person", answer),
        422: ("the text guard refuses its text, or a language has none", "Findings"),
    }


def ordered(fields: Fields) -> Order:
    """The order, in the token's name."""
    return Order(
        audience=_audience(fields["audience"]),
        idempotency_key=own_key(fields["idempotency_key"]),
        override_reason=(fields["override_budget"] or "").strip()[:LONGEST_REASON] or None,
        kind="drill" if fields["drill"] else "alert",
        again=fields["again"],
        priority=fields["priority"],
        by=actor(),
        quiet=fields["quiet"] or "",
    )


def _texts(fields: Fields) -> dict[str, str]:
    return {MAIN_LANGUAGE: fields["text"], **(fields["texts"] or {})}


def _meant(fields: Fields) -> Meant:
    return answers_of_program(fields["accept_findings"], fields["one_language"])


def own_key(key: str | None) -> str | None:
    """`idempotency_key` as it is stored: keys of different tokens never collide."""
    return None if key is None else f"api/{bearer().id}/{key}"


def _audience(fields: Fields) -> Audience:
    names: dict[str, Any] = {
        kind: tuple(dict.fromkeys(part)) for kind, part in fields.items() if part and kind != "all"
    }
    return Audience(numbers=names["to"]) if "to" in names else Audience(everyone="all" in fields, **names)


@operation(
    "GET",
    ALL,
    "broadcasts:read",
    "What people ordered, newest first",
    {200: ("the broadcasts", "Broadcasts")},
    query=page_of(before=_OLDER),
)
def list_broadcasts(fields: Fields) -> ResponseReturnValue:
    now = utc_now()
    with reading():
        return jsonify(cards_shape(newest(fields["limit"], now, fields["before"]), now))


@operation(
    "POST", ALL, "broadcasts:send", "Send a text to many people", _placing("Placed"), body="Order", also=CONFLICT
)
def order(fields: Fields) -> ResponseReturnValue:
    wanted = ordered(fields)
    placed = place(_texts(fields), wanted, at_once(settings().sending), utc_now(), _meant(fields))
    shown = broadcasts.existing(placed, utc_now())
    return _taken(shown, placed_shape(shown, mobiles_missing(wanted, utc_now())))


_COUNTS = "What became of it; the counts are of messages and add up to the recipients"


@operation("GET", ONE, "broadcasts:read", _COUNTS, {200: ("the broadcast", "Broadcast")})
def broadcast(broadcast_id: int) -> ResponseReturnValue:
    now = utc_now()
    with reading():
        return jsonify(progress_shape(broadcasts.existing(broadcast_id, now), now, hold_of(broadcast_id)))


def _acting(name: str, summary: str, act: Callable[[Fields], Act], body: str = "Nothing") -> None:
    """An operation on a broadcast, which answers how many messages it was about and in what state that is now."""

    def view(fields: Fields, broadcast_id: int) -> ResponseReturnValue:
        messages = act(fields)(broadcast_id, broadcasts.Request(actor(), settings().sending, utc_now()))
        state = broadcasts.existing(broadcast_id, utc_now()).state
        return jsonify({"id": broadcast_id, "state": state, "messages": messages})

    view.__name__ = name
    operation("POST", f"{ONE}/{name}", "broadcasts:send", summary, _DONE, body=body, also=CONFLICT)(view)


def _following(kind: FollowUp, name: str, summary: str, answer: str, body: str) -> None:
    def view(fields: Fields, broadcast_id: int) -> ResponseReturnValue:
        original, for_rest = broadcasts.existing(broadcast_id, utc_now()), fields.get("rest", False)
        wanted = FollowUpOrder(original.id, kind, actor(), own_key(fields["idempotency_key"]), fields["again"])
        corrects = kind == "correction"
        places = places_beside(original.id, fields["text"], utc_now()) if corrects else ()
        placed, others = follow_up(
            _texts(fields),
            original,
            wanted,
            at_once(settings().sending),
            utc_now(),
            _meant(fields),
            for_rest=for_rest,
        )
        shown = broadcasts.existing(placed, utc_now())
        if not corrects:
            return _taken(shown, placed_shape(shown))
        rest = None if others is None else broadcasts.existing(others, utc_now())
        return _taken(shown, corrected_shape(shown, places, rest, for_rest=for_rest))

    view.__name__ = name
    operation("POST", f"{ONE}/{name}", "broadcasts:send", summary, _placing(answer), body=body, also=CONFLICT)(view)


_acting("cancel", "What has not gone out does not go out", lambda _fields: broadcasts.cancel)
_acting("pause", "Nothing more goes out until resume; its deadline stands", lambda _fields: broadcasts.pause)
_acting("resume", "Go on after a pause", lambda _fields: going_on.resume)
_HELD = "Send what is held, or only to those who certainly have nothing"
_acting("release", _HELD, lambda fields: partial(going_on.release, rest=fields["rest"]), "Release")
_acting(
    "resend",
    "Send the messages of one state again",
    lambda fields: partial(going_on.resend, only=fields["only"], idempotency_key=own_key(fields["idempotency_key"])),
    "Resend",
)
_following("correction", "correct", "Stop the rest and correct", "Corrected", "Correction")
_following("end", "end", "Announce the end of the alert", "FollowedUp", "End")


def _taken(placed: Progress, shape: dict[str, Any]) -> ResponseReturnValue:
    status = 202 if placed.state == "awaiting_approval" else 201
    return jsonify(shape), status, {"Location": f"/api/v1/broadcasts/{placed.id}"}


def _awaited(after: int, limit: int, wait_s: int) -> list[Event]:
    """The events after this one; else those of the next `wait_s` seconds, unless two others wait already."""
    events, until_s = events_after(after, limit), monotonic() + wait_s
    if events or not wait_s or not _WAITING.acquire(blocking=False):
        return events
    try:
        while not events and monotonic() < until_s:
            sleep(LOOK_EVERY_S)
            alive()
            events = events_after(after, limit)
    finally:
        _WAITING.release()
    return events


class EventsLost(Refusal):
    """The events behind this number are not kept any more, or were never given here."""

    code = "events_lost"


@operation(
    "GET",
    "/api/v1/events",
    "events:read",
    "What happened to messages and to the box, in order",
    {200: ("a page; nothing new is an empty one with the same `next`", "Events")},
    query=page_of(MOST, MOST, after=AFTER, wait=a_number(0, 30, default=0, description=_WAITED)),
    also=(410,),
)
def list_events(fields: Fields) -> ResponseReturnValue:
    after, (oldest, newest) = fields["after"], kept_events()
    if after and not max(0, oldest - 1) <= after <= newest:
        raise EventsLost("La suite de l'événement {after} n'est plus connue : recommencez à 0.", after=after)
    events = _awaited(after, fields["limit"], fields["wait"])
    return jsonify({"events": [event_shape(card) for card in events], "next": events[-1].id if events else after})
