"""Languages and time. The source language is French; the others come as catalogues."""

from functools import lru_cache

from flask import Flask, current_app, request
from flask_babel import Babel, get_locale
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Request

from console.i18n.translate import SOURCE, Catalogues, catalogue, reader_language, reworded, said
from rules.calendar import LOCAL
from rules.languages import LANGUAGES

# The choice of somebody who is not signed in, kept by the browser.
_COOKIE = "plp_language"


def init_languages(app: Flask) -> None:
    """flask-babel in the zone's time, in the reader's language; `said` and `reworded` for the templates."""
    app.config.update(BABEL_DEFAULT_LOCALE=SOURCE, BABEL_DEFAULT_TIMEZONE=LOCAL.key)
    babel = Babel()
    babel.domain_instance = Catalogues()
    babel.init_app(app, locale_selector=chosen)
    app.jinja_env.globals.update(get_locale=get_locale, LANGUAGES=LANGUAGES, _=_in_template, ngettext=_counted)
    app.jinja_env.filters.update(said=said, reworded=reworded)


def cookie_name() -> str:
    """Under TLS no other host or port may set it, as with the session's."""
    return f"__Host-{_COOKIE}" if current_app.config["SESSION_COOKIE_SECURE"] else _COOKIE


def chosen() -> str:
    """The language of this request: the account's, else the one chosen here before, else the browser's. Programs always
    get French: what they match on must not change with a header.
    """
    if request.blueprint == "api":
        return SOURCE
    if current_user and current_user.is_authenticated:
        wanted = current_user.language
        return wanted if wanted in LANGUAGES else SOURCE
    return of_browser(request)


def of_browser(incoming: Request) -> str:
    """The language that was chosen in this browser, else its own."""
    kept = incoming.cookies.get(f"__Host-{_COOKIE}") or incoming.cookies.get(_COOKIE)
    wanted = kept or incoming.accept_languages.best_match(LANGUAGES, SOURCE)
    return wanted if wanted in LANGUAGES else SOURCE


def _in_template(message: str, /, **variables: object) -> str:
    """`_("…")` of the templates: what Jinja's own does, several times as fast; a long table asks two thousand times."""
    language = reader_language()
    return _marked(language, message) % variables if variables else _whole(language, message)


def _counted(one: str, many: str, number: int, /, **variables: object) -> str:
    """`ngettext` of the templates."""
    return _numbered(reader_language(), one, many, number) % {"num": number, **variables}


@lru_cache(maxsize=8192)
def _numbered(language: str, one: str, many: str, number: int) -> Markup:
    return Markup(catalogue(language).ngettext(one, many, number))  # noqa: S704 - a sentence of ours


@lru_cache(maxsize=8192)
def _marked(language: str, message: str) -> Markup:
    return Markup(catalogue(language).gettext(message))  # noqa: S704 - a sentence of ours


@lru_cache(maxsize=8192)
def _whole(language: str, message: str) -> str:
    return _marked(language, message) % {}
