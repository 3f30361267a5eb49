"""The application: everything wired once, nothing left open by default."""

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules

from flask import Blueprint, Flask, Response, request
from flask_wtf import CSRFProtect

from base.settings.values import Settings
from console.i18n.labels import init_words
from console.i18n.translate import init_languages
from console.web.errors import init_errors
from console.web.limits import limiter
from console.web.page_header import init_page_header
from console.web.pages import init_pages
from console.web.roles import guard
from console.web.session import init_sessions
from db.engine.connection import bind
from db.engine.files import state_folder
from db.journal.audit import use_key_file
from db.mail.enqueue import send_as
from plp.services.people.reading import MAXIMUM_BYTES
from plp.serving import secret_key

# The largest file, and the form around it.
LARGEST_UPLOAD_BYTES = MAXIMUM_BYTES + 64 * 1024

# Security headers of every answer.
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# A browser that was here once asks in the clear no more, and shows no button to pass over a bad certificate.
TLS_ONLY_FOR_S = 365 * 24 * 3600
# A page waits a tenth of a second for its type: a browser that has it does not ask again.
FONTS_KEPT = f"public, max-age={TLS_ONLY_FOR_S}, immutable"
# All modules of these packages are read. One with views has its family's `blueprint`, or its own ones.
FAMILIES = (
    "admin",
    "alerts",
    "alerts.following",
    "alerts.writing",
    "api",
    "bulletins",
    "drills",
    "guide",
    "hardware",
    "home",
    "inbox",
    "mail",
    "partnership",
    "people",
    "people.members",
    "second_factor",
)


def create_app(settings: Settings, demo: bool = False) -> Flask:
    """The console over the database of `settings`. Raises Refusal when its folder or its key cannot be used."""
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
    # In this order: the connection is open before anybody is looked up.
    init_page_header(app)
    init_sessions(app, tls=settings.console.certificate is not None)
    csrf = CSRFProtect(app)
    limiter.init_app(app)
    guard(app)
    app.after_request(_harden)
    init_languages(app)
    init_words(app)
    init_pages(app)
    init_errors(app)
    _register(app, csrf)
    _init_macros(app)
    return app


def _register(app: Flask, csrf: CSRFProtect) -> None:
    blueprints: dict[str, Blueprint] = {}
    for name in FAMILIES:
        family = import_module(f"console.{name}")
        for entry in iter_modules(family.__path__, f"{family.__name__}."):
            module = import_module(entry.name)
            blueprints |= {item.name: item for item in vars(module).values() if isinstance(item, Blueprint)}
    # Once all are read: a blueprint takes no more views after it was registered.
    for blueprint in blueprints.values():
        app.register_blueprint(blueprint)
    # Bearer tokens only, never the cookie: another site could borrow nothing.
    csrf.exempt(blueprints["api"])


def _harden(response: Response) -> Response:
    """No frames, no foreign scripts, and no page of ours left in a shared computer's cache."""
    # The preview of a mail and what is made for paper are no pages of ours, and bring policies of their own.
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers["X-Content-Type-Options"] = "nosniff"
    # flask-wtf wants the referrer under TLS, so it goes to ourselves and to nobody else.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = f"max-age={TLS_ONLY_FOR_S}; includeSubDomains"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    elif request.path.endswith(".woff2"):
        response.headers["Cache-Control"] = FONTS_KEPT
    return response


def _init_macros(app: Flask) -> None:
    """The macros for every template, which imports none. Last: they see the globals of the blueprints."""
    with app.test_request_context():
        for name in ("icons", "forms", "lists", "maps", "states"):
            macros = vars(app.jinja_env.get_template(f"macros/{name}.html").module)
            app.jinja_env.globals.update({macro: macros[macro] for macro in macros if not macro.startswith("_")})
    # The same few dozen drawings, a hundred on a page.
    app.jinja_env.globals["icon"] = lru_cache(maxsize=1024)(app.jinja_env.globals["icon"])  # type: ignore[arg-type]
