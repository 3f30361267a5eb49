"""The API's addresses of broadcasts: the same functions as the pages and `plp broadcast …`."""

from collections.abc import Callable
from functools import partial
from typing import Any, get_args

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from console.api.bearer import actor, token
from console.api.blueprint import blueprint
from console.api.orders import (
    answers_in,
    asked,
    body_of,
    key_in,
    number_in,
    switch_in,
    text_in,
    texts_in,
)
from console.web.acting import settings
from db.alerts.orders.holding import hold_of
from db.alerts.orders.resending import Only
from db.alerts.progress.history import newest
from db.alerts.values import FollowUp, Placed
from db.engine.clock import utc_now
from plp.rules.refusals import Refusal
from plp.services import broadcasts
from plp.services.contract_json import card_shape, placed_shape, progress_shape
from plp.services.orders import at_once, correct_all, follow_up, place, without_mobile

ONE = "/api/v1/broadcasts/<int(max=9223372036854775807):broadcast_id>"
FOLLOW_UP_FIELDS = ("text", "texts", "one_language", "accept_findings", "again", "idempotency_key")
LARGEST_PAGE, USUAL_PAGE = 100, 25


@blueprint.get("/api/v1/broadcasts")
@token("officer", "technician", "admin")
def list_broadcasts() -> ResponseReturnValue:
    for name in request.args.keys() - {"limit", "before"}:
        raise Refusal("Champ inconnu : {name}. Connus : {known}.", name=name[:60], known="limit, before")
    limit = number_in(request.args, "limit", LARGEST_PAGE) or USUAL_PAGE
    return jsonify([card_shape(card) for card in newest(limit, number_in(request.args, "before"), utc_now())])


@blueprint.post("/api/v1/broadcasts")
@token("officer")
def order() -> ResponseReturnValue:
    wanted, texts, answers = asked()
    placed = place(texts, wanted, at_once(settings().sending), utc_now(), answers)
    return _taken(placed, placed_shape(placed, without_mobile(wanted.audience)))


@blueprint.get(ONE)
@token("officer", "technician", "admin")
def broadcast(broadcast_id: int) -> ResponseReturnValue:
    return jsonify(progress_shape(broadcasts.existing(broadcast_id, utc_now()), hold_of(broadcast_id)))


def _plain(act: Callable[[int, broadcasts.Request], int]) -> Callable[[int], ResponseReturnValue]:
    def view(broadcast_id: int) -> ResponseReturnValue:
        body_of(())
        return _done(broadcast_id, act)

    return view


for _act in (broadcasts.cancel, broadcasts.pause, broadcasts.resume):
    _view = token("officer")(_plain(_act))
    blueprint.add_url_rule(f"{ONE}/{_act.__name__}", _act.__name__, _view, methods=["POST"])


@blueprint.post(f"{ONE}/release")
@token("officer")
def release(broadcast_id: int) -> ResponseReturnValue:
    rest = switch_in(body_of(("rest",)), "rest")
    return _done(broadcast_id, partial(broadcasts.release, rest=rest))


@blueprint.post(f"{ONE}/resend")
@token("officer")
def resend(broadcast_id: int) -> ResponseReturnValue:
    body = body_of(("only", "idempotency_key"))
    only: Only | None = next((known for known in get_args(Only) if known == text_in(body, "only")), None)
    if only is None:
        raise Refusal("only est {known}.", known=", ".join(get_args(Only)))
    key = key_in(body)
    return _done(broadcast_id, partial(broadcasts.resend, only=only, idempotency_key=key))


@blueprint.post(f"{ONE}/correct")
@token("officer")
def correct(broadcast_id: int) -> ResponseReturnValue:
    body = body_of((*FOLLOW_UP_FIELDS, "rest"))
    if not switch_in(body, "rest"):
        return _follow_up(broadcast_id, body, "correction")
    original, key = broadcasts.existing(broadcast_id, utc_now()), key_in(body)
    texts, again, answers = texts_in(body), switch_in(body, "again"), answers_in(body)
    placed, others = correct_all(texts, original, actor(), settings().sending, utc_now(), key, again, answers)
    return _taken(placed, placed_shape(placed) | {"rest": placed_shape(others) if others else None})


@blueprint.post(f"{ONE}/end")
@token("officer")
def end(broadcast_id: int) -> ResponseReturnValue:
    return _follow_up(broadcast_id, body_of(FOLLOW_UP_FIELDS), "end")


def _follow_up(broadcast_id: int, body: dict[str, Any], kind: FollowUp) -> ResponseReturnValue:
    original, key = broadcasts.existing(broadcast_id, utc_now()), key_in(body)
    texts, again, answers = texts_in(body), switch_in(body, "again"), answers_in(body)
    placed = follow_up(texts, original, kind, actor(), utc_now(), key, again, answers)
    return _taken(placed, placed_shape(placed))


def _taken(placed: Placed, shape: dict[str, Any]) -> ResponseReturnValue:
    status = 202 if placed.state == "awaiting_approval" else 201
    return jsonify(shape), status, {"Location": f"/api/v1/broadcasts/{placed.id}"}


def _done(broadcast_id: int, act: Callable[[int, broadcasts.Request], int]) -> ResponseReturnValue:
    """Act, and answer how many messages it was about and in what state the broadcast is now."""
    messages = act(broadcast_id, broadcasts.Request(actor(), settings().sending, utc_now()))
    state = broadcasts.existing(broadcast_id, utc_now()).state
    return jsonify({"id": broadcast_id, "state": state, "messages": messages})
