"""Transcripts, read and played."""

from pathlib import Path

import pytest

from modem.sim.identity import Identity
from tests.modem.sim.desk import ANNA, Desk, command, desk, entry, pdus
from tests.simulator.script import Script, ScriptError

(PDU,) = pdus("Bonjour é€")
IDENTITY = Identity.derive(0)
L716 = Path(__file__).parent / "transcripts" / "fibocom-l716.txt"

RECORDED = """\
# plp-alerte: numbers, texts, codes and card numbers are masked
# 2026-11-24 UTC
# 19:13:05.123
> AT
< AT
< OK
> ATE0
< ATE0
< OK
> AT+CGMM
< SIMCOM_SIM7600E-H
< OK
> AT+CGSN
< 860016040000009
< OK
> AT+CICCID
< +ICCID: 8932020000000000006
< OK
> AT+CIMI
< 206010000000000
< OK
> AT+CSCA?
< +CSCA: "+32475161616",145
< OK
> AT+CPIN="••••"
< OK
> AT+CPMS?
< +CPMS: "SM",3,30,"SM",3,30,"SM",3,30
< OK
> AT+CPMS="ME","ME","ME"
< +CMS ERROR: 302
> AT+CNMI=2,1,2,1,0
< +CMS ERROR: 303
> AT+CNMI=2,1,0,2,0
< OK
> AT+CSQ
< +CSQ: 11,99
< OK
< ^MODE: 17,17
> AT+CSQ
< +CSQ: 12,99
< OK
> AT+CMGR=1
< OK
> AT+CMGS=22
< >
> 0031000B9123740000
< +CMGS: 7
< OK
> AT+CCLK?
# (lines left out)
< OK
> AT+CSQ
"""


def play(text: str, **options: object) -> Desk:
    return desk(script=Script.parse(text), **options)


def test_answers_come_in_turn_and_the_last_one_again() -> None:
    at = play(RECORDED)
    assert at.ask("AT+CSQ") == ["+CSQ: 11,99", "OK", "^MODE: 17,17"]
    assert [at.ask("at+csq") for _ in range(2)] == [["+CSQ: 12,99", "OK"]] * 2
    at.modem.power_on(at.now, warm=True)
    at.ask("ATE0")
    assert at.ask("AT+CSQ")[0] == "+CSQ: 11,99"


def test_echoes_are_no_answers() -> None:
    at = play(RECORDED)
    at.modem.power_on(at.now)
    assert at.type(b"ATE0\r") == "ATE0\r\r\nOK\r\n"
    assert at.type(b"AT\r") == "\r\nOK\r\n"


def test_the_simulated_sim_stands_in_for_the_recorded_one() -> None:
    at = play(RECORDED)
    assert at.ask("AT+CGSN") == [IDENTITY.imei, "OK"]
    assert at.ask("AT+CIMI") == [IDENTITY.imsi, "OK"]
    assert at.ask("AT+CICCID") == [f"+ICCID: {IDENTITY.iccid}", "OK"]
    assert at.ask("AT+CSCA?") == [f'+CSCA: "{at.modem.phone.smsc}",145', "OK"]


def test_what_was_not_recorded_is_unknown() -> None:
    at = play(RECORDED)
    assert [at.ask(line) for line in ("AT+CNMI=2,1,0,1,0", "AT+CGMI", "AT+CREG?")] == [["ERROR"]] * 3
    assert play("unknown: COMMAND NOT SUPPORT\n> AT\n< OK\n").ask("AT+CSQ") == ["COMMAND NOT SUPPORT"]


def test_a_profile_may_answer_what_was_not_recorded() -> None:
    at = play("profile: e173\n> AT+CSQ\n< +CSQ: 3,99\n< OK\n")
    assert at.ask("AT^CURC=0") == ["OK"]
    assert at.ask("AT+CSQ") == ["+CSQ: 3,99", "OK"]
    assert at.ask("AT+CMEE=1;+CMEE?") == ["+CMEE: 1", "OK"]
    assert at.ask("AT+NOSUCH") == ["COMMAND NOT SUPPORT"]


def test_submits_go_to_the_network_and_settings_hold() -> None:
    at = play(RECORDED, report_s=0.0)
    assert at.ask("AT+CNMI=2,1,0,2,0") == ["OK"]
    assert at.type(command(PDU)) == "\r\n> "
    said = at.type(entry(PDU)) + at.wait(0)
    assert said.split("\r\n")[1::2] == ["+CMGS: 0", "OK", '+CDSI: "SM",1']
    assert at.texts == [(ANNA, "Bonjour é€")]
    assert at.ask("AT+CPMS?")[0].startswith('+CPMS: "SM",1,30')  # thirty places, as it was recorded
    assert at.ask("AT+CMGR=1")[0].startswith("+CMGR: 0,")
    assert at.ask("AT+CMGD=1") == ["OK"]
    assert at.ask("AT+CMGR=1") == ["OK"]  # what this modem says of an empty place


def test_a_storage_that_was_refused_is_refused() -> None:
    assert play(RECORDED).ask('AT+CPMS="ME","ME","ME"') == ["+CMS ERROR: 302"]


