"""Each kind of modem in its own words; what all share is in test_modem."""

from dataclasses import replace
from itertools import product

import pytest

from modem.at import answers
from modem.sim.identity import Identity
from tests.modem.sim.desk import ANNA, Desk, command, desk, pdus
from tests.simulator.dialects import PROFILES

(PDU,) = pdus("Bonjour é€")
IDENTITY = Identity.derive(0)
KINDS = ("sim800", "e173", "e3372", "ec25", "sim7600", "sim7670g", "a7600", "mf190", "le910", "mc7455", "sara-u2")


def quiet(profile: str, **options: object) -> Desk:
    """A modem of that kind, told to keep still."""
    at = desk(profile, submit_s=0.0, **options)
    for line in PROFILES[profile].quiet:
        at.at("AT" + line)
    return at


def test_the_kinds_are_there() -> None:
    assert set(PROFILES) == {"default", *KINDS}


@pytest.mark.parametrize("profile", PROFILES)
def test_every_kind_sends_says_who_it_is_and_reports(profile: str) -> None:
    at = quiet(profile, report_s=0.0)
    about = PROFILES[profile]
    assert at.ask("AT+CGMI") == [about.manufacturer, "OK"]
    assert about.revision in at.ask("AT+CGMR")[0]
    assert at.ask("ATI")[-1] == "OK"
    taken = next(ds for ds in (1, 2) if at.ask(f"AT+CNMI=2,1,0,{ds},0") == ["OK"])
    prompt = at.type(command(PDU))
    assert prompt == f"\r\n{about.prompt}"
    said = at.type(PDU.hex().encode() + b"\x1a") + at.wait(0)
    assert "+CMGS: 0" in said
    assert ("+CDS: " if taken == 1 else "+CDSI: ") in said
    assert at.texts == [(ANNA, "Bonjour é€")]


@pytest.mark.parametrize(
    ("profile", "line", "answer"),
    [
        ("sim800", "AT+CCID", IDENTITY.iccid),
        ("sim800", "AT+CGMR", "Revision:1418B05SIM800L24"),
        ("e173", "AT^ICCID?", "^ICCID: 98"),  # halves swapped, as in the card's file
        ("e3372", "AT^ICCID?", f"^ICCID: {IDENTITY.iccid}"),
        ("ec25", "AT+QCCID", f"+QCCID: {IDENTITY.iccid}"),
        ("sim7600", "AT+CICCID", f"+ICCID: {IDENTITY.iccid}"),
        ("le910", "AT#CCID", f"#CCID: {IDENTITY.iccid}"),
        ("mf190", "AT+CCID", f'+CCID: "{IDENTITY.iccid}"'),
        ("mc7455", "AT+ICCID", f"ICCID: {IDENTITY.iccid}"),
        ("sim7600", "AT+CGMR", "+CGMR: LE20B04SIM7600M22"),
        ("e173", "ATI", "Manufacturer: huawei"),
        ("mf190", "AT+ZCDRUN=8", "Close autorun state result(0:FAIL 1:SUCCESS):1"),
    ],
)
def test_who_it_is_in_its_own_words(profile: str, line: str, answer: str) -> None:
    assert quiet(profile).ask(line)[0].startswith(answer)


def test_a_swapped_iccid_is_the_same_number() -> None:
    told = quiet("e173").ask("AT^ICCID?")[0].removeprefix("^ICCID: ")
    assert len(told) == 20
    assert "".join(told[at + 1] + told[at] for at in range(0, 20, 2)) == IDENTITY.iccid + "F"


