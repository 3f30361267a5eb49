"""Children of `plp run`: ended, silent and hung ones are started again; only a child itself speaks for itself."""

import os
import socket
import subprocess
import sys
import time
from contextlib import closing

import pytest

from plp.cli import run
from plp.cli.run import Child, Notices

pytestmark = pytest.mark.processes

SPEAK = (
    "import os,socket,sys,time\n"
    "s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\n"
    "s.sendto(b'READY=1','\\0'+os.environ['NOTIFY_SOCKET'][1:])\n"
)


@pytest.fixture
def notices():
    with closing(Notices()) as listening:
        yield listening


def made(tmp_path, notices, code, speaks=True):
    (tmp_path / "child_of_plp.py").write_text(SPEAK + code)
    child = Child("c", ["child_of_plp"], {**os.environ, "PYTHONPATH": str(tmp_path), **spoken(notices)}, speaks)
    child.start()
    return child


def spoken(notices):
    return {"NOTIFY_SOCKET": notices.address}


def looked_after(child, notices, until, within_s=10.0):
    """Look after the child until `until`; returns what it said."""
    words, end_s = [], time.monotonic() + within_s
    while not until(words):
        assert time.monotonic() < end_s, words
        for pid, said in notices.read():
            words.append(said)
            child.hear(pid, said)
        child.look_after()
        time.sleep(0.01)
    return words


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(run, "WATCHDOG_S", 0.3)
    monkeypatch.setattr(run, "ABORT_S", 0.3)


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "time.sleep(99)",  # silent, and ends when it is asked
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(99)",  # and does not
        "import signal; os.kill(os.getpid(), signal.SIGSTOP)",
        "s.sendto(b'WATCHDOG=trigger','\\0'+os.environ['NOTIFY_SOCKET'][1:])\nwhile True: pass",
    ],
)
def test_one_that_hangs_is_started_again(tmp_path, notices, hurried, code):
    child = made(tmp_path, notices, code)
    try:
        looked_after(child, notices, lambda words: words.count("READY=1") == 2)
    finally:
        run.end([child], 0.1)


@pytest.mark.slow
def test_who_is_not_expected_to_speak_may_be_silent(tmp_path, notices, hurried):
    child = made(tmp_path, notices, "time.sleep(99)", speaks=False)
    try:
        looked_after(child, notices, lambda words: words == ["READY=1"])
        first, end_s = child._process, time.monotonic() + 0.8
        looked_after(child, notices, lambda words: time.monotonic() > end_s)
        assert child._process is first
    finally:
        run.end([child], 0.1)


def test_the_kernel_tells_who_speaks(notices):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
        own.sendto(b"WATCHDOG=1", notices.address.replace("@", "\0", 1))
    assert list(notices.read()) == [(os.getpid(), "WATCHDOG=1")]
    stranger = Child("c", [], {}, speaks=True)
    stranger.hear(os.getpid(), "WATCHDOG=trigger")  # not its process: nothing to end


def test_the_supervisor_knows_neither_database_nor_web():
    code = (
        "import sys\nimport plp.cli.run, plp.cli.main\n"
        "heavy = {'flask', 'peewee', 'phonenumbers', 'psycopg', 'rich', 'jinja2', 'sqlite3', 'ssl', 'asyncio'}\n"
        "sys.exit(str(sorted(heavy & set(sys.modules))))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr.strip() == "[]"
