"""As an attacker would try it (docs/proof.md): a filled disk, a filled journal, what a browser keeps."""

import hashlib
from dataclasses import replace

import pytest
from itsdangerous import BadSignature, TimestampSigner
from limits import parse
from tornado.httputil import HTTPHeaders, RequestStartLine

from console.web import limits, server
from console.web.app import create_app
from db.engine.connection import connected
from db.journal.audit import entries


class Connection:
    """Of a body that arrives: knows whether it was closed."""

    context = None
    closed = False

    def close(self):
        self.closed = True


@pytest.fixture
def pages(app, monkeypatch):
    monkeypatch.setattr(server, "ON_DISK_BYTES", 1_000_000)
    return server._Pages(app)


def begun(pages):
    """A stranger's request with a body that has not come yet, and its connection."""
    connection = Connection()
    incoming = server._Incoming(connection, pages)
    incoming.headers_received(RequestStartLine("POST", "/login", "HTTP/1.1"), HTTPHeaders({"Host": "localhost"}))
    return incoming, connection


def test_bodies_of_strangers_do_not_fill_the_disk(pages, caplog):
    (first, one), (second, two) = begun(pages), begun(pages)
    for _ in range(9):
        first.data_received(b"x" * 100_000)
    assert not one.closed
    second.data_received(b"x" * 60_000)
    assert not two.closed, "a form stays in memory, and passes"
    second.data_received(b"x" * 100_000)
    assert two.closed
    assert "uploads fill" in caplog.text
    first.on_connection_close()
    third, three = begun(pages)
    third.data_received(b"x" * 900_000)
    assert not three.closed, "what is over leaves its room to others"
    for each in (second, third):
        each.on_connection_close()
        each.on_connection_close()
    assert pages.on_disk == 0


def test_what_was_no_request_ends_without_one(pages):
    server._Incoming(Connection(), pages).on_connection_close()
    assert pages.on_disk == 0


class Gone:
    """A connection that was closed while its answer was made."""

    def closed(self):
        return True


def test_a_connection_that_is_gone_makes_room_for_nobody(pages):
    pages.wait(Gone(), "127.0.0.1")
    assert not pages.waiting


def test_a_script_does_not_fill_the_journal_with_refusals(sign_in, monkeypatch):
    monkeypatch.setattr(limits, "_REFUSALS_NOTED", parse("3 per minute"))
    coordinator, officer = sign_in("coordinator"), sign_in("officer")
    answers = {coordinator.get("/accounts").status_code for _ in range(5)}
    assert answers == {403}
    assert officer.get("/accounts").status_code == 403
    with connected():
        refused = [each.actor for each in entries() if each.action == "access_refused"]
    assert refused == ["Test officer"] + ["Test coordinator"] * 3


def test_signing_out_clears_what_the_browser_kept(sign_in):
    answer = sign_in("officer").post("/logout")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.slow
def test_under_tls_the_language_s_cookie_is_this_host_s_alone_too(settings, app, tmp_path):
    tls = replace(settings, console=replace(settings.console, certificate=tmp_path / "c", key=tmp_path / "k"))
    application = create_app(tls)
    application.config["WTF_CSRF_ENABLED"] = False
    browser = application.test_client()
    answer = browser.post("/language", data={"language": "nl"}, base_url="https://localhost")
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if "language" in each)
    assert cookie.startswith("__Host-plp_language=nl;")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert '<html lang="nl">' in browser.get("/login", base_url="https://localhost").text


@pytest.mark.parametrize(("digest", "opens"), [(hashlib.sha256, True), (hashlib.sha1, False)])
def test_no_cookie_is_signed_with_sha_1(app, stranger, digest, opens):
    stranger.get("/login")
    signer = TimestampSigner(
        app.config["SECRET_KEY"], salt="cookie-session", key_derivation="hmac", digest_method=digest
    )
    cookie = stranger.client.get_cookie("plp").value
    if opens:
        assert signer.unsign(cookie)
    else:
        with pytest.raises(BadSignature):
            signer.unsign(cookie)
