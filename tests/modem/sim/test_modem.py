"""The modem's end of the dialogue, byte by byte; nothing sleeps, `now` is passed in."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from modem.sim.identity import Identity
from tests.modem.sim.desk import ANNA, NOW, command, desk, entry, pdus

(PDU,) = pdus("Bonjour é€")


def test_echo_is_on_at_first_and_can_be_switched_off() -> None:
    at = desk()
    at.modem.power_on(at.now)
    assert at.type(b"AT\r") == "AT\r\r\nOK\r\n"
    assert at.type(b"ATE0\r") == "ATE0\r\r\nOK\r\n"
    assert at.type(b"AT\r") == "\r\nOK\r\n"
    at.type(b"ATE1\r")
    assert at.type(command(PDU)).startswith("AT+CMGS=")
    assert at.type(entry(PDU)) == PDU.hex().upper() + "\r\n+CMGS: 0\r\n\r\nOK\r\n"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("AT", []),
        ("at+csq", ["+CSQ: 20,99"]),
        ("ATZ", []),
        ("AT&F", []),
        ("ATE0V1", []),
        ("ATH", []),
        ("AT+CHUP", []),
        ("ATI", ["SIMULATION", "SimModem", "1.0", f"IMEI: {Identity.derive(0).imei}"]),
        ("AT+CGSN", [Identity.derive(0).imei]),
        ("AT+CIMI", [Identity.derive(0).imsi]),
        ("AT+CGMI", ["SIMULATION"]),
        ("AT+CGMM", ["SimModem"]),
        ("AT+CGMR", ["1.0"]),
        ("AT+CMEE=2;+CMEE?", ["+CMEE: 2"]),
        ("AT+CPIN?", ["+CPIN: READY"]),
        ("AT+CREG?", ["+CREG: 0,1"]),
        ("AT+CREG=2;+CREG?", ['+CREG: 2,1,"00C3","0000A1B2",7']),
        ("AT+CEREG=?", ["+CEREG: (0-2)"]),
        ("AT+COPS?", ['+COPS: 0,0,"SIMULATION",7']),
        ("AT+COPS=3,2;+COPS?", ['+COPS: 0,2,"00101",7']),
        ("AT+COPS=?", ['+COPS: (2,"SIMULATION","SIM","00101",7),,(0-4),(0-2)']),
        ("AT+CMGF?", ["+CMGF: 0"]),
        ("AT+CSMS=0", ["+CSMS: 1,1,1"]),
        ("AT+CSMS?", ["+CSMS: 0,1,1,1"]),
        ("AT+CSCA?", ['+CSCA: "+32470999999",145']),
        ('AT+CSCA="+32470888888";+CSCA?', ['+CSCA: "+32470888888",145']),
        ("AT+CPMS?", ['+CPMS: "SM",0,20,"SM",0,20,"SM",0,20']),
        ('AT+CPMS="ME","SM","ME"', ["+CPMS: 0,50,0,20,0,50"]),
        ("AT+CNMI=?", ["+CNMI: (0-2),(0-3),(0),(0,1,2),(0,1)"]),
        ("AT+CNMI=2,1,0,1,0;+CNMI?", ["+CNMI: 2,1,0,1,0"]),
        ("AT+CNMI=1;+CNMI?", ["+CNMI: 1,0,0,0,0"]),
        ("AT+CMMS=2;+CMMS?", ["+CMMS: 2"]),
        ("AT+CGSMS=?", ["+CGSMS: (0,1,2,3)"]),
        ('AT+CSCS="UCS2";+CSCS?', ['+CSCS: "UCS2"']),
        ("AT+CFUN?", ["+CFUN: 1"]),
        ("AT+CMGL=4", []),
        ("AT+CMGS=?", []),
    ],
)
def test_a_command_answers_its_lines_and_ok(line: str, answer: list[str]) -> None:
    said = [part for part in desk().type(line.encode() + b"\r").split("\r\n") if part]
    assert said == [*answer, "OK"]


@pytest.mark.parametrize(
    "line",
    ["AT+CLAC", "AT+NOSUCH=1", "AT^ICCID?", "AT+CMEE=3", "AT+COPS=1,2,\"20601\"", "ATD0470000001",
     "AT?", "AT+CSQ;+NOSUCH"],
)  # fmt: skip
def test_what_it_does_not_know_or_allow_is_error(line: str) -> None:
    assert desk().at(line)[-1] == "ERROR"


def test_errors_are_told_as_cmee_says() -> None:
    at = desk(sim="ABSENT")
    assert at.at("AT+CIMI") == ["ERROR"]
    at.at("AT+CMEE=1")
    assert at.type(b"AT+CIMI\r") == "\r\n+CME ERROR: 10\r\n"
    at.at("AT+CMEE=2")
    assert at.type(b"AT+CIMI\r") == "\r\n+CME ERROR: SIM not inserted\r\n"
    assert at.at("AT+NOSUCH") == ["ERROR"]


def test_a_submit_is_taken_and_its_text_logged() -> None:
    at = desk()
    assert at.type(command(PDU)) == "\r\n> "
    assert at.type(entry(PDU)) == "\r\n+CMGS: 0\r\n\r\nOK\r\n"
    assert at.texts == [(ANNA, "Bonjour é€")]


def test_references_wrap_at_256() -> None:
    at = desk(next_reference=254)
    assert [at.send(PDU).split()[1] for _ in range(4)] == ["254", "255", "0", "1"]


def test_t_cmgs_is_the_first_byte_of_the_command() -> None:
    at = desk(submit_s=1.0)
    for second, data in enumerate([b"\n", b"A", b"T+CMGS=%d" % (len(PDU) - 1), b"\r", entry(PDU)]):
        at.now = NOW + second
        at.type(data)
    at.wait(1)
    (line,) = at.network.tpdus.lines
    assert line["t_cmgs"] == NOW + 1


def test_esc_leaves_the_prompt_and_sends_nothing() -> None:
    at = desk()
    at.type(command(PDU))
    assert at.type(PDU.hex().encode() + b"\x1b") == "\r\nOK\r\n"
    assert at.at("AT") == ["OK"]
    assert at.texts == []


@pytest.mark.parametrize("left", [b"", b"0011000B91", b"AT+CM"])
def test_a_prompt_or_line_left_by_a_killed_client_is_left_with_esc(left: bytes) -> None:
    at = desk()
    if left != b"AT+CM":
        at.type(command(PDU))
    at.type(left)
    at.type(b"\x1b")
    assert at.at("AT") == ["OK"]
    assert "+CMGS: 0" in at.send(PDU)


@pytest.mark.parametrize("left", [b"", b"0011000B91"])
def test_a_prompt_left_open_ends_with_the_next_clients_first_command(left: bytes) -> None:
    at = desk()
    at.type(command(PDU) + left)
    assert at.type(b"AT\r") == "\r\n+CMS ERROR: 304\r\n"
    assert at.at("AT") == ["OK"]


@pytest.mark.parametrize("change", ["length", "letters", "cut", "deliver", "empty"])
def test_a_pdu_that_does_not_fit_is_304(change: str) -> None:
    at = desk()
    octets = len(PDU) - 1 - (change == "length")
    at.type(b"AT+CMGS=%d\r" % octets)
    typed = {
        "length": entry(PDU),
        "letters": b"bonjour\x1a",
        "cut": entry(PDU[:-1]),
        "deliver": entry(b"\0\x04" + PDU[2:]),
        "empty": b"\x1a",
    }[change]
    assert at.type(typed) == "\r\n+CMS ERROR: 304\r\n"
    assert at.texts == []


def test_a_submit_takes_its_time_and_what_is_typed_meanwhile_waits() -> None:
    at = desk(submit_s=2.0)
    assert at.send(PDU) == ""
    assert at.type(b"AT\r") == ""
    assert at.wait(1.9) == ""
    assert at.texts == []
    assert at.wait(0.2) == "\r\n+CMGS: 0\r\n\r\nOK\r\n\r\nOK\r\n"


@pytest.mark.parametrize(
    ("mode", "pause", "seconds"),
    [(0, 0.2, 2.8), (1, 0.2, 1.8), (2, 0.2, 1.8), (2, 1.2, 2.8), (1, 1.2, 2.8)],
)
def test_cmms_keeps_the_link_open_for_a_second(mode: int, pause: float, seconds: float) -> None:
    at = desk("sim800")
    at.at(f"AT+CMMS={mode}")
    at.send(PDU)
    assert "+CMGS" in at.wait(2.8)
    at.wait(pause)
    at.send(PDU)
    assert "+CMGS" not in at.wait(seconds - 0.01)
    assert "+CMGS: 1" in at.wait(0.02)
    assert at.at("AT+CMMS?")[1] == ("0" if (mode, pause) == (1, 1.2) else str(mode))


def test_a_report_comes_by_cds_after_its_delay_when_it_was_asked_for() -> None:
    at = desk(report_s=3.0)
    at.at("AT+CNMI=2,1,0,1,0")
    at.send(PDU)
    at.send(pdus("sans", report=False)[0])
    assert at.wait(2.9) == ""
    head, pdu = at.wait(60).split("\r\n")[1:3]
    octets = bytes.fromhex(pdu)
    assert head == f"+CDS: {len(octets) - 1 - octets[0]}"
    assert octets[octets[0] + 2] == 0  # TP-MR
    assert at.wait(3600) == ""


def test_a_report_is_stored_with_ds_2_and_read_and_deleted() -> None:
    at = desk()
    at.at("AT+CNMI=2,1,0,2,0")
    at.send(PDU)
    assert at.wait(1) == '\r\n+CDSI: "SM",1\r\n'
    assert at.at("AT+CPMS?")[1].startswith('"SM",1,20')
    listed, read = at.type(b"AT+CMGL=0\r"), at.type(b"AT+CMGR=1\r")
    assert listed.split("\r\n")[1].startswith("+CMGL: 1,0,,")
    assert read.split("\r\n")[1].startswith("+CMGR: 1,,")  # listing has read it
    assert listed.split("\r\n")[2] == read.split("\r\n")[2]
    assert at.at("AT+CMGD=1") == ["OK"]
    assert at.at("AT+CMGR=1") == ["+CMS", "ERROR:", "321"]


def test_a_report_is_lost_with_ds_0() -> None:
    at = desk()
    at.send(PDU)
    assert at.wait(3600) == ""


def test_full_storage_keeps_reports_waiting_in_the_network() -> None:
    at = desk("sim800", submit_s=0.0)
    at.at("AT+CNMI=2,1,0,2,0")
    for _ in range(12):
        at.send(PDU)
    assert at.wait(1).count("+CDSI") == 10
    at.at("AT+CMGD=1,4")
    assert at.wait(11).count("+CDSI") == 2


def test_a_line_that_nobody_asked_for_waits_for_the_end_of_a_half_typed_one() -> None:
    at = desk(report_s=0.0)
    at.at("AT+CNMI=2,1,0,1,0")
    at.modem.phone.expect_text(ANNA, "oui", at.now)
    assert at.type(b"AT+C") == ""
    assert at.modem.due() is None
    assert at.type(b"SQ\r").split("\r\n")[1::2] == ["+CSQ: 20,99", "OK", '+CMTI: "SM",1']


def test_an_inbound_text_comes_by_cmt_with_mt_2() -> None:
    at = desk()
    at.at("AT+CNMI=2,2,0,0,0")
    assert at.modem.phone.expect_text(ANNA, "é" * 200, at.now) == 2
    assert at.wait(0).count("+CMT: ,") == 2


@pytest.mark.parametrize(("sim", "code"), [("ABSENT", 310), ("SIM PIN", 311), ("SIM PUK", 316)])
def test_without_a_ready_sim_nothing_is_sent(sim: str, code: int) -> None:
    at = desk(sim=sim)
    assert at.send(PDU) == f"\r\n+CMS ERROR: {code}\r\n"
    assert at.at("AT+CREG?") == ["+CREG:", "0,2", "OK"]


def test_the_pin_is_wanted_and_three_wrong_ones_block() -> None:
    at = desk(sim="SIM PIN")
    at.at("AT+CMEE=1")
    assert at.at('AT+CPIN="0000"') == ["+CME", "ERROR:", "16"]
    assert at.at('AT+CPIN="1234"') == ["OK"]
    assert at.at("AT+CPIN?") == ["+CPIN:", "READY", "OK"]
    at.modem.phone.sim = "SIM PIN"
    for _ in range(3):
        at.at('AT+CPIN="9999"')
    assert at.at("AT+CPIN?") == ["+CPIN:", "SIM", "PUK", "OK"]
    assert at.at('AT+CPIN="1234"') == ["+CME", "ERROR:", "12"]


def test_a_lost_network_is_told_and_refuses() -> None:
    at = desk()
    at.at("AT+CREG=1")
    at.modem.phone.network_on = False
    assert at.wait(0) == "\r\n+CREG: 0\r\n"
    assert at.send(PDU) == "\r\n+CMS ERROR: 331\r\n"
    assert at.at("AT+CSQ") == ["+CSQ:", "99,99", "OK"]
    at.modem.phone.network_on = True
    assert at.wait(0) == "\r\n+CREG: 1\r\n"


def test_reports_wait_for_the_network() -> None:
    at = desk()
    at.at("AT+CNMI=2,1,0,1,0")
    at.send(PDU)
    at.modem.phone.network_on = False
    assert "+CDS" not in at.wait(60)
    at.modem.phone.network_on = True
    assert "+CDS" in at.wait(11)


def test_switching_off_loses_the_submit_on_its_way() -> None:
    at = desk(submit_s=5.0)
    at.send(PDU)
    at.modem.power_on(at.now)
    assert at.wait(60) == ""
    assert at.texts == []


def test_text_mode_is_refused() -> None:
    at = desk()
    assert at.at("AT+CMGF=1") == ["+CMS", "ERROR:", "303"]
    assert at.at("AT+CMGF=?") == ["+CMGF:", "(0)", "OK"]
    assert at.type(command(PDU)) == "\r\n> "  # for 20 octets, not for a number


def test_a_pdu_can_be_written_to_storage() -> None:
    at = desk()
    at.type(command(PDU).replace(b"CMGS", b"CMGW"))
    assert at.type(entry(PDU)) == "\r\n+CMGW: 1\r\n\r\nOK\r\n"
    assert PDU.hex().upper() in at.type(b"AT+CMGL=2\r")


@pytest.mark.slow
@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"AT+CMGS=20\r", b"AT+", b"\x1a", b"\r", b'="'])))
@example([b"AT+X=a\nb\r"])
def test_garbage_never_raises_and_esc_at_brings_it_back(pieces: list[bytes]) -> None:
    at = desk()
    for piece in pieces:
        at.modem.feed(piece, at.now)
    at.modem.feed(b"\x1b", at.now)
    assert at.modem.feed(b"AT\r", at.now).endswith(b"\r\nOK\r\n")


@pytest.mark.slow
@given(st.data())
def test_any_chunking_gives_the_same_bytes(data: st.DataObject) -> None:
    stream = b"ATE1\rAT+CSQ\r" + command(PDU) + entry(PDU) + b"AT+CMGS=9\r00\x1bAT+CNMI?\r"
    whole = desk().modem.feed(stream, NOW)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(stream) - 1))))
    at = desk()
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert b"".join(at.modem.feed(piece, NOW) for piece in pieces) == whole
