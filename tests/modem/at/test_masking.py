"""What a masked dialogue still says, and what it no longer does."""

import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from modem.at import answers
from modem.at.masking import Masking, masked_card, masked_number
from modem.sms.composition import normalise
from modem.sms.submit import encode_submit
from tests.modem.sms.examples import ALERT, THREE_PARTS, UCS2, parts_of, texts
from tests.simulator.deliver import make_delivers
from tests.support.sampling import left_to_soak

SCA = "0791231407099999"
NUMBER = "+32470001234"
mobiles = st.integers(0, 10**7 - 1).map("+3247{:07}".format)


def read(*lines: str, command: str = "") -> list[str]:
    masking = Masking()
    if command:
        masking.sent(command)
    return [masking.read(line) for line in lines]


def runs(digits: str, length: int = 7) -> set[str]:
    """Runs of the number's digits that would give it away; zeros, also behind a length, are what masking writes."""
    found = (digits[i : i + length] for i in range(len(digits) - length + 1))
    return {run for run in found if not run.endswith("0" * (length - 1))}


@pytest.mark.parametrize(
    "line",
    [
        "OK",
        "ERROR",
        "+CMS ERROR: 38",
        "+CME ERROR: SIM not inserted",
        '+CREG: 2,1,"00C3","0000A1B2",7',
        '+CEREG: 2,1,"1234567","12345678",7',
        '+COPS: 0,0,"Proximus",7',
        "+CSQ: 18,99",
        '+CPMS: "SM",3,30,"SM",3,30,"ME",0,23',
        '+CSCA: "+32475161616",145',
        "+CPIN: READY",
        "+CMGS: 203",
        '+CMTI: "SM",3',
        "^BOOT:20431022,0,0,0,77",
        "^DSFLOWRPT:0000000A,0,0,0,0,0,0",
        "^HCSQ:LTE,46,42,121,24",
        '+CCLK: "26/11/24,19:13:05+04"',
        "+QIND: SMS DONE",
        "Call Ready",
        "RING",
        "UNDER-VOLTAGE WARNNING",
        "COMMAND NOT SUPPORT",
        "> ",
        "",
    ],
)
def test_what_is_harmless_stays(line):
    assert read(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        *("ATE0", "AT+CMEE=1", "ATI", "AT", "ATH", "AT+CNMI=2,1,2,1,0", "AT+CMGS=23", "AT+CPIN?", "AT+CMGR=3"),
        *("AT^CURC=0", "AT+CFUN=1,1", 'AT+CPMS="SM","SM","MT"', 'AT+QPINC="SC"', 'AT+CPINR="SIM PIN"'),
        'AT+CSCA="+32475161616",145',
    ],
)
def test_what_we_ask_stays(line):
    assert Masking().sent(line) == line


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ('AT+CPIN="1234"', 'AT+CPIN="••••"'),
        ("AT+CPIN=123456", "AT+CPIN=••••"),
        ('AT+CPIN="12345678","9876"', 'AT+CPIN="••••","••••"'),
        ('AT+CLCK="SC",0,"1234"', 'AT+CLCK="••••",••••,"••••"'),
        ('AT+CMGF=0;+CPIN="1234"', 'AT+CMGF=0;+CPIN="••••"'),
        ('AT^CPIN="1234"', 'AT^CPIN="••••"'),
        ("ATD+32470001234;", "ATD+324••••••34;"),
        ('AT+CMGS="+32470001234"', 'AT+CMGS="+324••••••34"'),
        ('AT+CUSD=1,"*121#",15', 'AT+CUSD=1,"*121#",15'),
        ('AT+CUSD=1,"solde",15', 'AT+CUSD=1,"•••••",15'),
        ('AT+CGDCONT=1,"IP","web"', 'AT+CGDCONT=1,"••","•••"'),
    ],
)
def test_secrets_in_commands(line, masked):
    assert Masking().sent(line) == masked


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ('+CLIP: "+32470001234",145,,,"Jean Dupont",0', '+CLIP: "+324••••••34",145,,,"•••• ••••••",0'),
        ('+CNUM: "Ma ligne","0470001234",129', '+CNUM: "•• •••••","047•••••34",129'),
        ('+CMGR: 1,"Jean",28', '+CMGR: 1,"••••",28'),
        ('+CMGL: 4,1,"+32470001234",28', '+CMGL: 4,1,"+324••••••34",28'),
        ('+CUSD: 0,"Votre code est 4821",15', '+CUSD: 0,"••••• •••• ••• ••••",15'),
        ("+CNAP: Jean Dupont,0", "+CNAP: •••• ••••••,0"),
        ('+UNKNOWN: "00420061006E",123456', '+UNKNOWN: "••••••••••••",123456'),
        ("+QUSIM: 32470001234", "+QUSIM: 32470001234"),  # no number stands there
        ('+CIEV: "MESSAGE","+32470001234"', '+CIEV: "MESSAGE","+324••••••34"'),
        ("Restez chez vous", "•••••• •••• ••••"),
        ('34"', '••"'),
    ],
)
def test_what_others_say(line, masked):
    assert read(line) == [masked]


