"""Fault specs: read, refused in a sentence, and struck when they say."""

import re

import pytest

from modem.sim import Faults, FaultSpecError
from tests.sim.desk import ANNA, BERT, command, desk, entry, pdus

(PDU,) = pdus("x")


@pytest.mark.parametrize(
    "spec",
    ["", "cms:38@0.05", "cms:38@=3", "unanswered@1%,noreport@10%", "dribble", "urc@.5", "number:+32470000001=cms:1",
     "report:0x46@0.1", "number:32470000001=unanswered", "noprompt@=1"],
)  # fmt: skip
def test_specs_that_are_understood(spec: str) -> None:
    assert len(Faults([spec]).rules) == (spec.count(",") + 1 if spec else 0)


@pytest.mark.parametrize(
    ("spec", "word"),
    [("cms", "takes a code"), ("cms:512", "511"), ("boom", "unknown kind"), ("urc@=3", "submits"), ("urc@2", "0 and 1"),
     ("urc@1.2.3", "0 and 1"), ("unanswered:3", "no argument"), ("cms:38@", "read"), ("number:+324=noprompt", "number"),
     ("number:anna=cms:1", "read"), ("noprompt@=0", "from 1"), ("report:256", "255"), ("cms:38@=", "read")],
)  # fmt: skip
def test_a_bad_spec_gives_a_sentence_that_names_it(spec: str, word: str) -> None:
    with pytest.raises(FaultSpecError, match=re.escape(spec)) as caught:
        Faults([spec])
    assert word in str(caught.value)
    assert str(caught.value).endswith(".")


def test_the_nth_submit_is_refused_and_no_other() -> None:
    at = desk(faults="cms:38@=2")
    assert [at.send(PDU).split()[-1] for _ in range(3)] == ["OK", "38", "OK"]
    assert len(at.texts) == 2


def test_chance_comes_from_the_seed() -> None:
    def run(seed: int) -> list[bool]:
        at = desk(faults="cms:38@0.3", seed=seed)
        return ["ERROR" in at.send(PDU) for _ in range(200)]

    assert run(1) == run(1) != run(2)
    assert 30 < sum(run(1)) < 90


def test_a_number_is_refused_and_its_neighbour_is_not() -> None:
    at = desk(faults=f"number:{ANNA}=cms:1")
    assert "+CMS ERROR: 1\r\n" in at.send(PDU)
    assert "+CMGS: 0" in at.send(pdus("x", BERT)[0])


def test_unanswered_is_taken_and_the_modem_lives_on() -> None:
    at = desk(faults="unanswered@=1")
    assert at.send(PDU) == ""
    assert at.texts == [(ANNA, "x")]
    assert at.wait(600) == ""
    assert at.at("AT") == ["OK"]
    assert "+CMGS: 1" in at.send(PDU)


def test_noprompt_says_nothing_and_takes_nothing() -> None:
    at = desk(faults="noprompt@=1")
    assert at.type(command(PDU)) == ""
    assert at.type(entry(PDU) + b"\x1b") == ""
    assert at.texts == []
    assert at.at("AT") == ["OK"]


@pytest.mark.parametrize(("spec", "status"), [("noreport", None), ("report:70", 70), ("report:0x30", 48), ("", 0)])
def test_reports_missing_or_bad(spec: str, status: int | None) -> None:
    at = desk(faults=spec)
    at.at("AT+CNMI=2,1,0,1,0")
    at.send(PDU)
    said = at.wait(60)
    assert (said == "") if status is None else (bytes.fromhex(said.split()[2])[-1] == status)


def test_stray_lines_stand_between_lines_only() -> None:
    at = desk(faults="urc")
    said = at.type(b"AT+CSQ\r")
    lines = [line for line in said.split("\r\n") if line]
    assert len(lines) == 4
    assert (lines[1], lines[3]) == ("+CSQ: 20,99", "OK")


def test_dribble_gives_one_byte_at_a_time() -> None:
    at = desk()
    at.modem.faults = Faults(["dribble"])
    first = at.type(b"AT+CSQ\r")
    assert len(first) == 1
    assert at.modem.poll(at.now) == b""  # not before its time
    assert first + at.wait(1) == "\r\n+CSQ: 20,99\r\n\r\nOK\r\n"
    assert at.modem.due() is None
