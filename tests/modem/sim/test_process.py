"""`python -m modem.sim` as a process of its own."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from modem.sim.__main__ import main
from tests.modem.sim.desk import ANNA, pdus
from tests.modem.sim.process import lines, simulator
from tests.modem.sim.terminal import Terminal

pytestmark = [pytest.mark.processes, pytest.mark.slow]


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


def test_it_plays_a_transcript_and_sends_to_itself(tmp_path: Path) -> None:
    transcript = Path(__file__).parent / "transcripts" / "fibocom-l716.txt"
    options = ["--script", str(transcript), "--number", "+32470000099", "--report-ms", "0"]
    with simulator(tmp_path, *options) as link, Terminal(link) as client:
        for line, word in (("ATE0", ""), ("AT+CGMI", "Fibocom"), ("AT+CNUM", "99"), ("AT+CNMI=2,1,0,1,0", "")):
            assert word in client.ask(line, b"OK\r\r\n")
        (pdu,) = pdus("à moi", "+32470000099")
        client.ask(f"AT+CMGS={len(pdu) - 1}", b"> ")
        client.write(pdu.hex().encode() + b"\x1a")
        client.read_until(b'+CMTI: "SM",1')


def test_the_sim_may_have_few_tries_left(tmp_path: Path) -> None:
    with simulator(tmp_path, "--sim", "pin", "--pin-tries", "2") as link, Terminal(link) as client:
        assert "SIM PIN,2,3" in client.ask("AT+CPINR")


def test_the_help_tells_profiles_and_faults(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    for word in ("sim7670g", "report-disorder[:SECONDS]", "--reset-ms", "(5%)"):
        assert word in told


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (["--script", "/nowhere/at/all"], 1, "/nowhere/at/all"),
        (["--script", __file__], 2, "Line 1 of the transcript"),
        (["--number", "0470000001"], 2, "--number"),
        (["--pin-tries", "4"], 2, "--pin-tries"),
        (["--fault", "boom@1"], 2, "unknown kind"),
        (["--profile", "nokia3310"], 2, "nokia3310"),
        (["--submit-ms", "-3"], 2, "--submit-ms"),
    ],
)
def test_what_cannot_be_used_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], status: int, words: str
) -> None:
    paths = ["--link", str(tmp_path / "m"), "--log", str(tmp_path / "log.jsonl")]
    try:
        ended = main([*paths, *options])
    except SystemExit as usage:
        ended = int(usage.code or 0)
    assert ended == status
    assert words in capsys.readouterr().err


def test_the_status_is_that_of_the_process(tmp_path: Path) -> None:
    paths = ["--link", str(tmp_path / "m"), "--log", str(tmp_path / "log.jsonl"), "--tpdu-log", "/nowhere/at/all"]
    ended = subprocess.run([sys.executable, "-m", "modem.sim", *paths], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "/nowhere/at/all" in ended.stderr
    assert "Traceback" not in ended.stderr
