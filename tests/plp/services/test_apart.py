"""Files of others, one at a time, each in a process of its own."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from plp.services import apart


def test_whoever_waits_for_others_is_watched_and_does_not_hang(monkeypatch):
    """However many are before it: the watchdog of a console would restart it in the middle of three uploads."""
    reported, enough = [], Event()

    def alive(besides_s=0.0):
        reported.append(besides_s)
        if len(reported) == 5:
            enough.set()

    monkeypatch.setattr(apart, "alive", alive)
    monkeypatch.setattr(apart, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(subprocess, "run", lambda *_command, **_how: subprocess.CompletedProcess((), 0))
    with ThreadPoolExecutor(1) as threads:
        with apart._one_at_a_time:
            read = threads.submit(apart.read_apart, "plp.services.people.workbook_reading", b"", 60.0)
            assert enough.wait(10), "it says again and again that it turns"
        assert read.result(10).returncode == 0
    assert {*reported[:5]} == {0.0}, "a turn at a time while it waits"
    assert reported[-1] >= 60.0, "then as long as its own file may take"
