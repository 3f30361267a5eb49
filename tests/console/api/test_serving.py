"""The web server: what it refuses to start with, what it logs, and how fast it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from console.serving import ConsoleLogger, check_certificate, check_exposure, listening_socket
from db.refusals import Refusal
from db.settings import ConsoleSettings


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "::1", "localhost"])
def test_loopback_needs_no_certificate(host):
    check_exposure(ConsoleSettings(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.10", "::", "police.example"])
def test_the_network_needs_one(host):
    with pytest.raises(Refusal, match="certificate et key"):
        check_exposure(ConsoleSettings(host=host))
    check_exposure(ConsoleSettings(host=host, certificate=Path("c.pem"), key=Path("k.pem")))


def test_half_of_tls_is_none():
    with pytest.raises(Refusal, match="vont ensemble"):
        check_exposure(ConsoleSettings(certificate=Path("c.pem")))


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


def logged(caplog, path, query="", status="200 OK", **environ):
    config = Config()
    config.set("accesslog", "-")
    config.set("access_log_format", "%(h)s %(m)s %(U)s %(s)s")
    config.set("loglevel", "warning")
    log = ConsoleLogger(config)
    caplog.clear()
    answer = SimpleNamespace(status=status, sent=1, headers=[])
    request = SimpleNamespace(headers=[])
    asked = {
        "REMOTE_ADDR": "127.0.0.1",
        "REQUEST_METHOD": "GET",
        "RAW_URI": path + query,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1",
        **environ,
    }
    with caplog.at_level("INFO", "gunicorn.access"):
        log.access(answer, request, asked, timedelta(milliseconds=3))
    return [record.getMessage() for record in caplog.records]


def test_the_access_log_keeps_secrets(caplog):
    assert logged(caplog, "/members", "?search=Dupont") == ["127.0.0.1 GET /members 200"]
    assert logged(caplog, "/setup/very-secret-token") == ["127.0.0.1 GET /setup/*** 200"]
    assert logged(caplog, "/relay/very/secret\ntoken") == ["127.0.0.1 GET /relay/*** 200"]
    assert logged(caplog, "/x\n127.0.0.1 GET /forged") == ["127.0.0.1 GET /x%0A127.0.0.1%20GET%20/forged 200"]


def test_the_access_log_leaves_out_what_polls(caplog):
    assert logged(caplog, "/status", HTTP_HX_REQUEST="true") == []
    assert logged(caplog, "/static/plp.css") == []
    assert logged(caplog, "/status", status="500 Oops", HTTP_HX_REQUEST="true") == ["127.0.0.1 GET /status 500"]


@pytest.mark.slow
def test_it_serves_and_ends_in_two_seconds(settings, ready_modem):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    path = settings.path
    path.write_text(path.read_text(encoding="utf-8") + f"[console]\nlisten = 127.0.0.1:{port}\n", encoding="utf-8")
    command = [sys.executable, "-m", "plp", "--config", str(path), "console"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, "PLP_DEMO": ""}, text=True) as server:
        opened = wait_for(f"http://127.0.0.1:{port}/healthz")
        # A browser that keeps its connection must not hold the stop.
        kept = socket.create_connection(("127.0.0.1", port))
        kept.sendall(b"GET /healthz?secret=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        kept.recv(4096)
        started = time.monotonic()
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=10) == 0
        took = time.monotonic() - started
        kept.close()
        log = server.stderr.read()
    assert opened == b'{"status":"ok"}\n'
    assert took < 2
    assert "GET /healthz 200" in log
    assert "secret" not in log


def wait_for(url: str) -> bytes:
    deadline = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                return answer.read()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.01)
