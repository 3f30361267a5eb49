"""The application: everything wired once, nothing left open by default."""

from importlib import import_module

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect

from console.addresses import init_addresses
from console.errors import init_errors
from console.formats import init_formats
from console.headers import init_headers
from console.house import init_house
from console.i18n import init_languages
from console.limits import limiter
from console.navigation import init_navigation
from console.roles import guard
from console.secret import secret_key
from console.session import init_sessions
from console.words import init_words
from db.connection import bind
from db.house import state_folder
from db.mail import send_as
from db.settings import Settings

LARGEST_UPLOAD_BYTES = 8 * 1024 * 1024

# Each module holds one blueprint, called `blueprint`.
BLUEPRINTS = (
    "console.entrance",
    "console.home",
    "console.alerts",
    "console.drills",
    "console.bulletins",
    "console.relay",
    "console.inbox",
    "console.ringing",
    "console.modems",
    "console.sims",
    "console.post",
    "console.incidents",
    "console.members",
    "console.neighbourhoods",
    "console.groups",
    "console.my_neighbourhood",
    "console.directory",
    "console.ready_made",
    "console.accounts",
    "console.journal",
    "console.plan_b",
    "console.settings",
    "console.account",
    "console.language",
    "console.api",
)


def create_app(settings: Settings, demo: bool = False) -> Flask:
    """The console over the database of `settings`. `demo` says on every page that no SMS leaves.

    Raises Refusal when the database's folder or the key beside it cannot be used.
    """
    app = Flask(__name__)
    app.config.update(
        PLP_DEMO=demo,
        PLP_SETTINGS=settings,
        SECRET_KEY=secret_key(state_folder(settings)),
        SESSION_COOKIE_SECURE=settings.console.certificate is not None,
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD_BYTES,
        # A token lives as long as the session: a form left open for an hour still works.
        WTF_CSRF_TIME_LIMIT=None,
    )
    bind(settings.database.url, settings.folder)
    send_as(settings.mail)
    init_addresses(app)
    # In this order: the connection is open before anybody asks who is there.
    init_house(app)
    init_sessions(app)
    csrf = CSRFProtect(app)
    limiter.init_app(app)
    guard(app)
    init_headers(app)
    init_languages(app)
    init_formats(app)
    init_words(app)
    init_navigation(app)
    init_errors(app)
    _register(app, csrf)
    return app


def _register(app: Flask, csrf: CSRFProtect) -> None:
    for name in BLUEPRINTS:
        blueprint: Blueprint = import_module(name).blueprint
        if blueprint.name == "api":
            # Bearer tokens only, never the cookie: there is nothing that another site could borrow.
            csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