def test_an_echo_is_masked_like_its_command():
    masking = Masking()
    masking.sent('AT+CPIN="1234"')
    assert masking.read('AT+CPIN="1234"') == 'AT+CPIN="••••"'
    assert masking.read("Attention voleur") == "••••••••• ••••••"


@pytest.mark.parametrize(
    ("command", "line", "masked"),
    [
        ("AT+CGSN", "356938035643809", "356930000000000"),
        ("AT+CGSN", '+CGSN: "356938035643809"', '+CGSN: "356930000000000"'),
        ("AT+CGSN", "A2-00417 B", "A0-00000 B"),  # a serial number of the maker's
        ("AT+CGSN=1", '+CGSN: "356938035643809"', '+CGSN: "356930000000000"'),
        ("ATI", "IMEI: 356938035643809", "IMEI: 356930000000000"),
        ("AT+CIMI", "206012345678901", "206010000000000"),
        ("AT+CCID", "8932010123456789012", "8932000000000000000"),
        ("AT+CCID", "+CCID: 89320101234567890123", "+CCID: 89320000000000000000"),
        ("AT+ICCID", "ICCID: 8932010123456789012", "ICCID: 8932000000000000000"),
        ("AT+QCCID", "+QCCID: 8932010123456789012F", "+QCCID: 8932000000000000000F"),
        ("AT^ICCID?", "^ICCID: 98231010325476981032", "^ICCID: 98231000000000000000"),
        ("AT+CGMR", "EC25EFAR06A06M4G", "EC25EFAR06A06M4G"),
        ("AT+CGMR", "Revision:1418B05SIM800L24 20180910", "Revision:1418B05SIM800L24 20180910"),
        ("AT+CGMR", "+CGMR: LE20B04SIM7600M22", "+CGMR: LE20B04SIM7600M22"),
        ("AT+CGMI", "huawei", "huawei"),
        ("AT+CGMI", '+CGMI: "Fibocom"', '+CGMI: "Fibocom"'),
    ],
)
def test_who_the_modem_is_stays_without_saying_which_one(command, line, masked):
    assert read(line, command=command) == [masked]


@pytest.mark.slow
@given(st.from_regex(r"35[0-9]{13}", fullmatch=True), st.from_regex(r"8932[0-9]{15}", fullmatch=True))
def test_device_and_card_numbers_still_parse(imei, iccid):
    shown = masked_card(imei)
    assert answers.imei([shown]) == shown
    assert masked_card(shown) == shown
    assert answers.iccid([masked_card(iccid)]) == masked_card(iccid)
    assert iccid[6:18] not in masked_card(iccid) or not iccid[6:18].strip("0")


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        (NUMBER, "+324••••••34"),
        ("0470001234", "047•••••34"),
        ("101", "101"),
        ("8850", "8850"),
        ("12345678", "••••••78"),
    ],
)
def test_numbers(number, masked):
    assert masked_number(number) == masked


@pytest.mark.slow
@given(texts, mobiles)
@example(ALERT, NUMBER)
@example(THREE_PARTS, NUMBER)
@example(UCS2, NUMBER)
def test_a_masked_submit_says_how_long_it_is_and_nothing_more(text, mobile):
    assume(normalise(text).strip())
    for part in parts_of(text, msisdn=mobile):
        pdu = encode_submit(part)
        masking = Masking()
        masking.sent(f"AT+CMGS={len(pdu) // 2 - 1}")
        assert [masking.sent(pdu), masking.read(pdu)] == ["0" * len(pdu)] * 2


