"""Hundreds of requests that are begun and not ended keep nobody from the console."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from base.settings.reading import load_settings
from tests.console.conftest import CONFIG, PASSWORD
from tests.console.half_sent import half_sent
from tests.console.running import Running, Visitor, running_console
from tests.e2e.box import eventually, free_port
from tests.support.journal import copied
from tests.support.sampling import left_to_soak

# Silent ones, slow headers, slow bodies.
HUNDREDS, SEVEN_HUNDRED = (150, 50, 50), (500, 100, 100)
# Longer than the deadline of headers, so that connections are closed and opened again meanwhile.
LOOK_FOR_S = 14
# Whoever holds a thread, holds it for ten seconds and more; alone it takes 0.01 s.
SOON_S = 5.0

# No database decides any of it.
pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.sqlite]


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(0.95 * (len(seconds) - 1))]


@pytest.mark.parametrize(
    ("tls", "half"),
    [(True, HUNDREDS), left_to_soak(True, SEVEN_HUNDRED), left_to_soak(False, SEVEN_HUNDRED)],
    ids=["tls", "tls, more", "plain, more"],
)
@pytest.mark.usefixtures("dominique")
def test_half_sent_requests_keep_nobody_waiting(settings, tls, half):
    silent, slow_headers, _slow_bodies = half
    with running_console(settings, tls) as console:
        visitor = Visitor(console)
        visitor.sign_in("Dominique", PASSWORD)
        pages, health = [], []
        with half_sent(console, *half) as tally:
            held = sum(tally.open.values())
            until = time.monotonic() + LOOK_FOR_S
            while time.monotonic() < until:
                pages.append(visitor.seconds("/"))
                health.append(visitor.seconds("/healthz"))
                time.sleep(0.1)
            # On a busy machine the handshakes themselves take a while, and the deadline counts from each connection.
            eventually("silent connections are closed", lambda: tally.closed["silent"] >= silent * 0.8, within_s=40)
            # Bytes that drip do not move the deadline.
            eventually("slow ones too", lambda: tally.closed["header"] >= slow_headers * 0.8, within_s=40)
        print(f"\n{held} held, closed {dict(tally.closed)}: page {p95(pages):.3f} s, health {p95(health):.3f} s (p95),")
        print(f"most {max(pages):.3f} and {max(health):.3f} s of {len(pages)}; PSS {console.pss_mb():.0f} MB")
    assert held >= 0.8 * sum(half)
    # Without the deadlines nobody is answered; alone both take 0.05 s.
    assert p95(pages) <= SOON_S
    assert p95(health) <= SOON_S


def connected_from(console: Running, source: str) -> socket.socket:
    opened = socket.create_connection(("127.0.0.1", console.port), timeout=5, source_address=(source, 0))
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    return opened


LARGE_ANSWERS = """
import sys
from flask import Flask, send_file
from console.web.server import run
from plp.serving import listening_socket
from base.settings.values import ConsoleSettings

