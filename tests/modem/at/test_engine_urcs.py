"""URCs between any two lines of a CMGS dialogue change nothing but add themselves."""

import pytest

from modem.at.commands import Final
from modem.at.engine import AtEngine
from modem.at.events import Prompt, Response, Restarted, Urc
from modem.at.urcs import URCS, UrcRule, UrcTable
from tests.modem.at.dialogue import COMMAND, PDU, cmgs
from tests.modem.at.urc_samples import FORMS, SAMPLES, wire
from tests.modem.at.urc_samples import PDU as DELIVER

QUIET = [Prompt(COMMAND), Response(COMMAND, ("+CMGS: 123",), Final("OK", text="OK"))]
URC_TABLE = UrcTable(URCS)
RESTARTS = [rule.name for rule in URCS if rule.restart]


def test_every_urc_of_the_table_has_a_sample():
    assert {rule.name for rule in URCS} == set(SAMPLES)
    assert all(len(SAMPLES[rule.name]) == rule.lines for rule in URCS)


# docs/reference/modem-facts.md, "Dialogue", and what people's modems were seen to say besides.
FACTS = """
^RSSI ^HCSQ ^BOOT ^MODE ^DSFLOWRPT ^CSNR ^SRVST ^SIMST ^STIN ^NWTIME ^RSSILVL ^HRSSILVL ^NDISSTAT ^ORIG ^CONF ^CONN
^CEND ^LWURC *RADIOPOWER +ZUSIMR +ZEND +ZPAS +SPNWNAME +PSBEARER +CIEV +CREG +CGREG +CEREG +CMTI +CDSI +CDS +CMT +CBM
+CUSD RING +CLIP +CRING RDY +CPIN +CFUN +QIND +QUSIM ^SYSSTART ^SMMEMFULL ^CSQ +CGEV +CTZV +CTZE *PSUTTZ DST +SIMTEST
+EXSIM
"""
FACTS_OF_WORDS = """NO CARRIER,SMS Ready,Call Ready,PB DONE,SMS DONE,NORMAL POWER DOWN,UNDER-VOLTAGE WARNNING,
OVER-VOLTAGE WARNNING"""


def test_the_table_has_every_urc_of_the_facts():
    wanted = {*FACTS.split(), *(words.strip() for words in FACTS_OF_WORDS.split(","))}
    assert wanted - {rule.name for rule in URCS} == set()


@pytest.mark.parametrize(("name", "line"), FORMS)
def test_other_forms(name, line):
    engine = AtEngine()
    engine.send(COMMAND, expects_prompt=True)
    assert engine.feed(f"\r\n{line}\r\n\r\n> ".encode()) == [Urc(name, (line.strip(),)), Prompt(COMMAND)]


def test_what_is_not_quite_a_urc():
    for line in ("RINGING", "READY", "RDYX", "DONE", "+CMGS", "OK READY", "START UP", "CALL"):
        assert URC_TABLE.rule(line) is None, line


def test_two_urcs_in_one_gap():
    first, second = SAMPLES["+CDS"], SAMPLES["+CREG"]
    dialogue = cmgs(echo=True)
    for at in dialogue.gaps:
        events = dialogue.with_inserted(at, wire(first) + wire(second)).run()
        assert [event for event in events if isinstance(event, Urc)] == [Urc("+CDS", first), Urc("+CREG", second)]
        assert [event for event in events if not isinstance(event, Urc)] == QUIET


def test_urc_without_a_line_end_in_front_does_not_glue_lines():
    engine = AtEngine()
    engine.send("AT+CMGL=4")
    events = engine.feed(b'\r\n+CMGL: 1,1,,2\r\n0011\r\n+CMTI: "SM",3\r\n+CMGL: 2,1,,2\r\n0022\r\n\r\nOK\r\n')
    assert events == [
        Urc("+CMTI", ('+CMTI: "SM",3',)),
        Response("AT+CMGL=4", ("+CMGL: 1,1,,2", "0011", "+CMGL: 2,1,,2", "0022"), Final("OK", text="OK")),
    ]


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT+CREG?", "+CREG: 2,1"),
        ("AT+CREG?", '+CREG: 2,1,"00C3","0001A2B3",7'),
        ("AT+CGREG?", "+CGREG: 0,5"),
        ("AT+CEREG?", "+CEREG: 2,1,00C3,0001A2B3,7"),
        ("AT+CPIN?", "+CPIN: READY"),
        ("AT+CFUN?", "+CFUN: 1"),
    ],
)
def test_answer_that_looks_like_a_urc_belongs_to_the_command(command, answer):
    engine = AtEngine()
    engine.send(command)
    assert engine.feed(f"\r\n{answer}\r\n\r\nOK\r\n".encode()) == [Response(command, (answer,), Final("OK", text="OK"))]


@pytest.mark.parametrize("urc", ["+CREG: 1", '+CREG: 1,"00C3","0001A2B3",7', "+CREG: 5,00C3,0001A2B3"])
def test_registration_urc_while_registration_is_read(urc):
    engine = AtEngine()
    engine.send("AT+CREG?")
    assert engine.feed(f"\r\n{urc}\r\n\r\n+CREG: 2,1\r\n\r\nOK\r\n".encode()) == [
        Urc("+CREG", (urc,)),
        Response("AT+CREG?", ("+CREG: 2,1",), Final("OK", text="OK")),
    ]


def test_a_set_command_does_not_own_the_urc_of_its_name():
    engine = AtEngine()
    engine.send("AT+CREG=2")
    assert engine.feed(b"\r\n+CREG: 1\r\n\r\nOK\r\n") == [
        Urc("+CREG", ("+CREG: 1",)),
        Response("AT+CREG=2", (), Final("OK", text="OK")),
    ]


