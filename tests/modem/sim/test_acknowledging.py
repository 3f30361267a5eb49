"""A modem that wants its directly said texts and reports acknowledged (3GPP TS 27.005 §§ 3.4.1, 3.4.4, 4.7)."""

import pytest

from tests.modem.sim.desk import ANNA, BERT, Desk, desk, pdus
from tests.simulator.dialects import PROFILES
from tests.simulator.phone import ACKNOWLEDGE_S
from tests.simulator.profile import Profile

EXPECTED_NONE = ["+CMS ERROR: 340"]
ACK_PDU = b"0000"  # SMS-DELIVER-REPORT for RP-ACK: no TP-PI


@pytest.fixture
def at() -> Desk:
    made = desk()
    assert made.ask("AT+CSMS=1") == ["+CSMS: 1,1,1", "OK"]
    made.at("AT+CNMI=2,2,0,1,0")
    for text in ("un", "deux", "trois"):
        made.modem.phone.expect_text(BERT, text, made.now)
    return made


def came(said: str) -> int:
    return said.count("+CMT:") + said.count("+CDS:")


def test_the_next_comes_only_after_the_one_before_was_acknowledged(at: Desk) -> None:
    assert came(at.wait(0)) == 1
    assert came(at.wait(ACKNOWLEDGE_S / 2)) == 0
    assert came(at.type(b"AT+CNMA\r")) == 1
    assert came(at.type(b"AT+CNMA=1\r")) == 1
    assert at.ask("AT+CNMA=0") == ["OK"]
    assert at.ask("AT+CNMA") == EXPECTED_NONE


def test_without_an_acknowledgement_it_routes_nothing_more_and_the_network_tries_again(at: Desk) -> None:
    assert came(at.wait(0)) == 1
    assert came(at.wait(ACKNOWLEDGE_S)) == 0
    assert at.ask("AT+CNMI?") == ["+CNMI: 2,0,0,0,0", "OK"]
    assert at.ask("AT+CNMA") == EXPECTED_NONE
    assert came(at.wait(60)) == 0
    assert len(at.modem.phone.storages["SM"].messages) == 3  # where texts without a way wait, and nobody is told


def test_a_report_is_acknowledged_like_a_text() -> None:
    at = desk(report_s=0.0)
    at.at("AT+CSMS=1")
    at.at("AT+CNMI=2,1,0,1,0")
    assert came("".join(at.send(pdu) for pdu in (*pdus("x", ANNA), *pdus("y", ANNA))) + at.wait(1)) == 1
    assert came(at.type(b"AT+CNMA\r")) == 1


def test_a_refusal_brings_it_again(at: Desk) -> None:
    at.wait(0)
    assert at.ask("AT+CNMA=2")[0] == "OK"
    assert at.modem.phone.arrivals.waiting == 2


def test_with_a_length_it_prompts_for_the_report(at: Desk) -> None:
    at.wait(0)
    assert at.type(b"AT+CNMA=1,2\r").endswith("> ")
    assert came(at.type(ACK_PDU + b"\x1a")) == 1
    assert at.type(b"AT+CNMA=1,3\r").endswith("> ")
    assert "+CMS ERROR: 304" in at.type(ACK_PDU + b"\x1a")  # shorter than announced: nothing is acknowledged
    assert "OK" in at.ask("AT+CNMA")


def test_nothing_to_acknowledge_is_no_prompt_either() -> None:
    at = desk()
    assert at.ask("AT+CNMA=1,2") == EXPECTED_NONE


def test_phase_two_wants_no_acknowledgement() -> None:
    at = desk()
    at.at("AT+CNMI=2,2,0,1,0")
    for text in ("un", "deux"):
        at.modem.phone.expect_text(BERT, text, at.now)
    assert came(at.wait(0)) == 2


def test_a_kind_that_knows_phase_two_plus_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROFILES, "plus", Profile(services=(1,)))
    at = desk("plus")
    assert at.ask("AT+CSMS?") == ["+CSMS: 1,1,1,1", "OK"]
    assert at.ask("AT+CSMS=?") == ["+CSMS: (1)", "OK"]
    assert at.ask("AT+CSMS=0") == ["ERROR"]


def test_results_in_figures_and_none_at_all() -> None:
    """V.250 § 6.2.5, § 6.2.6; lines of an answer stay."""
    at = desk(faults="left:V0")
    at.modem.power_on(at.now)
    at.ask("ATE0")
    assert at.type(b"AT\r") == "0\r"
    assert at.type(b"AT+NONE\r") == "4\r"
    assert at.type(b"AT+CSQ\r") == "\r\n+CSQ: 20,99\r\n0\r"
    assert at.type(b"ATQ1\r") == ""
    assert at.type(b"AT+CSQ\r") == "\r\n+CSQ: 20,99\r\n"
    assert at.ask("ATQ0V1") == ["OK"]


def test_what_comes_too_soon_after_a_result_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROFILES, "hurt", Profile(gap_s=0.02))
    at = desk("hurt")
    at.now += 1
    assert at.ask("AT") == ["OK"]
    assert at.ask("AT") == []
    at.now += 0.021
    assert at.ask("AT") == ["OK"]