@pytest.mark.parametrize(
    ("profile", "line", "answers"),
    [
        ("default", 'AT+CPINR="SIM PIN"', ("+CPINR: SIM PIN,3,3", "+CPINR: SIM PIN,2,3")),
        ("sim800", "AT+SPIC", ("+SPIC: 3,10,0,10", "+SPIC: 2,10,0,10")),
        ("e173", "AT^CPIN?", ("^CPIN: SIM PIN,3,10,3,10,3", "^CPIN: SIM PIN,2,10,2,10,3")),
        ("ec25", 'AT+QPINC="SC"', ('+QPINC: "SC",3,10', '+QPINC: "SC",2,10')),
        ("mf190", "AT+ZPINPUK=?", ("+ZPINPUK: 3,10", "+ZPINPUK: 2,10")),
        ("le910", "AT#PCT", ("#PCT: 3", "#PCT: 2")),
        ("mc7455", "AT+CPINC", ("+CPINC: 3,3,10,10", "+CPINC: 2,3,10,10")),
        ("sara-u2", "AT+UPINCNT", ("+UPINCNT: 3,3,10,10", "+UPINCNT: 2,3,10,10")),
    ],
)
def test_the_tries_of_the_pin_in_its_own_words(profile: str, line: str, answers: tuple[str, str]) -> None:
    at = quiet(profile, sim="SIM PIN")
    before = at.ask(line)
    assert at.at('AT+CPIN="0000"')[-1] != "OK"
    assert [before, at.ask(line)] == [[answers[0], "OK"], [answers[1], "OK"]]


def test_a_huawei_whose_sim_is_open_tells_no_tries_of_what_is_asked() -> None:
    assert quiet("e173").ask("AT^CPIN?") == ["^CPIN: READY,,10,3,10,3", "OK"]


@pytest.mark.parametrize("line", ["AT^CPIN?", "AT^ICCID?"])
def test_without_a_card_nothing_of_the_card_is_told(line: str) -> None:
    at = quiet("e173", sim="ABSENT")
    at.at("AT+CMEE=1")
    assert at.ask(line) == ["+CME ERROR: 10"]


@pytest.mark.parametrize(
    ("profile", "answer"),
    [
        ("default", '+CREG: 2,1,"00C3","0000A1B2",7'),
        ("sim800", '+CREG: 2,1,"00C3","A1B2"'),
        ("e173", "+CREG: 2,1, 00C3, A1B2"),
        ("e3372", '+CREG: 2,1,"00C3","0000A1B2"'),
        ("sara-u2", '+CREG: 2,1,"00C3","0000A1B2",2'),
    ],
)
def test_the_location_in_its_own_form(profile: str, answer: str) -> None:
    assert quiet(profile).ask("AT+CREG=2;+CREG?") == [answer, "OK"]


@pytest.mark.parametrize(
    ("profile", "line", "final"),
    [
        ("default", "AT+NOSUCH", "ERROR"),
        ("e173", "AT+NOSUCH", "COMMAND NOT SUPPORT"),
        ("e173", "AT+CGSMS=3", "COMMAND NOT SUPPORT"),
        ("e3372", "AT+CMMS=2", "COMMAND NOT SUPPORT"),
        ("sara-u2", "AT+NOSUCH", "+CME ERROR: 100"),
        ("e173", "AT+CMMS=2", "+CMS ERROR: 500"),
        ("e173", "AT+CEREG=2", "COMMAND NOT SUPPORT"),
        ("e3372", 'AT+CPMS="XX"', "+CMS ERROR: 500"),  # for 302
        ("default", 'AT+CPMS="XX"', "+CMS ERROR: 302"),
        ("sim7600", 'AT+CPMS="XX"', "+CMS ERROR: operation not allowed"),
        ("sim7600", "AT+CNMI=2,1,0,3,0", "+CMS ERROR: operation not supported"),
        ("ec25", "AT+CNMI=2,1,0,3,0", "+CMS ERROR: 303"),
        ("default", "AT+CMGR=3", "+CMS ERROR: 321"),
        ("sim7600", "AT+CMGR=3", "+CMS ERROR: Invalid memory index"),
        ("mf190", "AT+CMGR=3", "+CMS ERROR: 500"),
    ],
)
def test_refusals_in_its_own_words(profile: str, line: str, final: str) -> None:
    assert quiet(profile).ask(line) == [final]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_kind_takes_the_routing_that_it_lists(profile: str) -> None:
    """A part that lists what it refuses is one that somebody saw (`foreign/msm.toml`)."""
    at = quiet(profile)
    routings = [",".join(map(str, figures)) for figures in product(*answers.listed(at.ask("AT+CNMI=?"), "+CNMI"))]
    assert profile not in ("mc7455", "sim7600") or "2,2,2,1,0" in routings
    assert [at.ask(f"AT+CNMI={routing}") for routing in routings] == [["OK"]] * len(routings)


