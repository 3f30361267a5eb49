"""A console over a real database made by the migrations, asked as a browser asks: cookies kept, CSRF on."""

import html
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from jinja2 import FileSystemBytecodeCache
from werkzeug.test import TestResponse

from base.settings.reading import load_settings
from base.settings.values import MailSettings, Settings
from console.web.app import create_app
from console.web.limits import limiter
from db.engine.base import database
from db.engine.clock import utc_now
from db.engine.connection import bind, connected
from db.engine.files import state_folder
from db.mail.enqueue import send_as
from db.models.zone import Heartbeat, Modem
from db.people.accounts.accounts import accounts
from plp.services.accounts.rights import add_account
from plp.serving import secret_key
from tests.conftest import KEY_FILE, ON_POSTGRES, seed
from tests.support.accounts import long_known
from tests.support.postgres import connected_as_before, seeded_url

HERE = Path(__file__).parent
PASSWORD = "quatre mots faciles à retenir"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')

CONFIG = """
[zone]
name = Police locale Seraing/Neupré
code = 5278
phone = 04/330 40 00
[database]
url = sqlite:///plp.db
"""


@pytest.hookimpl(tryfirst=True)  # before the marks are looked at
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who signs in by the form and reads whole pages takes a tenth of a second: `make check` has the others here."""
    for item in items:
        if item.path.parent == HERE and "sign_in" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")


@dataclass
class Browser:
    """A person at the console. `post` gives the token that the forms of this session hold; a page that is named, or the
    `token_page`, is asked for it.
    """

    client: FlaskClient
    token_page: str = ""
    _tokens: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.get(path, **kwargs)

    def token(self, page: str | None = None) -> str:
        """Of the form on `page`; without one, the one that this session was given before."""
        with self.client.session_transaction() as session:
            seed = session.setdefault("csrf_token", secrets.token_hex())
        if page or seed not in self._tokens:
            asked = page or self.token_page
            token = self._read(asked) if asked else self._signed(seed)
            with self.client.session_transaction() as session:
                seed = session["csrf_token"]
            self._tokens[seed] = token
        return self._tokens[seed]

    def _read(self, page: str) -> str:
        found = _TOKEN.search(self.client.get(page).text)
        assert found, f"no form on {page}"
        return found[1]

    def _signed(self, seed: str) -> str:
        """As the console signs it into every form: a page takes ten times as long to make."""
        with self.client.application.test_request_context():
            flask.session["csrf_token"] = seed
            return generate_csrf()

    def post(self, path: str, data: dict[str, Any] | None = None, page: str | None = None, **kw: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(page), **(data or {})}, **kw)

    def follow(self, answer: TestResponse) -> TestResponse:
        """The page that an answer leads to."""
        assert answer.status_code in (302, 303), answer.text
        return self.get(answer.location)


def words(answer: TestResponse) -> str:
    """What a person reads on a page: no tags, one space."""
    text = re.sub(r"<(script|style|head).*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates compiled once for all the apps and workers of a run."""
    folder = tmp_path_factory.getbasetemp()
    shared = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "compiled"
    shared.mkdir(exist_ok=True)
    return FileSystemBytecodeCache(str(shared))


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    if ON_POSTGRES:
        url = seeded_url(seed)
    else:
        url = "sqlite:///plp.db"
        shutil.copy(request.getfixturevalue("seeded"), tmp_path / "plp.db")
    (tmp_path / "config.ini").write_text(CONFIG.replace("sqlite:///plp.db", url), encoding="utf-8")
    read = load_settings(tmp_path / "config.ini")
    state_folder(read).mkdir(exist_ok=True)
    shutil.copy(KEY_FILE, state_folder(read) / "journal.key")
    return read


@pytest.fixture(scope="session")
def built(compiled: FileSystemBytecodeCache) -> Callable[[Settings], Flask]:
    """One console for all tests, moved into each one's house: its two hundred addresses take longer to read than most
    tests to run.
    """
    once: list[Flask] = []

    def moved(settings: Settings) -> Flask:
        if not once:
            once.append(create_app(settings))
            once[0].testing = True
            once[0].jinja_env.bytecode_cache = compiled
        bind(settings.database.url, settings.folder)
        send_as(settings.mail)
        once[0].config.update(PLP_SETTINGS=settings, SECRET_KEY=secret_key(state_folder(settings)))
        limiter.reset()
        return once[0]

    return moved


@pytest.fixture
def app(settings: Settings, built: Callable[[Settings], Flask]) -> Iterator[Flask]:
    """The console, its database with the zone and its directory; nobody can sign in yet.

    One connection for the whole test: a new one for each request read the schema anew, a seventh of the time.
    """
    app = built(settings)
    before = dict(app.config)
    opened = database.obj  # also where a command binds another meanwhile
    with connected_as_before(opened) if ON_POSTGRES else opened.connection_context():
        yield app
    app.config.clear()
    app.config.update(before)
    database.close()


@pytest.fixture
def dominique(settings: Settings) -> None:
    """An officer of this name, with PASSWORD, for a console that runs as a process of its own."""
    bind(settings.database.url, settings.folder)
    with connected():
        add_account("Dominique", ("officer",), PASSWORD, "test", utc_now())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def stranger(client: FlaskClient) -> Browser:
    """Somebody who did not sign in."""
    return Browser(client)


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., Browser]:
    """`sign_in("officer", "admin")`: a browser of its own, signed in by the form with these roles."""

    def door(*roles: str) -> Browser:
        name = "Test " + " ".join(roles)
        with connected():
            if name not in {card.name for card in accounts()}:
                add_account(name, roles, PASSWORD, "test", utc_now())
                long_known(name)
        browser = Browser(app.test_client())
        answer = browser.post("/login", {"name": name, "password": PASSWORD})
        assert answer.status_code == 302, words(answer)
        return browser

    return door


@pytest.fixture
def admin(sign_in: Callable[..., Browser]) -> Browser:
    return sign_in("admin")


@pytest.fixture
def officer(sign_in: Callable[..., Browser]) -> Browser:
    return sign_in("officer")


@pytest.fixture
def posting(app: Flask) -> Iterator[None]:
    """Mail leaves this box."""
    mail = MailSettings(sender="plp@example.be")
    app.config["PLP_SETTINGS"] = replace(app.config["PLP_SETTINGS"], mail=mail)
    send_as(mail)
    yield
    send_as(None)


@pytest.fixture
def ready_modem(app: Flask) -> Callable[..., None]:
    """`ready_modem()` makes the house ready, as a live daemon with one modem would."""

    def plug_in(name: str = "a", simulated: bool = False) -> None:
        now = utc_now()
        with connected():
            if not Heartbeat.select().exists():
                # A day ahead: no test is slow enough for it to grow stale.
                Heartbeat.create(host="box", process="modem", pid=1, seen_at=now + timedelta(days=1))
            Modem.create(
                host="box",
                name=name,
                device="/dev/ttyUSB0",
                state="ready",
                imsi="206010000000001",
                simulated=simulated,
                changed_at=now,
            )

    return plug_in
