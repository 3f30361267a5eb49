"""A modem that restarts without a word: its settings are gone, and text mode makes a number of a PDU's length."""

from tests.modem.sim.desk import ANNA, Desk, command, desk, entry, pdus


def switched_on(faults: str) -> Desk:
    """A modem on which these struck at its start."""
    at = desk(faults=faults)
    at.modem.power_on(at.now)
    at.at("ATE0")
    return at


def test_its_settings_are_gone_and_it_says_nothing() -> None:
    at = desk("sim800", submit_s=0.0)
    at.at("AT+CNMI=2,1,0,1,0")
    at.modem.brown_out()
    assert at.at("AT") == []
    assert at.wait(3) == ""
    assert at.at("AT") == ["AT", "OK"]
    assert at.ask("AT+CNMI?")[1:] == ["+CNMI: 2,0,0,0,0", "OK"]


def test_it_may_say_some_of_its_words() -> None:
    at = desk("sim800")
    at.modem.brown_out(3.0, "SMS Ready")
    assert at.wait(4) == "\r\nSMS Ready\r\n"


def test_text_mode_sends_the_pdu_to_its_own_length() -> None:
    (pdu,) = pdus("Essai")
    at = switched_on("textmode")
    assert at.at("AT+CMGF?") == ["+CMGF:", "1", "OK"]
    assert "+CMGS: 0" in at.send(pdu)
    assert at.texts == [(str(len(pdu) - 1), pdu.hex().upper())]
    at.at("AT+CMGF=0")
    at.send(pdu)
    assert at.texts[1:] == [(ANNA, "Essai")]
    at.modem.brown_out()
    at.wait(3)
    assert "+CMGF: 1" in at.ask("AT+CMGF?")


def test_text_mode_shows_no_pdu() -> None:
    at = switched_on("textmode")
    at.modem.phone.fill(1, "SM")
    assert at.at("AT+CMGL=4") == ["+CMS", "ERROR:", "305"]
    assert at.ask("AT+CMGR=1")[1:] == ["Bonjour", "OK"]


def test_commands_about_sms_come_late() -> None:
    at = switched_on("sms-late:517/25")
    for line in ("AT+CMGF=0", "AT+CMGF?", "AT+CNMI=2,1,0,1,0", 'AT+CPMS="SM","SM","SM"', "AT+CMGS=20"):
        assert at.at(line) == ["+CMS", "ERROR:", "517"]
    assert at.at("AT+CSQ")[0] == "+CSQ:"
    at.wait(25)
    assert at.at("AT+CMGF=0") == ["OK"]
    at.modem.brown_out(3.0)
    at.wait(27)
    assert "+CMS ERROR: 517" in at.ask("AT+CMGF=0")


def test_late_commands_may_be_refused_with_an_error_alone() -> None:
    at = switched_on("sms-late:0/25")
    assert at.at("AT+CMGF=0") == ["ERROR"]


def test_it_restarts_in_the_middle_of_a_submit() -> None:
    (pdu,) = pdus("Essai")
    at = desk(faults="brownout:pdu/4")
    assert at.send(pdu) == ""
    assert (at.wait(5), at.texts) == ("", [])


def test_ok_alone_and_ok_first() -> None:
    (pdu,) = pdus("Essai")
    at = desk(faults="ok-alone")
    assert at.send(pdu).split() == ["OK"]
    at = desk(faults="ok-first")
    assert at.type(command(pdu)).split() == [">", "OK"]
    assert at.type(entry(pdu)).split() == []
    assert at.texts == [(ANNA, "Essai")]


def test_a_card_is_not_seen_until_a_restart() -> None:
    (pdu,) = pdus("Essai")
    at = desk(faults="sim:stuck@=1")
    at.send(pdu)
    assert at.at("AT+CPIN?") == ["ERROR"]
    at.at("AT+CFUN=1,1")
    assert "+CPIN: READY" in at.ask("AT+CPIN?")