def test_a_report_that_is_announced_at_another_place_is_lost() -> None:
    at = quiet("ec25", report_s=0.0)
    assert at.ask("AT+CNMI=2,1,0,2,0") == ["OK"]
    said = at.type(command(PDU)) + at.type(PDU.hex().encode() + b"\x1a") + at.wait(0)
    assert '+CDSI: "SM",0' in said
    at.at('AT+CPMS="SM"')
    assert not at.ask("AT+CMGR=0")[0].startswith("+CMGR")


@pytest.mark.parametrize(("profile", "memory"), [("sim7600", "SR"), ("mc7455", "SR"), ("mf190", "SM")])
def test_reports_are_stored_where_this_kind_stores_them(profile: str, memory: str) -> None:
    at = quiet(profile, report_s=0.0)
    at.at("AT+CNMI=2,1,0,2,0")
    at.at('AT+CPMS="SM","SM","SM"')
    prompt_and_result = at.type(command(PDU)) + at.type(PDU.hex().encode() + b"\x1a") + at.wait(0)
    assert f'+CDSI: "{memory}",1' in prompt_and_result
    at.at(f'AT+CPMS="{memory}"')
    assert at.ask("AT+CMGR=1")[0].startswith("+CMGR: 0,")


def test_a_list_that_never_comes_and_places_that_do() -> None:
    at = quiet("e3372")
    at.modem.phone.fill(2, "SM")
    assert at.ask("AT+CMGL=4") == []
    assert at.wait(600) == ""
    assert at.ask("AT+CMGR=2")[0].startswith("+CMGR: 1,,")
    assert at.ask("AT+CMGR=3") == ["+CMS ERROR: 500"]


def test_the_empty_name_is_quoted_by_some() -> None:
    for profile, head in (("default", "+CMGL: 1,1,,"), ("ec25", '+CMGL: 1,1,"",')):
        at = quiet(profile)
        at.modem.phone.fill(1, "SM")
        assert at.ask("AT+CMGL=4")[0].startswith(head)


def test_lines_end_with_two_carriage_returns() -> None:
    at = desk()
    at.modem.phone.profile = replace(at.modem.phone.profile, line_end="\r\r\n")
    assert at.type(b"AT+CSQ\r") == "\r\r\n+CSQ: 20,99\r\r\n\r\r\nOK\r\r\n"
    assert at.type(command(PDU)) == "\r\n> "
    at.type(b"\x1b")
    at.modem.phone.fill(1, "SM")
    said = at.type(b"AT+CMGR=1\r")
    assert said.count("\r\r\n") == said.count("\n") == 5  # between the two lines too


@pytest.mark.parametrize(("profile", "line"), [("e173", "^RSSI:18"), ("mf190", "+ZUSIMR:2"), ("e3372", "^HCSQ:")])
def test_it_floods_until_it_is_told_to_keep_still(profile: str, line: str) -> None:
    at = desk(profile)
    assert at.wait(10).count(line) == 5
    (silencer,) = PROFILES[profile].quiet
    assert at.ask("AT" + silencer) == ["OK"]
    assert at.wait(10) == ""
    at.modem.power_on(at.now, warm=True)
    assert line in at.wait(3)


def test_a_full_storage_is_told_and_what_came_waits() -> None:
    at = quiet("e3372")
    at.at("AT+CNMI=2,1,0,0,0")
    at.modem.phone.fill(20, "SM")
    at.modem.phone.expect_text(ANNA, "oui", at.now)
    said = at.wait(15)
    assert said.count('^SMMEMFULL: "SM"') == 2
    assert "+CMTI" not in said
    at.at("AT+CMGD=1,4")
    assert '+CMTI: "SM",1' in at.wait(11)


