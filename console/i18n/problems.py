"""The API's error answers: problem details (RFC 9457). `code` never changes, `detail` is the sentence in the reader's
language (Accept-Language), and `error` the same in French, whatever the header says.
"""

from http import HTTPStatus
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Request

from console.i18n.translate import said
from rules.languages import LANGUAGES, MAIN_LANGUAGE
from rules.refusals import FieldRefusal, Missing, Refusal
from rules.sentences import Sentence

MEDIA_TYPE = "application/problem+json"
# By status: the code, and the sentence where nothing more is known.
WORDS = {
    400: ("bad_request", Sentence("La demande n'a pas été comprise.")),
    401: ("no_token", Sentence("Il faut un jeton valable dans l'en-tête Authorization: Bearer.")),
    403: ("role", Sentence("Ce jeton n'a pas le rôle requis.")),
    404: ("missing", Sentence("Élément introuvable.")),
    405: ("method", Sentence("Méthode HTTP non autorisée à cette adresse.")),
    413: ("too_large", Sentence("La demande est trop grande.")),
    415: ("not_json", Sentence("Envoyez du JSON, avec Content-Type: application/json.")),
    429: ("too_many", Sentence("Trop de demandes en une minute : attendez, puis réessayez.")),
    500: ("crash", Sentence("Une erreur est survenue.")),
    503: ("unavailable", Sentence("La base de données n'a pas répondu à temps.")),
}
_CONFLICTS = {"duplicate", "key_taken", "not_ready", "over_limit", "over_budget", "overtaken", "wrong_state"}
_CONFLICTS |= {"number_taken", "stopped"}


class NoScope(Refusal):
    """The token was not made for this."""

    code = "scope"


def shape(status: int, sentence: Refusal | Sentence, code: str, caller: Request) -> dict[str, Any]:
    """The problem as JSON, for whoever made the request `caller`."""
    language = caller.accept_languages.best_match(LANGUAGES, MAIN_LANGUAGE)
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": said(sentence, language),
        "error": str(sentence),
    }


def problem(
    caller: Request, status: int, sentence: Refusal | Sentence | None = None, code: str = "", **more: object
) -> ResponseReturnValue:
    """The answer; without a sentence that of the status."""
    usual, words = WORDS.get(status) or WORDS[400 if status < 500 else 500]
    answer = jsonify(shape(status, sentence or words, code or usual, caller) | more)
    answer.mimetype = MEDIA_TYPE
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="plp"'
    return answer, status


def status_of(refusal: Refusal) -> int:
    """404 for a missing object, 409 when the present state forbids it, 400 for a wrong request."""
    if refusal.code in _CONFLICTS:
        return 409
    return {Missing.code: 404, NoScope.code: 403, "events_lost": 410}.get(refusal.code, 400)


def place_of(refusal: Refusal) -> dict[str, str]:
    """The field that was refused, where it is one's."""
    return {"field": refusal.field} if isinstance(refusal, FieldRefusal) else {}
