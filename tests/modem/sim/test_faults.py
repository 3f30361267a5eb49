"""Fault specs: read, refused in a sentence, and struck when they say."""

import math
import re

import pytest

from tests.modem.sim.desk import ANNA, BERT, Desk, command, desk, entry, pdus, without_validity
from tests.simulator.faults import KINDS, Faults, FaultSpecError, described

(PDU,) = pdus("x")


@pytest.mark.parametrize(
    "spec",
    ["", "cms:38@0.05", "cms:38@=3", "unanswered@1%,noreport@10%", "dribble", "urc@.5", "number:+32470000001=cms:1",
     "report:0x46@0.1", "number:32470000001=unanswered", "noprompt@=1", "hang", "hang:30", "hang:taken",
     "hang:taken/30", "reset:prompt@5%", "unplug:pdu/2.5@=3", "loss@=2", "loss:60@=2", "sim:puk", "late:20,slow:0.5",
     "silent:+CSCA,refuse:+CMMS@50%", "report-disorder", "report-disorder:60", "report-reference:3",
     "validity:199", "number:+32470000001=inbound-missing", "cme:515", "filtered:range/+3249",
     "simbusy:4,full,staleprompt", "bearer:2"],
)  # fmt: skip
def test_specs_that_are_understood(spec: str) -> None:
    assert len(Faults([spec]).rules) == (spec.count(",") + 1 if spec else 0)


