"""What went wrong, in words, with what to do: never a traceback, never a lost text."""

import secrets
import traceback
from dataclasses import dataclass

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from console.i18n.translate import said
from console.web.draft_recovery import kept_form, written_texts
from console.web.page_header import forget_the_database, page_header
from db.engine.connection import UNAVAILABLE
from db.engine.health import DAMAGED, is_damage, write_trouble
from plp.rules.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Words:
    """A title, and what to do."""

    title: LazyString
    advice: LazyString


PAGES = {
    400: Words(_l("La demande n'a pas été comprise"), _l("Revenez à la page précédente et recommencez.")),
    403: Words(
        _l("Cette page n'est pas pour vous"),
        _l("Votre compte n'a pas le rôle qu'il faut. Un administrateur peut vous le donner."),
    ),
    404: Words(
        _l("Cette page n'existe pas"),
        _l("L'adresse est peut-être incomplète, ou ce qu'elle montrait a été effacé."),
    ),
    405: Words(_l("La demande n'a pas été comprise"), _l("Revenez à l'accueil et recommencez depuis le menu.")),
    409: Words(_l("Ce n'est pas possible maintenant"), _l("Revenez à la page précédente et vérifiez.")),
    413: Words(
        _l("Le fichier est trop grand"),
        _l("La limite est de 8 Mo. Coupez la liste en plusieurs fichiers, ou réduisez la photo."),
    ),
    429: Words(_l("Trop d'essais"), _l("Attendez une minute, puis recommencez.")),
    500: Words(
        _l("Quelque chose n'a pas marché"),
        _l(
            "Ce n'est pas votre faute. Rechargez la page ; si cela continue, prévenez le technicien. "
            "L'envoi en cours n'est pas touché : les modems travaillent à part."
        ),
    ),
    503: Words(
        _l("Rien ne peut être enregistré maintenant"),
        _l("Ce que vous venez de demander n'est pas fait. Prévenez le technicien, puis recommencez."),
    ),
}


def page(status: int, sentence: str | None = None, number: str = "") -> ResponseReturnValue:
    """The page for an HTTP status; `sentence` says it better than the standard words, where known. `number` is the one
    under which the log tells more.
    """
    _steady()
    words = PAGES.get(status, PAGES[400 if status < 500 else 500])
    body = render_template("web/error.html", status=status, words=words, sentence=sentence, number=number)
    # A part of a page that is asked for again each second stays as it was, and asks again.
    return body, status, {"HX-Reswap": "none"} if "HX-Request" in request.headers else {}


def _steady() -> None:
    """The header asks the database; a page that says what failed must not fail for the same reason."""
    try:
        page_header()
    except Exception:  # noqa: BLE001
        forget_the_database()


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    return page(error.code)


def _refusal(refusal: Refusal) -> ResponseReturnValue:
    return page(409, said(refusal))


def _stale_form(_error: CSRFError) -> ResponseReturnValue:
    """The session ended while the form was open: a draft is carried through the sign-in page, anything else that was
    written is shown to be copied. Nothing is sent by itself.
    """
    _steady()
    kept = kept_form()
    if kept is not None:
        signed_in = current_user.is_authenticated
        return render_template("admin/auth/resume.html" if signed_in else "web/stale.html", kept=kept), 400
    return render_template("web/stale.html", written=written_texts()), 400


def why_unwritten(error: Exception) -> str:
    """A French sentence about the database that failed a request with `error`."""
    trouble = DAMAGED if is_damage(error) else write_trouble(thorough=True)
    if trouble is None:
        return str(_("La base de données n'a pas répondu à temps."))
    return said(trouble.sentence)


def logged(what: str, error: Exception) -> str:
    """Write a request that failed into the log, and return the random number that its answer bears.

    What an error says may hold a person's number or text: only its kind is kept, and where it came from.
    """
    number = secrets.token_hex(4)
    traced = ""
    cause: BaseException | None = error
    while cause is not None:
        traced += f"\n{type(cause).__name__}\n{''.join(traceback.format_tb(cause.__traceback__))}"
        cause = cause.__cause__ or cause.__context__
    current_app.logger.error("%s, number %s: %s%s", what, number, request.endpoint, traced)
    return number


def _unavailable(error: Exception) -> ResponseReturnValue:
    if "no such " in str(error):  # what SQLite says of a missing table or column is a defect, not an outage
        return _crash(error)
    return page(503, why_unwritten(error), logged("the database failed a request", error))


def _crash(error: Exception) -> ResponseReturnValue:
    if is_damage(error):
        return _unavailable(error)
    return page(500, number=logged("a request failed", error))


def init_errors(app: Flask) -> None:
    """Register them all; the API's blueprint answers its own errors in JSON."""
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Refusal, _refusal)
    for unavailable in UNAVAILABLE:
        app.register_error_handler(unavailable, _unavailable)
    app.register_error_handler(Exception, _crash)