app = Flask("large")
app.config["MAX_CONTENT_LENGTH"] = 1000
app.add_url_rule("/large", "large", lambda: bytes(8 << 20))
app.add_url_rule("/file", "file", lambda: send_file(sys.argv[2]))
app.add_url_rule("/small", "small", lambda: "small")
run(app, listening_socket(ConsoleSettings(port=int(sys.argv[1]))), None)
"""


@pytest.mark.parametrize(("path", "most_mb"), [("/file", 20), ("/large", 100)])
def test_readers_who_never_read_keep_nobody_waiting_and_take_little_memory(tmp_path, path, most_mb):
    port, file = free_port(), tmp_path / "file.bin"
    file.write_bytes(bytes(8 << 20))
    with subprocess.Popen([sys.executable, "-c", LARGE_ANSWERS, str(port), str(file)]) as process:
        visitor = Visitor(Running(process, port, False))
        eventually("a server", lambda: visitor.answers("/small"))
        before_mb, before = visitor.console.pss_mb(), len(list(Path(f"/proc/{process.pid}/fd").iterdir()))
        held = [connected_from(visitor.console, f"127.0.0.{2 + number % 4}") for number in range(20)]
        for each in held:
            each.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        for each in held:
            assert each.recv(15) == b"HTTP/1.1 200 OK"
        assert max(visitor.seconds("/small") for _ in range(5)) <= SOON_S
        grown_mb = visitor.console.pss_mb() - before_mb
        for each in held:
            each.close()
        open_files = Path(f"/proc/{process.pid}/fd")
        eventually("nothing is left of them", lambda: len(list(open_files.iterdir())) <= before, within_s=30)
        process.terminate()
    print(f"\n{path}: {grown_mb:.0f} MB")
    assert grown_mb <= most_mb


def test_one_address_cannot_use_up_all_connections(settings):
    with running_console(settings) as console:
        held = [connected_from(console, "127.0.0.2") for _ in range(80)]
        for each in held[:10]:
            assert each.recv(1) == b"", "gives way at once to the next of its own"
        assert Visitor(console).seconds("/healthz") <= SOON_S
        held[-1].sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert held[-1].recv(15) == b"HTTP/1.1 200 OK"
        for each in held:
            each.close()


def test_an_officer_gets_in_among_a_hundred_connections_that_arrive_in_one_turn(settings):
    with running_console(settings) as console, ExitStack() as held:
        for number in range(600):
            held.enter_context(connected_from(console, f"127.0.1.{1 + number % 32}"))
        eventually("all are held", lambda: Visitor(console).answers("/healthz"), within_s=30)
        os.kill(console.process.pid, signal.SIGSTOP)
        try:
            for number in range(100):
                held.enter_context(connected_from(console, f"127.0.2.{1 + number}"))
            officer = held.enter_context(connected_from(console, "127.0.0.2"))
            officer.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        finally:
            os.kill(console.process.pid, signal.SIGCONT)
        assert officer.recv(15) == b"HTTP/1.1 200 OK"


def test_what_is_too_large_is_a_page_that_says_so(settings):
    with running_console(settings) as console:
        asked = http.client.HTTPConnection("127.0.0.1", console.port, timeout=20)
        asked.request("POST", "/login", b"x" * (9 << 20), {"Content-Type": "application/x-www-form-urlencoded"})
        answer = asked.getresponse()
        assert (answer.status, b"<html" in answer.read()) == (413, True)
        asked.request("POST", "/login", b"a=" + b"x" * 100_000, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = asked.getresponse()
        assert answer.status == 400, "the form without its token, read whole"
        answer.read()
        asked.request("POST", "/api/v1/broadcasts", iter([b"{", b"}"]), {"Content-Type": "application/json"})
        assert asked.getresponse().status == 401
        asked.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost:x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
        b"0470123456\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 20_000,
        b"\x16\x03\x01\x02\x00\x01",
    ],
)
def test_what_is_no_request_holds_no_connection_and_leaves_no_trace(garbled, sent):
    with connected_from(garbled, "127.0.0.3") as asked:
        asked.sendall(sent)
        asked.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: asked.recv(4096), b""))
    assert answer.split(b"\r\n")[0] in (b"", b"HTTP/1.1 400 Bad Request")
    assert Visitor(garbled).answers("/healthz")


@pytest.fixture(scope="module")
def garbled(tmp_path_factory, seeded):
    """One console for all; at its end its log must not hold a word of what was sent."""
    folder = tmp_path_factory.mktemp("garbled")
    (folder / "config.ini").write_text(CONFIG, encoding="utf-8")
    copied(seeded, folder / "plp.db")
    with running_console(load_settings(folder / "config.ini")) as console:
        yield console
        console.process.terminate()
        console.process.wait(10)
        log = console.log
    assert "Traceback" not in log
    assert "0470123456" not in log
