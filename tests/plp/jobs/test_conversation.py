"""Servers that drip, never end, say nothing or never read: each conversation has its end, in time and in size."""

import socket
import threading
from types import SimpleNamespace

import pytest

from base import watchdog
from plp import conversation
from plp.conversation import Limits, places_of
from plp.jobs.alarms.channels import webhook
from plp.jobs.alarms.channels.webhook import WebhookSettings, post
from plp.jobs.imap import session as imap
from plp.jobs.imap.session import BROKEN, MailboxLogin, open_session
from plp.jobs.smtp import connection as smtp
from plp.jobs.smtp.connection import Connection, NoConnection
from rules.sentences import CodedRefusal
from tests.plp.jobs.hostile_server import (
    CERTIFICATES,
    PIECE,
    answering,
    deaf,
    dripping,
    endless,
    seconds,
    server,
    silent,
)
from tests.plp.jobs.smtp.letters import settings

# Every limit is made so short, and what a slow machine takes beside it is not.
SHORT_S, PATIENT_S = 0.3, 6.0
# What the kernels of both sides keep, apart from what was read.
BUFFERS_BYTES = 16 * 1024 * 1024
GREETING, OK = b"220 here\r\n", b"250 ok\r\n"
SMTP_AFTER = (GREETING, OK, OK, OK)
IMAP_HELLO = b"* OK [CAPABILITY IMAP4rev1] here\r\n"
KNOWS = b"* CAPABILITY IMAP4rev1\r\nTAG OK knows\r\n"
IMAP_OPENED = (IMAP_HELLO, KNOWS, b"TAG OK in\r\n", b"* OK [UIDVALIDITY 3] is\r\nTAG OK [READ-ONLY] opened\r\n")
SECRET = "whsec_" + "A" * 40
WAYS = {
    "silent": silent,
    "dripping": dripping(),
    "endless": endless(),
    "endless line": endless(line=b"x" * PIECE),
}


