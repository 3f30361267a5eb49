"""`python -m modem.sim` as a process of its own."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.sim.desk import ANNA, pdus
from tests.sim.terminal import Terminal


@contextmanager
def simulator(folder: Path, *options: str) -> Iterator[Path]:
    """The link of a running simulator, which must end well on SIGTERM and take its link with it."""
    link = folder / "modem"
    process = subprocess.Popen(
        [sys.executable, "-m", "modem.sim", "--link", link, "--log", folder / "log.jsonl", *options]
    )
    try:
        deadline = time.monotonic() + 10
        while not link.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        yield link
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert not link.is_symlink()
    finally:
        process.kill()
        process.wait()


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_it_logs_answers_on_its_socket_and_ends_with_0(tmp_path: Path) -> None:
    control, tpdu_log = tmp_path / "control", tmp_path / "tpdu.jsonl"
    options = ["--control", control, "--tpdu-log", tpdu_log, "--submit-ms", "5", "--fault", "cms:38@=2"]
    with simulator(tmp_path, *map(str, options)) as link:
        with Terminal(link) as client:
            for pdu in pdus("été 🚨 " * 20, ucs2=True)[:1]:
                assert "+CMGS: 0" in client.send(pdu)
        with socket.socket(socket.AF_UNIX) as wire, wire.makefile("rw", encoding="utf-8") as asked:
            wire.connect(str(control))
            asked.write("stats\nboom\n")
            asked.flush()
            stats, refused = json.loads(asked.readline()), json.loads(asked.readline())
    assert (stats["ok"], stats["tpdus"], stats["incomplete"]) == (True, 1, 1)
    assert not refused["ok"]
    assert lines(tmp_path / "log.jsonl") == []  # a part is missing
    (line,) = lines(tpdu_log)
    assert (line["to"], line["part"], line["parts"]) == (ANNA, 1, 3)
    assert not control.exists()


def test_two_of_them_are_two_modems(tmp_path: Path) -> None:
    told = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        with simulator(tmp_path / name) as link, Terminal(link) as client:
            client.ask("ATE0")
            told.append([client.ask(command) for command in ("AT+CGSN", "AT+CIMI", "AT+CCID")])
    assert all(first != second for first, second in zip(*told, strict=True))


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (["--fault", "boom@1"], 2, "unknown kind"),
        (["--profile", "nokia3310"], 2, "nokia3310"),
        (["--submit-ms", "-3"], 2, "--submit-ms"),
        (["--tpdu-log", "/nowhere/at/all"], 1, "/nowhere/at/all"),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path: Path, options: list[str], status: int, words: str) -> None:
    command = [sys.executable, "-m", "modem.sim", "--link", tmp_path / "m", "--log", tmp_path / "log.jsonl", *options]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert ended.returncode == status
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