def test_two_line_urc_without_its_pdu_keeps_the_rest():
    engine = AtEngine()
    engine.send("AT")
    assert engine.feed(b"\r\n+CDS: 25\r\n\r\nOK\r\n") == [
        Urc("+CDS", ("+CDS: 25",)),
        Response("AT", (), Final("OK", text="OK")),
    ]


def test_no_carrier_ends_a_call_command_only():
    engine = AtEngine()
    engine.send("AT+CSQ")
    assert engine.feed(b"\r\nNO CARRIER\r\n") == [Urc("NO CARRIER", ("NO CARRIER",))]
    engine.abandon()
    engine.send("ATH")
    assert engine.feed(b"\r\nNO CARRIER\r\n") == [Response("ATH", (), Final("CALL", text="NO CARRIER"))]


@pytest.mark.parametrize("name", RESTARTS)
def test_modem_restarts_in_the_middle(name):
    dialogue = cmgs(echo=True)
    stream = dialogue.before + dialogue.after
    for at in range(dialogue.length + 1):
        engine = AtEngine()
        engine.send(COMMAND, expects_prompt=True)
        events = engine.feed(stream[: min(at, len(dialogue.before))])
        if events:
            engine.payload(PDU)
        events += engine.feed(stream[len(dialogue.before) : at] + wire(SAMPLES[name]))
        answered = any(isinstance(event, Response) for event in events)
        assert events[-2:] == [Urc(name, SAMPLES[name]), Restarted("" if answered else COMMAND)], at
        assert engine.in_flight is None


def test_engine_is_free_after_a_restart():
    engine = AtEngine()
    engine.send(COMMAND, expects_prompt=True)
    engine.feed(b"\r\nRDY\r\n")
    assert engine.in_flight is None
    engine.send("AT")
    assert engine.feed(b"\r\n> \r\nOK\r\n") == [Response("AT", (), Final("OK", text="OK"))]


def test_pdu_is_not_taken_for_a_urc():
    assert not any(PDU.startswith(rule.name) for rule in URCS)


def test_a_named_line_that_no_table_knows():
    engine = AtEngine()
    assert engine.feed(b"\r\n$NEW: 1\r\n") == [Urc("$NEW", ("$NEW: 1",))]
    dialogue = cmgs(echo=True)
    for at in dialogue.gaps:
        events = dialogue.with_inserted(at, b"\r\n+XNEW: 1,2\r\n").run()
        assert [event for event in events if event != Urc("+XNEW", ("+XNEW: 1,2",))] == QUIET, at
        assert len(events) == 3


def test_a_named_line_may_be_the_answer_to_anything_but_a_submit():
    engine = AtEngine()
    engine.send("AT+CCID")
    assert engine.feed(b"\r\nICCID: 1\r\n\r\n+QCCID: 2\r\n\r\nOK\r\n") == [
        Response("AT+CCID", ("ICCID: 1", "+QCCID: 2"), Final("OK", text="OK"))
    ]


def test_ussd_over_several_lines():
    engine = AtEngine()
    engine.send("AT+CSQ")
    lines = ('+CUSD: 0,"Solde', "OK", '12 EUR",15')
    assert engine.feed("\r\n{}\r\n\r\n+CSQ: 17,99\r\n\r\nOK\r\n".format("\r\n".join(lines)).encode()) == [
        Urc("+CUSD", lines),
        Response("AT+CSQ", ("+CSQ: 17,99",), Final("OK", text="OK")),
    ]


def test_ussd_that_never_ends_swallows_no_more_than_a_dozen_lines():
    engine = AtEngine()
    engine.send("AT")
    events = engine.feed(b'\r\n+CUSD: 0,"Solde\r\n' + b"\r\nOK\r\n" * 14)
    assert [type(event) for event in events] == [Urc, Response]


def test_another_urc_between_the_two_lines_of_one():
    engine = AtEngine()
    assert engine.feed(f"\r\n+CMT: ,21\r\n\r\n^RSSI:17\r\n{DELIVER}\r\n".encode()) == [
        Urc("^RSSI", ("^RSSI:17",)),
        Urc("+CMT", ("+CMT: ,21", DELIVER)),
    ]


@pytest.mark.parametrize("length", [21, 28, 29, 20, 22])
def test_pdu_of_a_modem_that_counts_otherwise_is_told_at_once(length):
    engine = AtEngine()
    events = engine.feed(f"\r\n+CMT: ,{length}\r\n{DELIVER}\r\n".encode())
    assert events == [Urc("+CMT", (f"+CMT: ,{length}", DELIVER))]


def test_pdu_that_is_shorter_than_announced_ends_with_its_line():
    engine = AtEngine()
    assert engine.feed(b'\r\n+CDS: 25\r\n00060A\r\n\r\n+CMTI: "SM",3\r\n') == [
        Urc("+CDS", ("+CDS: 25", "00060A")),
        Urc("+CMTI", ('+CMTI: "SM",3',)),
    ]


def test_echo_of_the_pdu_is_not_a_report():
    engine = AtEngine()
    engine.send(COMMAND, expects_prompt=True)
    engine.feed(b"\r\n> ")
    engine.payload(PDU)
    events = engine.feed(b"\r\n+CDS: 25\r\n" + PDU.encode() + b"\x1a\r\n\r\n+CMGS: 123\r\n\r\nOK\r\n")
    assert events == [Urc("+CDS", ("+CDS: 25",)), QUIET[1]]


def test_rules_of_a_model_may_have_any_form():
    engine = AtEngine((UrcRule("Model says"), *URCS))
    engine.send(COMMAND, expects_prompt=True)
    assert engine.feed(b"\r\nMODEL SAYS: hello\r\n\r\n> ")[0] == Urc("Model says", ("MODEL SAYS: hello",))
