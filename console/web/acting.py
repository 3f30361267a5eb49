"""A request from a page: the person, the settings, the act itself, and its outcome on the next page."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import (
    Response,
    abort,
    after_this_request,
    current_app,
    flash,
    redirect,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from base.settings.values import Settings
from console.i18n.translate import said
from db.engine.clock import utc_now
from plp.services.broadcasts import Request
from rules.people import Actor
from rules.refusals import FieldRefusal, Missing, Refusal

T = TypeVar("T")

# The field that was refused, empty for none of them, and the sentence.
Refused = tuple[str, str] | None

PRINT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

# A view that shows a form and takes it when it is posted.
FORM = ("GET", "POST")


def settings() -> Settings:
    """The settings of this machine (config.ini)."""
    known: Settings = current_app.config["PLP_SETTINGS"]
    return known


def page_or_part(page: str, part: str) -> str:
    """The template of a view that has a second address, `…/live`, for the part of its page that renews itself."""
    return part if request.path.endswith("/live") else page


def renew_page() -> None:
    """With this answer, the browser reloads the whole page."""

    @after_this_request
    def renew(answer: Response) -> Response:
        answer.headers["HX-Refresh"] = "true"
        return answer


def printed(page: str) -> Response:
    """The answer of a page to print (`plp.letters.rendering.paper`), which brings its own looks and runs nothing."""
    return Response(page, headers={"Content-Security-Policy": PRINT_POLICY})


def as_file(
    content: str | bytes | Iterable[bytes], media_type: str, filename: str, shown: str = "attachment"
) -> Response:
    """A file to save; with `shown` "inline", one that the browser shows. Its pieces are made as they are written."""
    whole = content if isinstance(content, str | bytes) else stream_with_context(iter(content))
    answer = Response(whole, mimetype=media_type)
    answer.headers.set("Content-Disposition", shown, filename=filename)
    return answer


def actor() -> Actor:
    """The person who acts, for the journal."""
    return Actor("account", current_user.name, request.remote_addr or "")


def request_now() -> Request:
    """The signed-in person as the actor, with the present time."""
    return Request(actor(), settings().sending, utc_now())


def refused_field(refusal: Refusal) -> tuple[str, str]:
    """The field of a form that was refused, empty for none of them, and the sentence."""
    return refusal.field if isinstance(refusal, FieldRefusal) else "", said(refusal)


def attempt(act: Callable[[], T], done: str = "", but: tuple[type[Refusal], ...] = ()) -> T | None:
    """Act and flash `done`, or the refusal and return None; refusals in `but` are raised. 404 for a missing object."""
    try:
        result = act()
    except but:
        raise
    except Missing:
        abort(404)
    except Refusal as refusal:
        flash(said(refusal), "failed")
        return None
    if done:
        flash(done, "done")
    return result


def done(sentence: str, endpoint: str, **values: Any) -> ResponseReturnValue:
    """Redirect to the page `endpoint`, which shows `sentence`."""
    flash(sentence, "done")
    return redirect(url_for(endpoint, **values), 303)


def attempted(act: Callable[[], object], sentence: str, endpoint: str, **values: Any) -> ResponseReturnValue:
    """Act and redirect to the page `endpoint`, which shows `sentence`, or why it was refused."""
    attempt(act, sentence)
    return redirect(url_for(endpoint, **values), 303)
