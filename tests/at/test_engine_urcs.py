"""URCs anywhere in a CMGS dialogue change nothing but add themselves."""

import pytest

from modem.at import URCS, AtEngine, Final, Prompt, Response, Restarted, Urc
from tests.at.dialogue import COMMAND, PDU, cmgs
from tests.at.urc_samples import SAMPLES, wire

QUIET = [Prompt(COMMAND), Response(COMMAND, ("+CMGS: 123",), Final("OK", text="OK"))]
HARMLESS = [rule for rule in URCS if not rule.restart]


def test_every_urc_of_the_table_has_a_sample():
    assert {rule.name for rule in URCS} == set(SAMPLES)
    assert all(len(SAMPLES[rule.name]) == rule.lines for rule in URCS)


@pytest.mark.parametrize("echo", [False, True])
@pytest.mark.parametrize("prompt", [b"> ", b">"])
@pytest.mark.parametrize("end", [b"\r\n", b"\r\r\n"])
def test_urc_at_every_byte_boundary(echo, prompt, end):
    dialogue = cmgs(echo=echo, prompt=prompt)
    cases = 0
    for rule in HARMLESS:
        urc = Urc(rule.name, SAMPLES[rule.name])
        for at in range(dialogue.length + 1):
            events = dialogue.with_inserted(at, wire(SAMPLES[rule.name], end)).run()
            assert [event for event in events if event != urc] == QUIET, (rule.name, at)
            assert events.count(urc) == 1, (rule.name, at)
            cases += 1
    assert cases == len(HARMLESS) * (dialogue.length + 1)


def test_urc_inside_a_refusal():
    dialogue = cmgs(result=b"+CMS ERROR: 38\r\n")
    refused = [Prompt(COMMAND), Response(COMMAND, (), Final("CMS", 38, "+CMS ERROR: 38"))]
    # A cut between two digits of the code is left out: "+CMS ERROR: 3" is a whole final result by itself.
    inside_the_code = dialogue.length - len(b"8\r\n")
    for rule in HARMLESS:
        urc = Urc(rule.name, SAMPLES[rule.name])
        for at in range(dialogue.length + 1):
            if at != inside_the_code:
                events = dialogue.with_inserted(at, wire(SAMPLES[rule.name])).run()
                assert [event for event in events if event != urc] == refused, (rule.name, at)
                assert events.count(urc) == 1


def test_two_urcs_in_one_gap():
    first, second = SAMPLES["+CDS"], SAMPLES["+CREG"]
    dialogue = cmgs(echo=True)
    for at in range(dialogue.length + 1):
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


def test_modem_restarts_in_the_middle():
    dialogue = cmgs(echo=True)
    stream = dialogue.before + dialogue.after
    for at in range(dialogue.length + 1):
        engine = AtEngine()
        engine.send(COMMAND, expects_prompt=True)
        events = engine.feed(stream[: min(at, len(dialogue.before))])
        if events:
            engine.payload(PDU)
        events += engine.feed(stream[len(dialogue.before) : at] + wire(("RDY",)))
        answered = any(isinstance(event, Response) for event in events)
        assert events[-2:] == [Urc("RDY", ("RDY",)), Restarted("" if answered else COMMAND)], at
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
