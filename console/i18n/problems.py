"""The API's errors: problem details (RFC 9457). `detail` is in the reader's language, `error` the same in French."""

from http import HTTPStatus
from typing import Any

from flask import Response, jsonify
from werkzeug.wrappers import Request

from console.i18n.translate import said
from rules.languages import LANGUAGES, MAIN_LANGUAGE
from rules.refusals import FieldRefusal, Refusal
from rules.sentences import Sentence

MEDIA_TYPE = "application/problem+json"
# By status: the code, and the sentence where nothing more is known.
WORDS = {
    400: ("bad_request", Sentence("La demande n'a pas été comprise.")),
    401: ("no_token", Sentence("Il faut un jeton valable dans l'en-tête Authorization: Bearer.")),
    404: ("missing", Sentence("Élément introuvable.")),
    405: ("method", Sentence("Méthode HTTP non autorisée à cette adresse.")),
    413: ("too_large", Sentence("La demande est trop grande.")),
    415: ("not_json", Sentence("Envoyez du JSON, avec Content-Type: application/json.")),
    429: ("too_many", Sentence("Trop de demandes en une minute : attendez, puis réessayez.")),
    500: ("crash", Sentence("Une erreur est survenue.")),
    503: ("unavailable", Sentence("La base de données n'a pas répondu à temps.")),
}
_STATUSES = {"missing": 404, "scope": 403, "role": 403, "events_lost": 410} | dict.fromkeys(
    ("duplicate", "key_taken", "not_ready", "over_limit", "over_budget", "overtaken", "wrong_state", "number_taken",
     "stopped"), 409
)  # fmt: skip
# The field of a body that a refusal is about, whoever raises it.
_PLACES = {"duplicate": "text", "key_taken": "idempotency_key"}


class NoScope(Refusal):
    """The token was not made for this."""

    code = "scope"


class NoRole(Refusal):
    """Nobody of the token's role may do this."""

    code = "role"


def shape(status: int, sentence: Refusal | Sentence, code: str, caller: Request) -> dict[str, Any]:
    """The problem as JSON, for whoever made the request `caller`."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": said(sentence, caller.accept_languages.best_match(LANGUAGES, MAIN_LANGUAGE)),
        "error": str(sentence),
    }


def problem(
    caller: Request, status: int, sentence: Refusal | Sentence | None = None, code: str = "", **more: object
) -> Response:
    """The answer; without a sentence that of the status."""
    usual, words = WORDS.get(status) or WORDS[400 if status < 500 else 500]
    answer = jsonify(shape(status, sentence or words, code or usual, caller) | more)
    answer.status_code, answer.mimetype = status, MEDIA_TYPE
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="plp"'
    return answer


def refused(caller: Request, refusal: Refusal, sentence: Sentence) -> Response:
    """The answer to a refusal in these words: 404 for a missing object, 409 when the state forbids it, else 400."""
    place = refusal.field if isinstance(refusal, FieldRefusal) else _PLACES.get(refusal.code)
    status = _STATUSES.get(refusal.code, 400)
    return problem(caller, status, sentence, refusal.code, **({"field": place} if place else {}))
