"""A family of pages: an address is declared with the capability that it needs, a form with the page that shows it."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, Flask, current_app, g, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from console.web.acting import FORM, Refused, refused_field
from console.web.form_fields import new_nonce, typed
from console.web.page_header import with_header
from console.web.preparing import apart
from console.web.roles import needs
from rules.refusals import Overtaken, Refusal

# What a view answers: a page, a redirect, a file.
Served = ResponseReturnValue
View = TypeVar("View", bound=Callable[..., Any])
_PROVEN = "plp_proven"


class Pages(Blueprint):
    """Declares views: `@pages.get("/…", may="see_alerts")` is only for who has this capability, PUBLIC for everybody;
    where `change` is given, a form of the page that is posted needs that one. A `live` part brings the header along;
    a `proven` view needs a second factor that was given lately; one with `rows`, which counts them for the view's
    values, has an answer that is prepared apart where they are many (`console.web.preparing`).
    """

    def __init__(self, name: str, prefix: str | None = None) -> None:
        super().__init__(name, "console", url_prefix=prefix)

    def route(
        self,
        rule: str,
        *,
        may: str = "",
        change: str = "",
        live: bool = False,
        proven: bool = False,
        rows: Callable[..., int] | None = None,
        **options: Any,
    ) -> Callable[[View], View]:
        register = super().route(rule, **options)

        def declare(view: View) -> View:
            served = with_header(view) if live else view
            served = apart(served, rows) if rows else served
            if proven:
                setattr(served, _PROVEN, True)
            register(needs(may, change)(served) if may else served)
            return view

        return declare

    def form(
        self, rule: str, page: Callable[..., str], *, may: str, change: str = "", status: int = 400, **options: Any
    ) -> Callable[[View], View]:
        """A view that takes a form, which stands on `page`: that is shown before, and again, with `status`, after a
        refusal. Templates know the refusal as `refusal`, a field (empty for none of them) and a sentence, or None, and
        the sentence as `sentence`. With `methods` of POST alone the page has its own address.
        """

        def declare(view: View) -> View:
            @wraps(view)
            def taken(**values: Any) -> ResponseReturnValue:
                if request.method != "POST":
                    return page(**values)
                try:
                    return view(**values)  # type: ignore[no-any-return]
                except Refusal as refusal:
                    g.refusal = refusal
                    return page(**values), 409 if isinstance(refusal, Overtaken) else status

            self.route(rule, may=may, change=change, **{"methods": FORM, **options})(taken)
            return view

        return declare


def is_proven(endpoint: str) -> bool:
    """True when the view of `endpoint` was declared as `proven`."""
    return hasattr(current_app.view_functions.get(endpoint), _PROVEN)


def refusal_now() -> Refused:
    """The refusal of the form that was posted, in the language of this moment."""
    return refused_field(g.refusal) if "refusal" in g else None


def init_pages(app: Flask) -> None:
    """Give the templates the `form` that was posted, as it was typed, with its refusal; and new marks of forms."""
    app.jinja_env.globals["new_nonce"] = new_nonce

    @app.context_processor
    def posted() -> dict[str, object]:
        refusal, form = refusal_now(), dict[str, str]()
        with suppress(HTTPException):  # the page of an error is also for who posts more than a form may hold
            form = typed()
        return {"form": form, "refusal": refusal, "sentence": refusal[1] if refusal else ""}