@pytest.mark.parametrize(
    ("spec", "word"),
    [("cms", "takes a code"), ("cms:4096", "4095"), ("boom", "unknown kind"), ("urc@=3", "submits"),
     ("urc@2", "0 and 1"),
     ("urc@1.2.3", "0 and 1"), ("unanswered:3", "no argument"), ("cms:38@", "read"), ("number:+324=noprompt", "number"),
     ("number:anna=cms:1", "read"), ("noprompt@=0", "from 1"), ("report:256", "255"), ("cms:38@=", "read"),
     ("hang:soon", "prompt, pdu, taken"), ("hang:pdu/x", "seconds"), ("late", "takes seconds"),
     ("late:now", "takes seconds"), ("sim:in", "out or pin or puk"), ("sim", "out or pin or puk"),
     ("cms:x", "0 to 4095"), ("silent", "takes a word"), ("inbound-twice@=1", "submits"),
     ("report-reference:0", "1 to"), ("number:+324=urc", "number"), ("bearer:4", "0 to 3")],
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
    at.modem.phone.faults = Faults(["dribble"])
    first = at.type(b"AT+CSQ\r")
    assert len(first) == 1
    assert at.modem.poll(at.now) == b""  # not before its time
    assert first + at.wait(1) == "\r\n+CSQ: 20,99\r\n\r\nOK\r\n"
    assert at.modem.due() is None


def test_the_help_names_every_kind() -> None:
    assert all(f"  {name}" in described() for name in KINDS)


def test_rules_may_change_and_bad_ones_change_nothing() -> None:
    at = desk(faults="cms:38")
    with pytest.raises(FaultSpecError):
        at.modem.phone.faults.replace(["boom"])
    assert "38" in at.send(PDU)
    at.modem.phone.faults.replace([])
    assert "+CMGS: 0" in at.send(PDU)
    assert (at.modem.phone.faults.submits, at.modem.phone.faults.struck) == (2, {"cms": 1})


@pytest.mark.parametrize(("spec", "final"), [("cme:515", "+CME ERROR: 515"), ("error", "ERROR"), ("cms:304", "304")])
def test_refusals_of_every_kind(spec: str, final: str) -> None:
    at = desk(faults=spec)
    assert final in at.send(PDU)
    assert at.texts == []


def test_a_network_that_knows_no_validity() -> None:
    at = desk(faults="validity")
    assert at.send(PDU) == "\r\n+CMS ERROR: 198\r\n"
    assert "+CMGS: 0" in at.send(without_validity(PDU))


def test_a_network_that_takes_sms_one_way_only() -> None:
    at = desk(faults="bearer:2")
    assert at.send(PDU) == "\r\n+CMS ERROR: 50\r\n"
    at.at("AT+CGSMS=2")
    assert "+CMGS: 0" in at.send(PDU)


def test_untaken_is_answered_and_nobody_has_it() -> None:
    at = desk(faults="untaken@=1", report_s=0.0)
    at.at("AT+CNMI=2,1,0,1,0")
    assert "+CMGS: 0" in at.send(PDU)
    assert (at.texts, at.wait(60)) == ([], "")
    assert "+CMGS: 1" in at.send(PDU)


def test_a_late_answer_comes_while_the_modem_lives_on() -> None:
    at = desk(faults="late:20@=1")
    assert at.send(PDU) == ""
    assert at.ask("AT") == ["OK"]
    assert "+CMGS: 1" in at.send(PDU)
    assert at.wait(19.9) == ""
    assert at.wait(0.2) == "\r\n+CMGS: 0\r\n\r\nOK\r\n"


def test_a_slow_answer_keeps_the_modem_busy() -> None:
    at = desk(faults="slow:35,cms:332")
    assert (at.send(PDU), at.ask("AT")) == ("", [])
    assert at.wait(34.9) == ""
    assert at.wait(0.2) == "\r\n+CMS ERROR: 332\r\n\r\nOK\r\n"


@pytest.mark.parametrize(("stage", "taken"), [("prompt", 0), ("pdu", 0), ("taken", 1)])
def test_a_reset_in_the_middle(stage: str, taken: int) -> None:
    at = desk("sim800", submit_s=0.0, faults=f"reset:{stage}@=1")
    assert at.type(command(PDU)) == ("\r\n> ")
    assert at.type(entry(PDU)) == ""
    assert "RDY" in at.wait(3)
    assert "SMS Ready" in at.wait(5)
    assert "+CMGS" not in at.wait(60)
    assert len(at.texts) == taken
    at.ask("ATE0")
    assert f"+CMGS: {taken}" in at.send(PDU)


def test_a_reset_of_a_stick_takes_its_port_away() -> None:
    at = desk("ec25", faults="reset@=1,reset:taken/3@=2")
    at.send(PDU)
    at.wait(1)
    assert at.modem.power.absence_s == 10
    at.modem.power_on(at.now, warm=True)
    at.ask("ATE0")
    at.send(PDU)
    at.wait(1)
    assert at.modem.power.absence_s == 3


@pytest.mark.parametrize(
    ("stage", "prompt", "taken"), [("prompt", "\r\n> ", 0), ("pdu", "\r\n> ", 0), ("taken", "\r\n> ", 1)]
)
def test_a_hang_in_the_middle_and_what_comes_afterwards(stage: str, prompt: str, taken: int) -> None:
    at = desk(faults=f"hang:{stage}/30@=1")
    assert at.type(command(PDU)) == prompt
    assert at.type(entry(PDU)) == ""
    assert at.ask("AT") == []
    assert at.wait(29) == ""
    assert len(at.texts) == taken
    assert at.wait(2) == "\r\n+CMGS: 0\r\n\r\nOK\r\n\r\nOK\r\n"
    assert len(at.texts) == 1


def test_a_hang_for_ever_ends_when_somebody_lets_it_go_on() -> None:
    at = desk(faults="hang@=1")
    at.send(PDU)
    assert (at.modem.due(), at.wait(10_000)) == (None, "")
    at.modem.power.resume()
    assert at.wait(0) == "\r\n+CMGS: 0\r\n\r\nOK\r\n"


def test_unplugged_in_the_middle() -> None:
    at = desk(faults="unplug:taken/5@=1,unplug@=2")
    assert (at.send(PDU), len(at.texts)) == ("", 1)
    assert at.modem.power.absence_s == 5
    at.modem.power_on(at.now)
    at.ask("ATE0")
    assert (at.send(PDU), len(at.texts)) == ("", 1)
    assert at.modem.power.absence_s == math.inf


def test_the_network_is_lost_for_a_while() -> None:
    at = desk(faults="loss:60@=2")
    at.at("AT+CREG=1")
    at.send(PDU)
    assert at.send(PDU) == "\r\n+CMS ERROR: 331\r\n\r\n+CREG: 0\r\n"
    assert "+CREG: 1" in at.wait(61)
    assert "+CMGS: 1" in at.send(PDU)


@pytest.mark.parametrize(
    ("word", "code", "state"), [("out", 310, None), ("pin", 311, "SIM PIN"), ("puk", 316, "SIM PUK")]
)
def test_the_sim_is_lost_at_a_submit(word: str, code: int, state: str | None) -> None:
    at = desk(faults=f"sim:{word}@=1")
    assert at.send(PDU) == f"\r\n+CMS ERROR: {code}\r\n"
    assert at.ask("AT+CPIN?") == ([f"+CPIN: {state}", "OK"] if state else ["ERROR"])


def reports(at: Desk, count: int = 1, seconds: float = 600) -> list[bytes]:
    """What came by +CDS after `count` submits: PDUs with the service centre."""
    at.at("AT+CNMI=2,1,0,1,0")
    said = "".join(at.send(PDU) for _ in range(count)) + at.wait(seconds)
    return [bytes.fromhex(line) for line in said.split("\r\n") if line.startswith("0791")]


def test_reports_that_are_late_or_twice_or_of_another_centre() -> None:
    assert reports(desk(faults="report-late:30"), seconds=29) == []
    assert len(reports(desk(faults="report-late:30"), seconds=31)) == 1
    assert len(reports(desk(faults="report-twice"))) == 2
    assert reports(desk(faults="report-smsc"))[0][:8] != reports(desk())[0][:8]


def test_reports_that_overtake_each_other() -> None:
    (in_order, disordered) = (
        [pdu[9] for pdu in reports(desk(faults=faults), 20)] for faults in ("", "report-disorder")
    )
    assert in_order == list(range(20)) == sorted(disordered)
    assert disordered != in_order


def test_a_report_that_is_still_trying_and_one_with_a_wrong_reference() -> None:
    assert [pdu[-1] for pdu in reports(desk(faults="report-trying"))] == [0x30, 0]
    assert [pdu[9] for pdu in reports(desk(faults="report-reference:3", next_reference=254))] == [1]


def test_a_report_before_its_receipt() -> None:
    at = desk(faults="report-early", report_s=5.0)
    at.at("AT+CNMI=2,1,0,1,0")
    said = [line for line in at.send(PDU).split("\r\n") if line]
    assert said[0].startswith("+CDS: ")
    assert said[2:] == ["+CMGS: 0", "OK"]


def test_inbound_parts_missing_out_of_order_and_twice() -> None:
    def places(faults: str) -> list[int]:
        at = desk(faults=faults, seed=3)
        at.at("AT+CNMI=2,2,0,0,0")
        at.modem.phone.expect_text(ANNA, "é" * 400, at.now)
        said = at.wait(0)
        return [bytes.fromhex(line)[32] for line in said.split("\r\n") if line.startswith("0791")]

    assert places("") == [1, 2, 3]
    assert places("inbound-disorder") == [3, 2, 1]
    assert len(places("inbound-missing")) == 2
    assert places("inbound-twice") == [1, 2, 3, 1, 2, 3]
    assert places(f"number:{BERT}=inbound-disorder") == [1, 2, 3]


def test_garbage_lies_inside_and_is_no_text() -> None:
    at = desk()
    at.modem.phone.faults = Faults(["garbage"])
    said = at.modem.feed(b"AT+CSQ\r", at.now)
    assert said.translate(None, b"\xff\x00") == b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n"
    assert len(said) > len(b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n")


def test_an_echo_that_stays_and_line_ends_of_three() -> None:
    at = desk(faults="echo,crcrlf")
    assert at.type(b"ATE0\r") == "ATE0\r\r\r\nOK\r\r\n"
    assert at.type(b"AT\r") == "AT\r\r\r\nOK\r\r\n"


def test_commands_that_are_silent_or_refused() -> None:
    at = desk(faults="silent:+CSCA,refuse:+CMMS")
    assert (at.ask("AT+CSCA?"), at.ask("AT+CMMS=2"), at.ask("AT")) == ([], ["ERROR"], ["OK"])


def test_a_prompt_stands_open_at_first() -> None:
    at = desk(faults="staleprompt")
    at.modem.power_on(at.now, warm=True)
    assert at.type(b"AT\r") == "\r\n> AT\r\r\n+CMS ERROR: 304\r\n"
    assert at.ask("ATE0")[-1] == "OK"


def test_the_sim_is_busy_at_first() -> None:
    at = desk(faults="simbusy:4")
    at.modem.power_on(at.now, warm=True)
    at.ask("ATE0")
    at.ask("AT+CMEE=1")
    assert (at.ask("AT+CPIN?"), at.ask("AT+CSCA?")) == (["+CME ERROR: 14"], ["+CMS ERROR: 314"])
    at.wait(4)
    assert at.ask("AT+CPIN?") == ["+CPIN: READY", "OK"]


def test_every_storage_is_full_at_first() -> None:
    at = desk(faults="full")
    at.modem.power_on(at.now, warm=True)
    at.ask("ATE0")
    assert at.ask('AT+CPMS="SM","ME"')[0] == "+CPMS: 20,20,50,50,20,20"
    at.type(command(PDU).replace(b"CMGS", b"CMGW"))
    assert at.type(entry(PDU)) == "\r\n+CMS ERROR: 322\r\n"
