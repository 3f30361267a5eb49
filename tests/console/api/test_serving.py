"""The web server: what it refuses to start with, what it logs, and how fast it ends."""

import http.client
import signal
import socket
import ssl
import time
import warnings
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from base.settings.values import ConsoleSettings
from console.web.server import log_access
from plp.serving import check_certificate, listening_socket
from rules.refusals import Refusal
from tests.console.running import Visitor, running_console
from tests.support.sampling import left_to_soak

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "::1", "localhost"])
def test_loopback_needs_no_certificate(host):
    assert check_certificate(ConsoleSettings(host=host)) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.10", "::", "police.example"])
def test_the_network_needs_one(host):
    with pytest.raises(Refusal, match="certificate et key"):
        check_certificate(ConsoleSettings(host=host))


def test_a_certificate_that_cannot_serve(tmp_path):
    broken = tmp_path / "c.pem"
    broken.write_text("nothing")
    for certificate in (broken, tmp_path / "missing.pem"):
        with pytest.raises(Refusal, match="ne peuvent pas servir"):
            check_certificate(ConsoleSettings(certificate=certificate, key=certificate))
    check_certificate(ConsoleSettings())


def test_a_taken_port_is_a_sentence():
    taken = socket.create_server(("127.0.0.1", 0))
    with taken, pytest.raises(Refusal, match="Un autre programme écoute déjà"):
        listening_socket(ConsoleSettings(port=taken.getsockname()[1]))


def test_an_address_that_is_not_ours_is_a_sentence():
    with pytest.raises(Refusal, match="Il n'est pas possible d'écouter"):
        listening_socket(ConsoleSettings(host="192.0.2.1", port=1))


def logged(caplog, path, status=200, **headers):
    """What the access log says without its last word, the time."""
    line = RequestStartLine("GET", path, "HTTP/1.1")
    context = SimpleNamespace(remote_ip="127.0.0.1", protocol="http")
    request = HTTPServerRequest(
        connection=SimpleNamespace(context=context), start_line=line, headers=HTTPHeaders({"Host": "x", **headers})
    )
    caplog.clear()
    with caplog.at_level("INFO", "console.access"):
        log_access(status, request)
    return [record.getMessage().rsplit(" ", 1)[0] for record in caplog.records]


def test_the_access_log_keeps_secrets(caplog):
    assert logged(caplog, "/members?search=Dupont") == ["127.0.0.1 GET /members 200"]
    assert logged(caplog, "/setup/very-secret-token") == ["127.0.0.1 GET /setup/*** 200"]
    assert logged(caplog, "/%73etup/very-secret-token") == ["127.0.0.1 GET /setup/*** 200"]
    assert logged(caplog, "/relay/very/secret%0Atoken") == ["127.0.0.1 GET /relay/*** 200"]
    assert logged(caplog, "/x%0A127.0.0.1%20GET%20/forged") == ["127.0.0.1 GET /x%0A127.0.0.1%20GET%20/forged 200"]


def test_the_access_log_leaves_out_what_polls(caplog):
    assert logged(caplog, "/status", **{"HX-Request": "true"}) == []
    assert logged(caplog, "/static/plp.css") == []
    assert logged(caplog, "/status", 500, **{"HX-Request": "true"}) == ["127.0.0.1 GET /status 500"]


@pytest.mark.slow
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_it_serves_and_ends_with_connections_open(settings, tls):
    with running_console(settings, tls) as console:
        visitor = Visitor(console)
        # A browser that keeps its connection must not hold the stop, nor one that has only begun.
        kept = http.client.HTTPConnection("127.0.0.1", console.port)
        if tls:
            kept = http.client.HTTPSConnection("127.0.0.1", console.port, context=console.context())
        kept.request("GET", "/healthz?secret=1")
        answer = kept.getresponse()
        assert (answer.read(), answer.headers["Server"]) == (b'{"status":"ok"}\n', "plp-alerte")
        kept.request("GET", "/static/plp.css")
        answer = kept.getresponse()
        assert (len(answer.read()), len(answer.headers.get_all("Date"))) == (int(answer.headers["Content-Length"]), 1)
        begun = socket.create_connection(("127.0.0.1", console.port))
        assert visitor.answers("/healthz")
        started = time.monotonic()
        console.process.send_signal(signal.SIGTERM)
        assert console.process.wait(timeout=10) == 0
        took = time.monotonic() - started
        kept.close()
        begun.close()
        log = console.log
    assert took < 5  # an idle connection would keep it for ten seconds; several tests at once keep it for two
    assert "GET /healthz 200" in log
    assert "secret" not in log


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suites", "taken"),
    [
        ("ECDHE+AESGCM", True),
        left_to_soak("ECDHE+CHACHA20", True),
        left_to_soak("AES128-SHA:ECDHE-RSA-AES256-SHA384", False),
        ("kRSA", False),
    ],
)
def test_of_old_tls_only_suites_that_are_recommended(settings, suites, taken):
    with running_console(settings, tls=True) as console:
        context = console.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(f"{suites}:@SECLEVEL=0")
        refused = nullcontext() if taken else pytest.raises(ssl.SSLError)
        with socket.create_connection(("127.0.0.1", console.port)) as plain, refused:
            context.wrap_socket(plain).close()


@pytest.mark.slow
def test_only_tls_that_is_still_safe(settings):
    with running_console(settings, tls=True) as console:
        for version in (ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = console.context()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = context.maximum_version = version
            context.set_ciphers("ALL:@SECLEVEL=0")
            refused = pytest.raises(ssl.SSLError) if version == ssl.TLSVersion.TLSv1_1 else nullcontext()
            with socket.create_connection(("127.0.0.1", console.port)) as plain, refused:
                context.wrap_socket(plain).close()
