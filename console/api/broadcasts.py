"""The API's addresses of broadcasts: the same functions as the pages and `plp broadcast …`. The body of an order is
read strictly: what is not understood is refused, never guessed.
"""

import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, get_args

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from console.api.blueprint import actor, bearer, blueprint, token
from console.web.acting import settings
from db.alerts.orders.control import Only
from db.alerts.orders.holding import hold_of
from db.alerts.progress.history import newest
from db.alerts.progress.progress import Progress
from db.alerts.values import FollowUpOrder, Order
from db.engine.clock import utc_now
from db.people.audience import Audience
from plp.services import broadcasts
from plp.services.contract_json import card_shape, placed_shape, progress_shape
from plp.services.orders import going_on
from plp.services.orders.following_up import follow_up
from plp.services.orders.placing import at_once, mobiles_missing, place
from plp.services.texts import Answers, answers_of_program
from rules.languages import OTHER_LANGUAGES
from rules.orders.texts import MAIN_LANGUAGE, FollowUp
from rules.refusals import LONGEST_REASON, Refusal

ONE = "/api/v1/broadcasts/<int(max=9223372036854775807):broadcast_id>"
FOLLOW_UP_FIELDS = ("text", "texts", "one_language", "accept_findings", "again", "idempotency_key")
LARGEST_PAGE, USUAL_PAGE = 100, 25
FIELDS = (
    *("text", "texts", "one_language", "accept_findings", "audience", "priority", "idempotency_key"),
    *("override_budget", "drill", "again", "quiet"),
)
LONGEST_KEY = 200
LARGEST_BYTES = 256 * 1024
# What JSON can say and no database stores.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def body_of(known: Collection[str]) -> dict[str, Any]:
    """The JSON object of this request. Raises Refusal for a field that is not among `known`, or 400, 413 and 415."""
    if (request.content_length or 0) > LARGEST_BYTES:
        raise RequestEntityTooLarge
    if not request.content_length and not request.content_type:
        return {}
    try:
        body = request.get_json()
    except RecursionError:  # brackets in brackets without end
        raise BadRequest from None
    if not isinstance(body, dict):
        raise Refusal("La demande doit être un objet JSON, avec les champs de la documentation.")
    unknown = [name for name in body if name not in known]
    if unknown:
        raise Refusal("Champ inconnu : {name}. Connus : {known}.", name=unknown[0][:60], known=", ".join(known) or "-")
    return body


def ordered() -> tuple[Order, dict[str, str], Answers]:
    """The order in the body of this request, in the token's name, with its texts and what the program answers for them.
    Raises Refusal with the field.
    """
    body = body_of(FIELDS)
    priority = text_in(body, "priority") or "urgent"
    if priority not in ("urgent", "normal"):
        raise Refusal("priority est urgent ou normal.")
    quiet = text_in(body, "quiet") or ""
    if quiet not in ("", "spare", "ring"):
        raise Refusal("quiet est spare ou ring.")
    texts, answers = texts_in(body), answers_in(body)
    order = Order(
        audience=_audience(body.get("audience")),
        idempotency_key=key_in(body),
        override_reason=(text_in(body, "override_budget") or "").strip()[:LONGEST_REASON] or None,
        kind="drill" if switch_in(body, "drill") else "alert",
        again=switch_in(body, "again"),
        priority="normal" if priority == "normal" else "urgent",
        by=actor(),
        quiet="spare" if quiet == "spare" else "ring" if quiet else "",
    )
    return order, texts, answers


def texts_in(body: dict[str, Any]) -> dict[str, str]:
    """The main text and those of other languages. Raises Refusal with the field."""
    others = body.get("texts", {})
    if not isinstance(others, dict) or not set(others) <= set(OTHER_LANGUAGES):
        raise Refusal("texts est un objet : un texte par langue, {known}.", known=", ".join(OTHER_LANGUAGES))
    written = {language: text_in(others, language) or "" for language in OTHER_LANGUAGES if language in others}
    return {MAIN_LANGUAGE: text_in(body, "text") or ""} | written


def answers_in(body: dict[str, Any]) -> Answers:
    """A program's answers for its texts. Raises Refusal with the field."""
    return answers_of_program(text_in(body, "accept_findings"), switch_in(body, "one_language"))


def key_in(body: dict[str, Any]) -> str | None:
    """`idempotency_key` as it is stored: one token's key never meets another's."""
    key = text_in(body, "idempotency_key")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise Refusal("idempotency_key doit avoir de 1 à {most} caractères.", most=LONGEST_KEY)
    return None if key is None else f"api/{bearer().id}/{key}"


