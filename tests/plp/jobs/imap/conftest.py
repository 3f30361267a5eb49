"""A mailbox on a real server, and who watches it."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from base.settings.values import MailSettings, Settings
from db.mail.enqueue import send_as
from plp.jobs.imap import watch as watching
from plp.jobs.imap.session import MailboxLogin
from plp.jobs.imap.watch import MailboxWatch
from tests.plp.jobs.imap.server import PASSWORD, USER, ImapServer

CERTIFICATE = tuple(Path(__file__).parent / "tls" / name for name in ("certificate.pem", "key.pem"))


@pytest.fixture
def posting() -> Iterator[None]:
    """This process's mail leaves as the zone's."""
    send_as(MailSettings(sender="plp@example.be"))
    yield
    send_as(None)


@pytest.fixture
def imap() -> Iterator[ImapServer]:
    with ImapServer() as server:
        yield server


@pytest.fixture
def account_of() -> Callable[..., MailboxLogin]:
    """`account_of(server)`: who may read it."""

    def make(server: ImapServer, **changes: object) -> MailboxLogin:
        values = {"host": "127.0.0.1", "port": server.port, "user": USER, "password": PASSWORD} | changes
        return MailboxLogin(**values)  # type: ignore[arg-type]

    return make


@pytest.fixture
def watch_of(
    account_of: Callable[..., MailboxLogin], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., SimpleNamespace]:
    """`watch_of(server).step(now)` reads its mailbox."""
    settings = Settings(tmp_path, tmp_path, mail=MailSettings(imap_host="127.0.0.1", sender="plp@example.be"))

    def make(server: ImapServer, **changes: object) -> SimpleNamespace:
        monkeypatch.setattr(watching, "mailbox_account", lambda _mail: account_of(server, **changes))
        return SimpleNamespace(step=partial(MailboxWatch().step, settings))

    return make