@pytest.fixture(autouse=True)
def short(monkeypatch):
    for module, name in (
        (smtp, "CONNECT_S"), (smtp, "STEP_S"), (smtp, "TEXT_S"), (webhook, "STEP_S"), (webhook, "WHOLE_S"),
        (imap, "TIMEOUT_S"), (imap, "OPENING_S"), (imap, "ASKING_S"), (imap, "MAIL_S"), (imap, "CLOSE_S"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, SHORT_S)


def bounded(work):
    """Its error, and never a long time."""
    took_s, result = seconds(work)
    assert took_s < PATIENT_S
    return result


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("tls", [False, True])
def test_a_banner_has_an_end(way, tls, monkeypatch, tmp_path):
    monkeypatch.setattr(smtp, "IMPLICIT_TLS_PORT", 0)
    with server(WAYS[way], tls) as port:
        if tls:
            monkeypatch.setattr(smtp, "IMPLICIT_TLS_PORT", port)
        mail = settings(port, ca_file=CERTIFICATES / "authority.pem")
        assert isinstance(bounded(lambda: Connection(mail, "box")), NoConnection)


@pytest.mark.parametrize("line", [b"250-" + b"X" * 58 + b"\r\n", b"250-X\r\n"])
def test_an_ehlo_that_never_ends_is_not_kept_in_memory(line):
    way = endless(line=line)
    with server(answering(GREETING, then=way)) as port:
        assert isinstance(bounded(lambda: Connection(settings(port), "box")), NoConnection)
    assert way.sent_bytes < BUFFERS_BYTES


def test_an_ehlo_that_drips_is_no_better():
    with server(answering(GREETING, then=dripping(piece=b"250-X\r\n"))) as port:
        trouble = bounded(lambda: Connection(settings(port), "box"))
    assert (type(trouble), trouble.reason) == (NoConnection, "silent")


@pytest.mark.parametrize("before", [(GREETING, OK), (GREETING, OK, OK), (GREETING, OK, OK, OK)])
@pytest.mark.parametrize("then", [dripping(piece=b"250-X\r\n"), endless(line=b"250-X\r\n"), silent])
def test_a_mail_has_an_end_at_each_step(before, then):
    with server(answering(*before, then=then)) as port:
        connection = Connection(settings(port), "box")
        outcome = bounded(lambda: connection.deliver("a@b.be", "c@d.be", b"text\r\n", lambda: True))
        assert outcome.end == "later"
        assert not outcome.perhaps_taken or len(before) == 4
        connection.close()


def test_a_server_that_reads_no_text_keeps_nobody():
    data = b"354 go on\r\n"
    with server(answering(*SMTP_AFTER, data, then=deaf())) as port:
        connection = Connection(settings(port), "box")
        content = b"x" * 60 + b"\r\n"
        outcome = bounded(lambda: connection.deliver("a@b.be", "c@d.be", content * 200_000, lambda: True))
        assert (outcome.end, outcome.perhaps_taken) == ("later", True)
        bounded(connection.close)


def hook(port, scheme="http"):
    return f"{scheme}://127.0.0.1:{port}/plp"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "way",
    [
        silent,
        deaf(),
        dripping(),
        dripping(b"HTTP/1.1 200 OK\r\nX: "),
        dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        endless(),
        endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * PIECE),
        endless(line=b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["silent", "deaf", "status", "header", "headers", "endless", "endless header", "continue"],
)
def test_a_webhook_has_an_end(way, scheme, tmp_path, now, monkeypatch):
    (tmp_path / "key").write_text(SECRET)
    with server(way, tls=scheme == "https") as port:
        networks = webhook._networks("127.0.0.1", tmp_path)
        wanted = WebhookSettings(hook(port, scheme), tmp_path / "key", networks, CERTIFICATES / "authority.pem")
        error = bounded(lambda: post(wanted, "k", {"much": "x" * 5_000_000 if way is WAYS["silent"] else ""}, now))
        assert isinstance(error, OSError)


def test_a_body_that_drips_is_not_waited_for(tmp_path, now):
    (tmp_path / "key").write_text(SECRET)
    with server(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n")) as port:
        networks = webhook._networks("127.0.0.1", tmp_path)
        wanted = WebhookSettings(hook(port), tmp_path / "key", networks)
        assert bounded(lambda: post(wanted, "k", {}, now)) is None


def mailbox(port):
    return MailboxLogin("127.0.0.1", port, "plp", "secret", CERTIFICATES / "authority.pem")


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize(
    "way",
    [
        *WAYS.values(),
        endless(IMAP_HELLO, b"* 1 X\r\n"),
        dripping(IMAP_HELLO, b"* 1 X\r\n"),
        answering(IMAP_HELLO, then=lambda connection, ended: endless(b"* X {999999999999}\r\n")(connection, ended)),
        answering(IMAP_HELLO, then=dripping(b"* X {" + b"9" * 5000 + b"}\r\n")),
        answering(IMAP_HELLO, then=dripping(b"* X {200}\r\n")),
    ],
    ids=[*WAYS, "untagged", "dripping untagged", "endless literal", "a number without end", "dripping literal"],
)
def test_a_mailbox_has_an_end(way, tls, monkeypatch):
    with server(way, tls) as port:
        monkeypatch.setattr(imap, "IMPLICIT_TLS_PORT", port if tls else 0)
        assert isinstance(bounded(lambda: open_session(mailbox(port))), (CodedRefusal, *BROKEN))


@pytest.mark.parametrize("then", [endless(line=b"* SEARCH 1 2 3\r\n"), dripping(b"* SEARCH 1"), silent])
def test_a_question_to_a_mailbox_has_an_end(then, monkeypatch):
    with server(answering(*IMAP_OPENED, then=then)) as port:
        session = open_session(mailbox(port))
        assert isinstance(bounded(lambda: session.new_uids(0)), BROKEN)
        bounded(session.close)


def test_a_name_that_nobody_answers_has_an_end(monkeypatch):
    enough = threading.Event()
    monkeypatch.setattr(conversation.socket, "getaddrinfo", lambda *_how, **_more: enough.wait())
    error = bounded(lambda: places_of("example.be", 25, Limits(SHORT_S, SHORT_S, 1)))
    enough.set()
    assert isinstance(error, TimeoutError)


def test_the_watchdog_waits_as_long_as_the_conversation_may_last(monkeypatch):
    clock = SimpleNamespace(monotonic=lambda: 1000.0)
    monkeypatch.setattr(watchdog, "time", clock)
    with watchdog.watched():
        Limits(1.0, 500.0, 1)
        assert watchdog.overdue(1000.0 + 499) == []


def test_a_socket_is_counted_however_it_is_read():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        limits = Limits(SHORT_S, SHORT_S, 10)
        limited = conversation.LimitedSocket(socket.AF_UNIX, limits)
        limited.close()
        limited = conversation.LimitedSocket.__new__(conversation.LimitedSocket)
        socket.socket.__init__(limited, fileno=ours.detach())
        limited.limits = limits
        theirs.sendall(b"12345678901234567890")
        assert limited.recv(8) == b"12345678"
        with limited, pytest.raises(ConnectionAbortedError):
            limited.recv(8)