def test_a_command_that_was_never_answered_is_not() -> None:
    at = play("> AT+CMGL=4\n> AT+CSCS?\n< +CSCS\n> AT\n< OK\n")
    assert (at.ask("AT+CMGL=4"), at.ask("AT+CSCS?")) == ([], ["+CSCS"])
    assert at.wait(600) == ""
    assert at.ask("AT") == ["OK"]


def test_what_was_cut_off_or_left_out_is_not_taken_for_an_answer() -> None:
    script = Script.parse(RECORDED)
    assert "+CCLK?" not in script.answers
    assert [len(answer) for answer in script.answers["+CSQ"]] == [3, 2]
    assert script.boot == []


def test_lines_before_the_first_command_are_said_after_switching_on() -> None:
    at = play("< +ZURDY: 1,0\n< +ZICCID: {iccid}\n> AT\n< OK\n")
    at.modem.power_on(at.now, warm=True)
    assert at.wait(0).split("\r\n")[1::2] == ["+ZURDY: 1,0", f"+ZICCID: {IDENTITY.iccid}"]
    without = play("< +ZURDY: 1,0\n< +ZICCID: {iccid}\n> AT\n< OK\n", sim="ABSENT")
    without.modem.power_on(without.now, warm=True)
    assert without.wait(0) == "\r\n+ZURDY: 1,0\r\n"


def test_pauses_are_kept_and_what_is_typed_meanwhile_waits() -> None:
    at = play("> AT+CREG?\n@ 0.8\n< +CREG: 0,1\n@ 0.2\n< OK\n@ 5\n< RING\n> AT\n< OK\n")
    assert at.ask("AT+CREG?") == []
    assert at.ask("AT") == []
    assert at.wait(0.9) == "\r\n+CREG: 0,1\r\n"
    assert at.wait(0.2) == "\r\nOK\r\n\r\nOK\r\n"
    assert at.wait(6) == "\r\nRING\r\n"


def test_the_header_tells_the_manner() -> None:
    at = play('model: X\nprompt: ">"\nline-end: crcrlf\nvanish: 7\n> AT\n< OK\n')
    assert at.type(b"AT\r") == "\r\r\nOK\r\r\n"
    assert at.type(command(PDU)) == "\r\n>"
    assert at.type(b"\x1b") == "\r\r\nOK\r\r\n"
    assert at.modem.phone.profile.name == "X"
    assert at.ask("AT+CFUN=1,1") == ["OK"]
    at.wait(1)
    assert at.modem.power.absence_s == 7


def test_what_the_world_told_holds_while_it_is_so() -> None:
    at = play("> AT+CREG?\n< +CREG: 0,5\n< OK\n> AT+CPIN?\n< +CPIN: READY\n< OK\n")
    assert at.ask("AT+CREG?") == ["+CREG: 0,5", "OK"]
    at.modem.phone.network_on = False
    assert at.ask("AT+CREG?") == ["+CREG: 0,0", "OK"]
    at.modem.phone.take_card_out()
    assert at.ask("AT+CPIN?") == ["ERROR"]


def test_the_pin_is_the_simulated_sims() -> None:
    at = play(RECORDED, sim="SIM PIN")
    assert at.ask('AT+CPIN="0000"') == ["ERROR"]
    assert at.ask('AT+CPIN="1234"') == ["OK"]


def test_faults_strike_a_played_modem_too() -> None:
    at = play(RECORDED, faults="refuse:+CSQ,silent:+CSCA")
    assert (at.ask("AT+CSQ"), at.ask("AT+CSCA?")) == (["ERROR"], [])


def test_a_masked_answer_without_its_card_is_an_error() -> None:
    assert play(RECORDED, sim="ABSENT").ask("AT+CICCID") == ["ERROR"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("> AT\nOK\n", "Line 2"),
        ("> AT\n@ soon\n< OK\n", "'soon' is no number"),
        ("profile: nokia\n> AT\n", "'nokia'"),
        ("line-end: cr\n> AT\n", "'cr'"),
        ("vanish: long\n> AT\n", "vanish"),
        ("Model X\n> AT\n", "Line 1"),
    ],
)
def test_a_bad_transcript_gives_a_sentence(text: str, words: str) -> None:
    with pytest.raises(ScriptError) as caught:
        Script.parse(text)
    assert words in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_file_that_is_no_text_gives_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xff\xfe")
    with pytest.raises(ScriptError, match="UTF-8"):
        Script.read(tmp_path / "x")


def test_the_l716_is_a_fibocom_with_the_words_of_a_zte() -> None:
    at = desk(script=Script.read(L716), report_s=0.0)
    at.modem.power_on(at.now, warm=True)
    assert at.wait(0).split("\r\r\n")[1::2][:2] == ["+ZMSRI", "+ZURDY: 1,0"]
    assert at.ask("ATE0")[-1] == "OK"
    assert at.ask("AT+CGMI") == ['+CGMI: "Fibocom"', "OK"]
    assert at.ask("AT+CCID") == [f"+CCID: {IDENTITY.iccid}F", "OK"]
    assert at.ask("AT+CNMI=2,1,2,1,0") == ["+CMS ERROR: 302"]
    assert at.ask("AT+CNMI=2,1,0,1,0") == []
    assert at.wait(0.2) == "\r\r\nOK\r\r\n"
    at.send(PDU)
    assert at.texts == [(ANNA, "Bonjour é€")]