def test_a_bridge_stays_and_boots_when_it_restarts() -> None:
    at = quiet("sim800")
    at.at("AT+CNMI=2,1,0,1,0")
    assert at.ask("AT+CFUN=1,1") == ["OK"]
    assert at.ask("AT") == []  # too early
    assert at.wait(2.6).split("\r\n")[1::2] == ["RDY", "+CFUN: 1"]
    assert at.ask("AT+CMEE=1") == ["AT+CMEE=1", "OK"]
    assert at.ask("ATE0")[-1] == "OK"
    assert at.ask("AT+CPIN?") == ["+CME ERROR: 14"]
    assert "+CPIN: READY" in at.wait(1)
    assert at.ask("AT+CPIN?") == ["+CPIN: READY", "OK"]
    assert at.ask("AT+CPMS?") == ["+CMS ERROR: 314"]
    assert at.type(command(PDU)) == "\r\n+CMS ERROR: 314\r\n"
    assert "SMS Ready" in at.wait(3)
    assert at.ask("AT+CNMI?") == ["+CNMI: 2,0,0,0,0", "OK"]
    assert at.type(command(PDU)) == "\r\n> "


@pytest.mark.parametrize(
    ("profile", "line"), [("ec25", "AT+CFUN=1,1"), ("sara-u2", "AT+CFUN=16"), ("e173", "AT^RESET")]
)
def test_the_port_of_a_stick_vanishes_when_it_restarts(profile: str, line: str) -> None:
    at = quiet(profile)
    assert at.ask(line) == ["OK"]
    assert not at.modem.power.gone
    assert at.ask("AT") == []
    at.wait(0.4)
    assert at.modem.power.absence_s == PROFILES[profile].vanish_s
    assert at.modem.due() is None
    assert at.ask("AT") == []
    at.now += 20
    at.modem.power_on(at.now)
    assert not at.modem.power.gone
    at.wait(10)
    assert at.ask("AT")[-1] == "OK"


def test_a_restart_can_be_made_short() -> None:
    at = quiet("ec25", reset_s=0.0)
    at.at("AT+CFUN=1,1")
    at.wait(0.1)
    assert at.modem.power.absence_s == 0
    at.modem.power_on(at.now)
    assert at.ask("AT+CPIN?")[1:3] == ["+CPIN: READY", "OK"]


def test_a_restart_forgets_settings_and_keeps_sim_and_references() -> None:
    at = desk()
    at.at("AT+CNMI=2,1,0,1,0")
    at.send(PDU)
    at.at("AT+CFUN=1,1")
    assert at.ask("AT+CNMI?") == ["AT+CNMI?", "+CNMI: 2,0,0,0,0", "OK"]
    assert "+CMGS: 1" in at.send(PDU)


def test_a_sim_with_a_pin_asks_for_it_after_every_restart() -> None:
    at = desk(sim="SIM PIN")
    assert at.ask('AT+CPIN="1234"') == ["OK"]
    assert at.ask('AT+CLCK="SC",2') == ["+CLCK: 1", "OK"]
    at.at("AT+CFUN=1,1")
    assert at.ask("ATE0;+CPIN?")[1:] == ["+CPIN: SIM PIN", "OK"]
    at.at('AT+CPIN="1234"')
    assert at.ask('AT+CLCK="SC",0,"1234"') == ["OK"]
    at.at("AT+CFUN=1,1")
    assert at.ask("ATE0;+CPIN?")[1:] == ["+CPIN: READY", "OK"]


def test_the_lock_wants_the_right_pin() -> None:
    at = desk()
    at.at("AT+CMEE=1")
    assert at.ask('AT+CLCK="SC",2') == ["+CLCK: 0", "OK"]
    assert at.ask('AT+CLCK="SC",1,"9999"') == ["+CME ERROR: 16"]
    assert at.ask('AT+CLCK="FD",2') == ["+CME ERROR: 4"]
