"""The application: everything wired once, nothing left open by default."""

from functools import lru_cache
from importlib import import_module

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect

from console.i18n.formats import init_formats
from console.i18n.labels import init_words
from console.i18n.languages import init_languages
from console.web.errors import init_errors
from console.web.headers import init_headers
from console.web.limits import limiter
from console.web.navigation import init_navigation
from console.web.page_header import init_page_header
from console.web.roles import guard
from console.web.session import init_sessions, secret_key
from db.engine.connection import bind
from db.engine.files import state_folder
from db.journal.keys import use_key_file
from db.mail.enqueue import send_as
from db.people.lists.roster import MAXIMUM_BYTES
from db.settings.values import Settings

# The largest file, and the form around it.
LARGEST_UPLOAD_BYTES = MAXIMUM_BYTES + 64 * 1024

# Each module holds one blueprint, called `blueprint`.
# Each blueprint with the modules whose views it serves, beside its own.
BLUEPRINTS: dict[str, tuple[str, ...]] = {
    "console.admin.auth": (),
    "console.home.home": (),
    "console.alerts.blueprint": (
        "console.alerts.writing.approving",
        "console.alerts.writing.bulletin",
        "console.alerts.writing.composing",
        "console.alerts.writing.confirming",
        "console.alerts.writing.places",
        "console.alerts.following.dossier",
        "console.alerts.following.following",
        "console.alerts.following.following_up",
        "console.alerts.following.history",
        "console.alerts.following.incident",
        "console.alerts.following.resending",
    ),
    "console.drills.looking_back": ("console.drills.planned", "console.drills.preparing"),
    "console.bulletins.blueprint": (
        "console.bulletins.checking",
        "console.bulletins.following",
        "console.bulletins.writing",
    ),
    "console.people.relay": (),
    "console.people.joining": (),
    "console.inbox.blueprint": ("console.inbox.pages", "console.inbox.pages"),
    "console.home.ringing": (),
    "console.hardware.blueprint": (
        "console.hardware.asking",
        "console.hardware.diagnosis",
        "console.hardware.pages",
        "console.hardware.transcripts",
    ),
    "console.hardware.queue": (),
    "console.hardware.sims": (),
    "console.mail.mail": (),
    "console.hardware.incidents": (),
    "console.people.members.blueprint": (
        "console.people.members.imports",
        "console.people.members.pages",
        "console.people.members.rows",
        "console.people.members.table",
    ),
    "console.people.care.blueprint": (
        "console.people.care.numbers",
        "console.people.care.register",
        "console.people.care.registration",
        "console.people.care.renewal",
        "console.people.care.rights",
    ),
    "console.people.member_groups": (),
    "console.people.neighbourhoods": (),
    "console.people.streets": (),
    "console.people.drawing": (),
    "console.people.groups": (),
    "console.people.my_neighbourhood": (),
    "console.people.corrections": (),
    "console.admin.directory": (),
    "console.admin.duty": (),
    "console.admin.ready_made": (),
    "console.admin.accounts": (),
    "console.admin.tokens": (),
    "console.admin.journal": (),
    "console.plan_b.plan_b": (),
    "console.guide.pages": (),
    "console.admin.settings": (),
    "console.admin.first_steps": (),
    "console.admin.upkeep": (),
    "console.admin.account": (),
    "console.second_factor.proof": (),
    "console.admin.language": (),
    "console.api.blueprint": ("console.api.broadcasts", "console.api.routes"),
}


def create_app(settings: Settings, demo: bool = False) -> Flask:
    """The console over the database of `settings`; `demo` says on every page that no SMS leaves. Raises Refusal when
    the database's folder or the key beside it cannot be used.
    """
    app = Flask("console")
    app.config.update(
        PLP_DEMO=demo,
        PLP_SETTINGS=settings,
        SECRET_KEY=secret_key(state_folder(settings)),
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD_BYTES,
        # A token lives as long as the session: a form left open for an hour still works.
        WTF_CSRF_TIME_LIMIT=None,
    )
    bind(settings.database.url, settings.folder)
    use_key_file(settings.journal.key_file)
    send_as(settings.mail)
    # In this order: the connection is open before anybody asks who is there.
    init_page_header(app)
    init_sessions(app, tls=settings.console.certificate is not None)
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
    _init_macros(app)
    return app


def _register(app: Flask, csrf: CSRFProtect) -> None:
    for name, views in BLUEPRINTS.items():
        blueprint: Blueprint = import_module(name).blueprint
        for view in views:
            import_module(view)
        if blueprint.name == "api":
            # Bearer tokens only, never the cookie: there is nothing that another site could borrow.
            csrf.exempt(blueprint)
        app.register_blueprint(blueprint)


def _init_macros(app: Flask) -> None:
    """Buttons, fields, tables, icons and states for every template, which imports none of them. Last: they see the
    globals of the blueprints.
    """
    with app.test_request_context():
        for name in ("icons", "forms", "lists", "states"):
            made = vars(app.jinja_env.get_template(f"macros/{name}.html").module)
            app.jinja_env.globals.update({macro: made[macro] for macro in made if not macro.startswith("_")})
    # The same few dozen drawings, a hundred on a page.
    app.jinja_env.globals["icon"] = lru_cache(maxsize=1024)(app.jinja_env.globals["icon"])  # type: ignore[arg-type]
