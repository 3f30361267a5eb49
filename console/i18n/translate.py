"""Sentences in the reader's language, of the request that is answered."""

from functools import lru_cache
from gettext import NullTranslations

from flask import Flask, current_app, g, has_app_context, request
from flask_babel import Babel, Domain, get_locale
from flask_babel.speaklater import LazyString
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Request

from base.catalogues import SOURCE, catalogue, said_in
from rules.calendar import LOCAL
from rules.languages import LANGUAGES, OTHER_LANGUAGES
from rules.refusals import Refusal
from rules.sentences import Sentence

# The choice of somebody who is not signed in, kept by the browser.
_COOKIE = "plp_language"


class Catalogues(Domain):  # type: ignore[misc]
    """flask-babel's way to the sentences of the present request's language."""

    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        return catalogue(locale.language if locale else SOURCE)


def said(sentence: Refusal | Sentence, language: str = "") -> str:
    """A sentence that has its values apart, in this language, else the reader's."""
    return said_in(sentence, language or reader_language())


def reworded(words: str) -> str:
    """A text of a fresh database, in the reader's language; one that people wrote instead, as it is."""
    language = reader_language()
    # gettext keeps the catalogue's own header under the empty sentence
    return words if language == SOURCE or not words else catalogue(language).gettext(words)


def lazily(words: str) -> LazyString:
    """As flask-babel's `lazy_gettext`, several times as fast: a list shows a hundred states."""
    return LazyString(lambda: _of_catalogue(reader_language(), words))


@lru_cache(maxsize=4096)
def _of_catalogue(language: str, words: str) -> str:
    return catalogue(language).gettext(words)


def reader_language() -> str:
    """The reader's language."""
    # Where `get_locale` keeps it, which looks into three places first: a long table has a thousand sentences.
    kept = g.get("_flask_babel") if has_app_context() else None
    locale = getattr(kept, "babel_locale", None) or get_locale()
    return locale.language if locale else SOURCE


def init_languages(app: Flask) -> None:
    """flask-babel in the zone's time, in the reader's language; `said` and `reworded` for the templates."""
    app.config.update(BABEL_DEFAULT_LOCALE=SOURCE, BABEL_DEFAULT_TIMEZONE=LOCAL.key)
    babel = Babel()
    babel.domain_instance = Catalogues()
    babel.init_app(app, locale_selector=chosen)
    app.jinja_env.globals.update(LANGUAGES=LANGUAGES, OTHER_LANGUAGES=OTHER_LANGUAGES, get_locale=get_locale)
    app.jinja_env.globals.update(_=_in_template, ngettext=_counted)
    app.jinja_env.filters.update(said=said, reworded=reworded)


def cookie_name() -> str:
    """Under TLS no other host or port may set it, as with the session's."""
    return f"__Host-{_COOKIE}" if current_app.config["SESSION_COOKIE_SECURE"] else _COOKIE


def chosen() -> str:
    """The language of this request: the account's, else the one chosen here before, else the browser's."""
    if request.blueprint == "api":  # what programs match on must not change with a header
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
