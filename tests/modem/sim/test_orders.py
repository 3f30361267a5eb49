"""The world around a modem, played by orders; in the host's own thread, without a client at the pty."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gammu
import pytest

from modem.sim.identity import Identity
from tests.modem.sim.desk import ANNA, BERT, NOW, Desk, pdus
from tests.simulator.base.network import Network
from tests.simulator.dialects import PROFILES
from tests.simulator.faults import Faults
from tests.simulator.modem import SimModem
from tests.simulator.phone import Phone
from tests.support.simulator import RunningHost

OWN = "+32470000099"


class World(Desk):
    """A modem on a pty that nobody reads, the clock standing still: what is said comes from the modem itself."""

    host: RunningHost

    def order(self, line: str) -> dict[str, Any]:
        return self.host.order(line)


@contextmanager
def world(profile: str = "default", faults: str = "", **options: Any) -> Iterator[World]:
    phone = Phone(Identity.derive(0), Network(), PROFILES[profile], report_s=0.0, **options)
    made = World(SimModem(phone, Faults([faults] if faults else []), submit_s=0.0))
    made.host = RunningHost(made.modem, clock=lambda: made.now)
    made.host.say = lambda: None  # type: ignore[method-assign]  what it would write is left to be read here
    made.at("ATE0")
    try:
        yield made
    finally:
        made.host.stop()
        made.host.run()


@pytest.fixture
def at() -> Iterator[World]:
    with world() as made:
        yield made


def lines(said: str) -> list[str]:
    return [line for line in said.split("\r\n") if line]


def test_a_call_rings_until_it_is_refused(at: World) -> None:
    at.at("AT+CLIP=1")
    assert at.order(f"ring {ANNA}") == {"ok": True}
    assert lines(at.wait(4)) == ["RING", f'+CLIP: "{ANNA}",145,,,,0'] * 2
    assert at.ask("ATH") == ["OK"]
    assert at.wait(60) == ""
    assert at.order("stats")["calls_refused"] == 1


def test_a_caller_who_gives_up_is_missed(at: World) -> None:
    at.ask("AT+CRC=1")
    at.order(f"ring {ANNA} 5")
    assert lines(at.wait(60)) == ["+CRING: VOICE"] * 2
    assert (at.order("stats")["calls_missed"], at.order("stats")["calls_refused"]) == (1, 0)


def test_a_huawei_goes_on_ringing_after_ath() -> None:
    with world("e173") as at:
        at.ask("AT^CURC=0")
        at.order(f"ring {ANNA} 7")
        assert at.ask("ATH") == ["OK", "RING"]
        assert lines(at.wait(10)) == ["RING", "RING", "^CEND:1,0,104,16"]
        at.order(f"ring {ANNA} 7")
        assert at.ask("AT+CHUP") == ["OK"]
        assert at.wait(10) == ""


def test_a_ring_stands_between_the_prompt_and_the_result(at: World) -> None:
    (pdu,) = pdus("x")
    at.type(b"AT+CMGS=%d\r" % (len(pdu) - 1))
    at.order(f"ring {ANNA}")
    assert at.wait(0) == "\r\nRING\r\n"
    assert "+CMGS: 0" in at.type(pdu.hex().encode() + b"\x1a")


def test_another_sim_in_the_same_modem() -> None:
    with world("ec25", next_reference=7) as at:
        at.at("AT+CREG=1")
        before = at.modem.phone.identity
        at.modem.phone.fill(3, "SM")
        at.modem.phone.fill(2, "ME")
        told = at.order("sim swap")
        assert "+CPIN: READY" in lines(at.wait(0))
        after = at.modem.phone.identity
        assert (after.imei, told["imsi"], told["iccid"]) == (before.imei, after.imsi, after.iccid)
        assert (after.imsi != before.imsi, after.iccid != before.iccid) == (True, True)
        assert after.imsi.startswith("00101")
        assert at.ask("AT+CIMI") == [after.imsi, "OK"]
        assert at.order("stats")["stored"] == {"SM": 0, "ME": 2, "SR": 0}
        assert "+CMGS: 0" in at.send(pdus("x")[0])


def test_the_sim_goes_out_and_in_and_asks_for_its_pin(at: World) -> None:
    at.order("sim pin")
    assert at.ask("AT+CPIN?") == ["+CPIN: SIM PIN", "OK"]
    assert at.order("sim tries 1")["ok"]
    assert at.ask("AT+CPINR") == ["+CPINR: SIM PIN,1,3", "OK"]
    at.at('AT+CPIN="1234"')
    at.order("sim out")
    assert (at.ask("AT+CPIN?"), at.order("stats")["sim"]) == (["ERROR"], "ABSENT")
    at.order("sim in")
    assert at.ask("AT+CPIN?") == ["+CPIN: SIM PIN", "OK"]
    at.order("sim puk")
    assert at.ask("AT+CPIN?") == ["+CPIN: SIM PUK", "OK"]
    at.order("sim ready")
    assert at.ask("AT+CPIN?") == ["+CPIN: READY", "OK"]


def test_what_is_sent_to_its_own_number_comes_back(at: World) -> None:
    assert at.ask("AT+CNUM") == ["OK"]
    at.order(f"number {OWN}")
    assert at.ask("AT+CNUM") == [f'+CNUM: "","{OWN}",145', "OK"]
    at.at("AT+CNMI=2,2,0,1,0")
    text = "Bonjour {€} ê 🚨 " * 8
    said = "".join(at.send(pdu) for pdu in pdus(text, OWN, ucs2=True)) + at.wait(0)
    came = [gammu.DecodePDU(bytes.fromhex(line)) for line in lines(said) if line.startswith("0791")]
    assert [part["Type"] for part in came].count("Status_Report") == 3
    delivered = [part for part in came if part["Type"] == "Deliver"]
    assert "".join(part["Text"] for part in delivered) == text
    assert {part["Number"] for part in delivered} == {OWN}
    assert at.texts == [(OWN, text)]


@pytest.mark.parametrize("text", ["x", "x" * 400, "été €" * 40])
def test_gsm_texts_to_itself_are_read_by_gammu(at: World, text: str) -> None:
    at.order(f"number {OWN}")
    at.at("AT+CNMI=2,2,0,0,0")
    said = "".join(at.send(pdu) for pdu in pdus(text, OWN)) + at.wait(0)
    came = [gammu.DecodePDU(bytes.fromhex(line)) for line in lines(said) if line.startswith("0791")]
    # python-gammu 3.5.1 goes on reading behind the end of a text with escape pairs
    assert "".join(part["Text"].split("\0")[0] for part in came) == text


def test_what_is_sent_to_others_does_not_come_back(at: World) -> None:
    at.order(f"number {OWN}")
    at.at("AT+CNMI=2,2,0,0,0")
    assert "+CMT" not in at.send(pdus("x", BERT)[0]) + at.wait(60)


def test_parts_of_a_text_come_one_by_one(at: World) -> None:
    at.at("AT+CNMI=2,2,0,0,0")
    assert at.order(f"inbound-part {ANNA} 77 2/3 deuxième €")["ok"]
    part = gammu.DecodePDU(bytes.fromhex(lines(at.wait(0))[1]))
    assert part["Text"].split("\0")[0] == "deuxième €"
    assert (part["UDH"]["ID8bit"], part["UDH"]["PartNumber"], part["UDH"]["AllParts"]) == (77, 2, 3)
    at.order(f"inbound-part {ANNA} 77 3/3 🚨 fin")
    assert gammu.DecodePDU(bytes.fromhex(lines(at.wait(0))[1]))["Text"] == "🚨 fin"


def test_a_tpdu_that_nobody_can_read_comes_as_it_is(at: World) -> None:
    at.at("AT+CNMI=2,2,0,0,0")
    at.order("inbound-tpdu DEADBEEF")
    head, pdu = lines(at.wait(0))
    assert (head, pdu[-8:]) == ("+CMT: ,4", "DEADBEEF")


def test_a_report_out_of_the_blue(at: World) -> None:
    at.at("AT+CNMI=2,1,0,1,0")
    at.order(f"report {ANNA} 41 70")
    report = gammu.DecodePDU(bytes.fromhex(lines(at.wait(0))[1]))
    assert (report["Number"], report["MessageReference"]) == (ANNA, 41)
    at.order(f"report {ANNA} 42")
    assert bytes.fromhex(lines(at.wait(0))[1])[-1] == 0


def test_a_storage_is_filled(at: World) -> None:
    assert at.order("fill 3") == {"ok": True, "stored": 3}
    assert at.order("fill 60 ME")["stored"] == 50
    assert at.order("stats")["stored"] == {"SM": 3, "ME": 50}
    assert at.ask("AT+CMGL=1").count("OK") == 1


def test_other_faults_from_now_on(at: World) -> None:
    (pdu,) = pdus("x")
    at.order("fault cms:38@=1,unanswered@=2")
    assert "38" in at.send(pdu)
    at.order("fault none")
    assert "+CMGS: 0" in at.send(pdu)
    assert at.order("stats")["faults"] == {"cms": 1}
    assert "unknown kind" in at.order("fault boom")["error"]


def test_a_reset_by_order(at: World) -> None:
    at.at("AT+CNMI=2,1,0,1,0")
    at.order("reset")
    assert at.ask("AT+CNMI?")[1] == "+CNMI: 2,0,0,0,0"


def test_stats_tell_who_it_is_and_what_waits(at: World) -> None:
    at.order("network off")
    at.order(f"inbound {ANNA} oui")
    at.wait(0)
    stats = at.order("stats")
    assert (stats["profile"], stats["registered"], stats["waiting"], stats["inbound"]) == ("default", False, 1, 0)
    assert stats["imei"] == Identity.derive(0).imei
    at.order("network on")
    at.wait(11)
    assert (at.order("stats")["waiting"], at.order("stats")["inbound"]) == (0, 1)
    assert at.now == NOW + 11


@pytest.mark.parametrize(
    "line",
    ["sim swap now", "sim tries 4", "sim tries", "number 0470", "ring", "ring 0470000001", f"ring {ANNA} soon", "fill",
     "fill x", "fill 3 XX", "fault", "fault cms", "report", f"report {ANNA}", f"report {ANNA} 256", "vanish",
     "vanish x", f"report {ANNA} 1 300", "inbound-part", f"inbound-part {ANNA} 1 2 x", f"inbound-part {ANNA} 1 2/300 x",
     f"inbound-part {ANNA} 1 1/2 {'x' * 154}", "inbound-part Zoë 1 1/2 x", "inbound-tpdu", "inbound-tpdu xyz"],
)  # fmt: skip
def test_an_order_that_cannot_be_done_says_why(at: World, line: str) -> None:
    answer = at.order(line)
    assert not answer["ok"]
    assert answer["error"].endswith(".")