@pytest.mark.slow
@given(texts.filter(bool), mobiles)
def test_a_masked_text_shows_nothing(text, mobile):
    for tpdu in make_delivers(mobile, text.encode("utf-8", "ignore").decode(), 7, 0.0):
        line = SCA + tpdu.hex().upper()
        header, shown = read(f'+CMT: "Jean Dupont",{len(tpdu)}', line)
        assert header == f'+CMT: "•••• ••••••",{len(tpdu)}'
        assert shown == "0" * len(line)


@given(st.binary(min_size=1, max_size=200))
def test_any_octets_are_masked_without_an_error(octets):
    line = octets.hex().upper()
    for length in (len(octets) - 1 - octets[0], len(octets)):
        assert len(read(f"+CDS: {length}", line)[1]) == len(line)


@pytest.mark.slow
@given(st.lists(st.sampled_from(["voleur", "Jean", "Dupont", "gare", "101", "4821", "rue", "où"]), min_size=2), mobiles)
def test_in_text_mode_no_word_survives(words, mobile):
    text = " ".join(words)
    shown = read(f'+CMT: "{mobile}","Jean","26/11/24,19:13:05+04"', text, text, "OK", command="ATI")
    everything = " ".join(shown[:3])
    assert not re.search(r"[A-Za-zà-ÿ]", everything.replace("CMT", ""))
    assert "4821" not in everything
    assert not any(run in everything for run in runs(mobile[1:]))
    assert shown[3] == "OK"


@pytest.mark.slow
@given(st.text(max_size=60), mobiles, st.text(max_size=60))
def test_no_number_survives_in_a_line_of_any_shape(before, mobile, after):
    for line in (f"{before}{mobile}{after}", f'+CLIP: "{before}{mobile}{after}"', f"+XYZ: {before},{mobile},{after}"):
        line = line.replace("\r", "").replace("\n", "")
        for shown in (*read(line), Masking().sent(line), Masking().sent("AT+XYZ=" + line)):
            assert not any(run in shown for run in runs(mobile[1:]))


@pytest.mark.parametrize("command", ["AT", "ATI", "AT+CGSN", "AT+CMGL=4"])
@pytest.mark.parametrize("urc", ["", *map(left_to_soak, ["RING", "+CREG: 1", "+CDS: 25", '+CMTI: "SM",3']), "OK"])
def test_no_piece_of_a_pdu_is_taken_for_another_one(command, urc):
    """A URC cuts it anywhere, or a line end does; or a byte of it is lost."""
    (tpdu,) = make_delivers(NUMBER, "Éva Dupont, rue 12, code 4711 ∂", 7, 0.0)
    whole = SCA + tpdu.hex().upper()
    text = "".join(f"{ord(char):04X}" for char in "Éva Dupont, rue 12, code 4711 ∂")
    number = whole[len(SCA) + 8 : len(SCA) + 18]
    assert text in whole
    secrets = [number, *(text[at : at + 10] for at in range(len(text) - 9))]
    for at in range(1, len(whole)):
        for lines in ([whole[:at], urc, whole[at:]], [whole[: at - 1] + whole[at:]]):
            for header in (f"+CMT: ,{len(tpdu)}", f"+CMGL: 1,1,,{len(tpdu)}"):
                shown = "\n".join(read(header, *filter(None, lines), command=command))
                assert not any(secret in shown for secret in secrets), (at, lines, shown)


def test_a_piece_of_a_pdu_at_the_end_of_another_line_is_not_shown():
    assert read("^RSSI: 2000C9007600610020") == ["^RSSI: " + "0" * 18]


def test_of_two_pdus_both_are_masked():
    (tpdu,) = make_delivers(NUMBER, "Bonjour", 7, 0.0)
    lines = [f"+CMGL: 1,1,,{len(tpdu)}", SCA + tpdu.hex().upper()] * 2
    shown = read(*lines, command="AT+CMGL=4")
    assert shown[1] == shown[3] == "0" * len(lines[1])
