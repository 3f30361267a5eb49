"""What clients ask before they send: the card's files, the clock, indicators, USSD, and the character set."""

import pytest

from tests.modem.sim.desk import desk


def test_the_cards_number_is_read_from_its_file() -> None:
    at = desk()
    swapped = at.ask("AT+CRSM=176,12258,0,0,10")[0]
    iccid = at.modem.phone.identity.iccid + "F"
    assert swapped == '+CRSM: 144,0,"' + "".join(iccid[at + 1] + iccid[at] for at in range(0, 20, 2)) + '"'
    assert at.ask("AT+CRSM=176,12258,0,1,2") == [f'+CRSM: 144,0,"{swapped[16:20]}"', "OK"]
    assert at.ask("AT+CRSM=176,28589,0,0,0") == ['+CRSM: 144,0,"00000002"', "OK"]
    assert at.ask("AT+CRSM=176,28486,0,0,17") == ["+CRSM: 106,130", "OK"]


@pytest.mark.parametrize("line", ["AT+CRSM=242", "AT+CRSM=176,12258,0,0,300", "AT+CCLK=0", "AT+CIND=1", "AT+CUSD=5"])
def test_what_it_cannot_do_it_refuses(line: str) -> None:
    assert desk().ask(line) == ["ERROR"]


def test_without_a_card_there_are_no_files() -> None:
    at = desk(sim="ABSENT")
    at.ask("AT+CMEE=1")
    assert at.ask("AT+CRSM=176,12258,0,0,10") == ["+CME ERROR: 10"]


def test_the_clock_is_the_networks() -> None:
    at = desk()
    assert at.ask("AT+CCLK?") == ['+CCLK: "26/11/24,07:00:00+04"', "OK"]


def test_the_indicators_tell_signal_service_and_storage() -> None:
    at = desk()
    (told, _) = at.ask("AT+CIND=?")
    assert (
        told
        == '+CIND: ("battchg",(0-5)),("signal",(0-5)),("service",(0,1)),("call",(0,1)),("roam",(0,1)),("smsfull",(0,1))'
    )
    assert at.ask("AT+CIND?") == ["+CIND: 5,3,1,0,0,0", "OK"]
    at.modem.phone.fill(20, "SM")
    at.modem.phone.network_on = False
    assert at.ask("AT+CIND?") == ["+CIND: 5,0,0,0,0,1", "OK"]


def test_a_ussd_code_is_answered_where_the_network_knows_it() -> None:
    at = desk()
    assert at.ask("AT+CUSD=?") == ["+CUSD: (0-2)", "OK"]
    assert at.ask('AT+CUSD=1,"*199#",15') == ["OK", "+CUSD: 4"]
    assert at.ask('AT+CUSD=1,"*100#",15')[1].startswith('+CUSD: 0,"Solde : 12,50 EUR')
    assert at.ask("AT+CUSD?") == ["+CUSD: 1", "OK"]
    assert at.ask("AT+CUSD=0") == ["OK"]
    at.modem.phone.network_on = False
    at.ask("AT+CMEE=1")
    assert at.ask('AT+CUSD=1,"*100#",15')[0] == "+CME ERROR: 30"


def test_in_ucs2_names_and_the_service_centre_are_told_and_taken_in_hex() -> None:
    at = desk()
    assert at.ask('AT+CSCS="UCS2"') == ["OK"]
    name, number = "SIM".encode("utf-16-be").hex().upper(), "+32470111111".encode("utf-16-be").hex().upper()
    assert at.ask("AT+COPS=3,1;+COPS?") == [f'+COPS: 0,1,"{name}",7', "OK"]
    assert at.ask("AT+COPS=3,2;+COPS?") == ['+COPS: 0,2,"00101",7', "OK"]
    assert at.ask('AT+CSCA="+32470111111",145') == ["+CMS ERROR: 305"]
    assert at.ask(f'AT+CSCA="{number}",145;+CSCA?') == [f'+CSCA: "{number}",145', "OK"]
    at.ask('AT+CSCS="GSM"')
    assert at.ask("AT+CSCA?") == ['+CSCA: "+32470111111",145', "OK"]


def test_what_cnmi_cannot_be_is_an_error_of_sms() -> None:
    at = desk("sim7600")
    at.ask("AT+CMEE=1")
    assert at.ask("AT+CNMI=2,1,2,3,0") == ["+CMS ERROR: 303"]
    assert at.ask("AT+CNMI=2,1,2,2,0") == ["OK"]