def _audience(value: Any) -> Audience:
    if value == {"all": True} and value["all"] is True:
        return Audience(everyone=True)
    if isinstance(value, dict) and value and all(map(_are_texts, value.values())):
        named = {kind: tuple(dict.fromkeys(chosen)) for kind, chosen in value.items()}
        if set(named) <= {"neighbourhoods", "groups", "streets"}:
            places, groups, streets = (named.get(kind, ()) for kind in ("neighbourhoods", "groups", "streets"))
            return Audience(neighbourhoods=places, groups=groups, streets=streets)
        if set(named) == {"to"}:
            return Audience(numbers=named["to"])
    raise Refusal(
        'audience est {{"all": true}}, {{"to": [numéros]}}, ou un ou plusieurs de '
        '{{"neighbourhoods": [noms], "groups": [noms], "streets": [noms]}}.'
    )


def _are_texts(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(name, str) and not _NO_TEXT.search(name) for name in value)
    )


def text_in(body: dict[str, Any], name: str) -> str | None:
    """A text that a database can store; None where it is not given."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise Refusal("{name} doit être un texte.", name=name)
    if value is not None and _NO_TEXT.search(value):
        raise Refusal("{name} contient un caractère qui n'existe pas : un zéro ou une moitié d'emoji.", name=name)
    return value


def number_in(values: Mapping[str, str], name: str, most: int = 2**63 - 1) -> int | None:
    """A whole number of the address, from 1; None where it is not given."""
    text = values.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 1 <= int(text) <= most):
        raise Refusal("{name} est un nombre entier de 1 à {most}.", name=name, most=most)
    return int(text)


def switch_in(body: dict[str, Any], name: str) -> bool:
    """`true` or `false`, and false where it is not given."""
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise Refusal("{name} est true ou false.", name=name)
    return value


@blueprint.get("/api/v1/broadcasts")
@token("see_alerts")
def list_broadcasts() -> ResponseReturnValue:
    for name in request.args.keys() - {"limit", "before"}:
        raise Refusal("Champ inconnu : {name}. Connus : {known}.", name=name[:60], known="limit, before")
    limit = number_in(request.args, "limit", LARGEST_PAGE) or USUAL_PAGE
    return jsonify([card_shape(card) for card in newest(limit, utc_now(), number_in(request.args, "before"))])


@blueprint.post("/api/v1/broadcasts")
@token("send_alerts")
def order() -> ResponseReturnValue:
    wanted, texts, answers = ordered()
    placed = place(texts, wanted, at_once(settings().sending), utc_now(), answers)
    return _taken(placed, placed_shape(placed, mobiles_missing(wanted.audience)))


@blueprint.get(ONE)
@token("see_alerts")
def broadcast(broadcast_id: int) -> ResponseReturnValue:
    return jsonify(progress_shape(broadcasts.existing(broadcast_id, utc_now()), hold_of(broadcast_id)))


def _plain(act: Callable[[int, broadcasts.Request], int]) -> Callable[[int], ResponseReturnValue]:
    def view(broadcast_id: int) -> ResponseReturnValue:
        body_of(())
        return _done(broadcast_id, act)

    return view


for _act in (broadcasts.cancel, broadcasts.pause, going_on.resume):
    _view = token("send_alerts")(_plain(_act))
    blueprint.add_url_rule(f"{ONE}/{_act.__name__}", _act.__name__, _view, methods=["POST"])


@blueprint.post(f"{ONE}/release")
@token("send_alerts")
def release(broadcast_id: int) -> ResponseReturnValue:
    rest = switch_in(body_of(("rest",)), "rest")
    return _done(broadcast_id, partial(going_on.release, rest=rest))


@blueprint.post(f"{ONE}/resend")
@token("send_alerts")
def resend(broadcast_id: int) -> ResponseReturnValue:
    body = body_of(("only", "idempotency_key"))
    only: Only | None = next((known for known in get_args(Only) if known == text_in(body, "only")), None)
    if only is None:
        raise Refusal("only est {known}.", known=", ".join(get_args(Only)))
    key = key_in(body)
    return _done(broadcast_id, partial(going_on.resend, only=only, idempotency_key=key))


@blueprint.post(f"{ONE}/correct")
@token("send_alerts")
def correct(broadcast_id: int) -> ResponseReturnValue:
    return _follow_up(broadcast_id, body_of((*FOLLOW_UP_FIELDS, "rest")), "correction")


@blueprint.post(f"{ONE}/end")
@token("send_alerts")
def end(broadcast_id: int) -> ResponseReturnValue:
    return _follow_up(broadcast_id, body_of(FOLLOW_UP_FIELDS), "end")


def _follow_up(broadcast_id: int, body: dict[str, Any], kind: FollowUp) -> ResponseReturnValue:
    original, for_rest = broadcasts.existing(broadcast_id, utc_now()), switch_in(body, "rest")
    wanted = FollowUpOrder(original.id, kind, actor(), key_in(body), switch_in(body, "again"))
    placed, others = follow_up(
        *(texts_in(body), original, wanted, at_once(settings().sending), utc_now(), answers_in(body)), for_rest=for_rest
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
