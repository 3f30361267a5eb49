"""Errors in words, with what to do: never a traceback, never a lost text."""

import secrets
import traceback

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from console.i18n.labels import advised
from console.i18n.problems import WORDS, problem
from console.i18n.translate import said
from console.web.draft_recovery import kept_form, written_texts
from console.web.page_header import forget_the_database, page_header
from db.engine.connection import UNAVAILABLE
from db.engine.health import DAMAGED, is_damage, write_trouble
from rules.refusals import Refusal
from rules.sentences import Sentence, StoreFault

PAGES = advised("errors")


def page(status: int, sentence: str | None = None, number: str = "") -> ResponseReturnValue:
    """The page for an HTTP status, with the text that the person wrote; `number` is where the log has details."""
    _steady()
    title, advice = PAGES.get(str(status), PAGES["400" if status < 500 else "500"])
    kept = kept_form() if status >= 500 else None
    written = written_texts() if status >= 500 and kept is None else []
    words = {"title": title, "advice": advice, "sentence": sentence, "number": number, "kept": kept, "written": written}
    body = render_template("web/error.html", status=status, **words)
    # A part of a page that renews itself every second stays as it was, and does so again.
    return body, status, {"HX-Reswap": "none"} if "HX-Request" in request.headers else {}


def _steady() -> None:
    """The header reads the database; a page that reports an error must not fail for the same reason."""
    try:
        page_header()
    except Exception:  # noqa: BLE001
        forget_the_database()


def _http(error: HTTPException) -> ResponseReturnValue:
    return error.get_response() if error.code is None or error.code < 400 else page(error.code)


def _stale_form(_error: CSRFError) -> ResponseReturnValue:
    """The session ended while the form was open: a draft goes through the sign-in page, other texts are shown."""
    _steady()
    kept = kept_form()
    template = "admin/auth/resume.html" if kept is not None and current_user.is_authenticated else "web/stale.html"
    return render_template(template, kept=kept, written=written_texts() if kept is None else ()), 400


def why_unwritten(error: Exception) -> Sentence:
    """A sentence about the database that failed a request with `error`."""
    trouble = DAMAGED if is_damage(error) else write_trouble(thorough=True)
    return trouble.sentence if trouble else WORDS[503][1]


def logged(what: str, error: Exception) -> str:
    """Write a failed request into the log, and return the random number shown in its answer. Only kinds and places of
    the error are kept: its text may contain a person's number or message.
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
    return _failed(503, logged("the database failed a request", error), why_unwritten(error))


def _crash(error: Exception) -> ResponseReturnValue:
    return _unavailable(error) if is_damage(error) else _failed(500, logged("a request failed", error))


def _failed(status: int, number: str, sentence: Sentence | Refusal | None = None) -> ResponseReturnValue:
    """A page, or for a program a problem in JSON."""
    if request.blueprint != "api":
        return page(status, said(sentence) if sentence else None, number)
    forget_the_database()
    words = "Une erreur est survenue : le fichier journal la décrit sous le numéro {number}."
    return problem(request, status, sentence or Sentence(words, {"number": number}))


def init_errors(app: Flask) -> None:
    """Register them all; the API's blueprint answers refusals and wrong requests in JSON."""
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Refusal, lambda refusal: page(409, said(refusal)))
    app.register_error_handler(
        StoreFault, lambda fault: _failed(503, logged("the store failed a request", fault), fault.refusal)
    )
    for unavailable in UNAVAILABLE:
        app.register_error_handler(unavailable, _unavailable)
    app.register_error_handler(Exception, _crash)
