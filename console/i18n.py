"""Languages and time. The source language is French; the others come as catalogues under translations/."""

from flask import Flask
from flask_babel import Babel, get_locale
from flask_login import current_user

SOURCE = "fr"
TIMEZONE = "Europe/Brussels"


def init_languages(app: Flask) -> None:
    """flask-babel in the zone's time; the account's language where a catalogue exists."""
    app.config.update(BABEL_DEFAULT_LOCALE=SOURCE, BABEL_DEFAULT_TIMEZONE=TIMEZONE)
    babel = Babel()

    def chosen() -> str:
        wanted = getattr(current_user, "language", SOURCE)
        known = {locale.language for locale in babel.list_translations()}
        return wanted if wanted in known else SOURCE

    babel.init_app(app, locale_selector=chosen)
    app.jinja_env.globals["get_locale"] = get_locale
