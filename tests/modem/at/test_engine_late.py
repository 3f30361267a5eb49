"""A command that was given up: its answer is never the next one's."""

import pytest

from modem.at.commands import Final
from modem.at.engine import AtEngine
from modem.at.events import Late, Prompt, Response
from modem.at.submit_matching import ANSWERED_WITHIN_S
from tests.modem.at.dialogue import COMMAND, PDU
from tests.modem.at.submits import receipt, start, taken

OK = Final("OK", text="OK")
CMS_38 = Final("CMS", 38, "+CMS ERROR: 38")


@pytest.fixture
def engine():
    """An engine whose submit was given up after its PDU had gone out."""
    engine = AtEngine()
    engine.send(COMMAND, expects_prompt=True)
    engine.feed(b"\r\n> ")
    engine.payload(PDU)
    assert engine.abandon() == ()
    return engine


def test_late_receipt_while_idle(engine):
    assert engine.feed(b"\r\n+CMGS: 7\r\n\r\nOK\r\n") == [Late(COMMAND, ("+CMGS: 7",), OK, submit=1)]


def test_late_refusal_while_idle(engine):
    assert engine.feed(b"\r\n+CMS ERROR: 38\r\n") == [Late(COMMAND, (), CMS_38, submit=1)]


@pytest.mark.parametrize("probe", ["AT", "AT+CREG?", "AT+CSQ", "AT+CMMS=0"])
def test_late_receipt_during_another_command(engine, probe):
    engine.send(probe)
    answer = {"AT+CREG?": "+CREG: 2,1", "AT+CSQ": "+CSQ: 17,99"}.get(probe)
    own = f"\r\n{answer}\r\n" if answer else ""
    assert engine.feed(f"\r\n+CMGS: 7\r\n\r\nOK\r\n{own}\r\nOK\r\n".encode()) == [
        Late(COMMAND, ("+CMGS: 7",), OK, submit=1),
        Response(probe, (answer,) if answer else (), OK),
    ]


def test_late_refusal_during_a_probe(engine):
    engine.send("AT")
    assert engine.feed(b"\r\n+CMS ERROR: 38\r\n\r\nOK\r\n") == [
        Late(COMMAND, (), CMS_38, submit=1),
        Response("AT", (), OK),
    ]


def test_late_receipt_before_the_next_prompt(engine):
    engine.send(COMMAND, expects_prompt=True)
    assert engine.feed(b"\r\n+CMGS: 7\r\n\r\nOK\r\n\r\n> ") == [
        Late(COMMAND, ("+CMGS: 7",), OK, submit=1),
        Prompt(COMMAND),
    ]


def test_late_receipt_between_prompt_and_pdu(engine):
    engine.send(COMMAND, expects_prompt=True)
    assert engine.feed(b"\r\n> ") == [Prompt(COMMAND)]
    assert engine.feed(b"\r\n+CMGS: 7\r\n\r\nOK\r\n") == [Late(COMMAND, ("+CMGS: 7",), OK, submit=1)]
    engine.payload(PDU)
    assert engine.feed(b"\r\n+CMGS: 8\r\n\r\nOK\r\n") == [Response(COMMAND, ("+CMGS: 8",), OK)]


def test_stray_ok_of_a_probe_is_not_the_next_question_s_answer(engine):
    engine.send("AT")
    assert engine.feed(b"\r\nOK\r\n") == [Response("AT", (), OK)]
    engine.send("AT+CSQ")
    assert engine.feed(b"\r\nOK\r\n\r\n+CSQ: 17,99\r\n\r\nOK\r\n") == [
        Late(COMMAND, (), OK),
        Response("AT+CSQ", ("+CSQ: 17,99",), OK),
    ]


def test_stray_ok_is_no_refusal_of_the_next_submit(engine):
    engine.send(COMMAND, expects_prompt=True)
    assert engine.feed(b"\r\nOK\r\n\r\n> ") == [Late(COMMAND, (), OK), Prompt(COMMAND)]


def test_late_answer_of_a_question():
    engine = AtEngine()
    engine.send("AT+COPS?")
    engine.abandon()
    engine.send("AT+CSQ")
    assert engine.feed(b'\r\n+COPS: 0,2,"20601"\r\n\r\nOK\r\n\r\n+CSQ: 17,99\r\n\r\nOK\r\n') == [
        Late("AT+COPS?", ('+COPS: 0,2,"20601"',), OK),
        Response("AT+CSQ", ("+CSQ: 17,99",), OK),
    ]


def test_receipt_without_its_ok_is_returned_by_abandon():
    engine = AtEngine()
    engine.send(COMMAND, expects_prompt=True)
    engine.feed(b"\r\n> ")
    engine.payload(PDU)
    engine.feed(b"\r\n+CMGS: 7\r\n")
    assert engine.abandon() == ("+CMGS: 7",)
    assert engine.abandon() == ()


def test_escape_leaves_the_prompt_and_waits_for_the_answer():
    engine = AtEngine()
    engine.send(COMMAND, expects_prompt=True)
    engine.feed(b"\r\n> ")
    assert engine.escape() == b"\x1b"
    assert engine.feed(b"\r\nOK\r\n") == [Response(COMMAND, (), OK)]


@pytest.mark.parametrize(("line", "final"), [("OK", OK), ("+CMS ERROR: 38", CMS_38)])
def test_escape_ends_what_it_leaves_even_while_older_answers_are_due(engine, line, final):
    engine.send(COMMAND, expects_prompt=True)
    engine.escape()
    assert engine.feed(f"\r\n{line}\r\n".encode()) == [Response(COMMAND, (), final)]


def test_final_result_that_nobody_asked_for_is_dropped():
    assert AtEngine().feed(b"\r\nOK\r\n\r\nERROR\r\n") == []


def test_what_was_given_up_does_not_pile_up():
    engine = AtEngine()
    for _ in range(1000):
        engine.send("AT")
        engine.abandon()
    assert len([engine.feed(b"\r\nOK\r\n") for _ in range(8)]) == 8
    assert engine.feed(b"\r\nOK\r\n") == []


def test_restart_line_from_an_old_buffer_does_not_shift_the_answers():
    engine = AtEngine()
    engine.send("AT")
    assert len(engine.feed(b"\r\nRDY\r\n\r\nOK\r\n")) == 3  # the URC, the restart, and AT's late OK
    engine.send("AT")
    engine.feed(b"\r\nRDY\r\n")
    engine.send("AT")
    assert engine.feed(b"\r\nOK\r\n") == [Response("AT", (), OK)]
    engine.send("AT+CGSN")
    assert engine.feed(b"\r\nOK\r\n\r\n350000000000017\r\n\r\nOK\r\n") == [
        Late("AT", (), OK),
        Response("AT+CGSN", ("350000000000017",), OK),
    ]


def test_echoes_of_shifted_commands_do_not_hide_the_shift():
    engine = AtEngine()
    engine.send("AT")
    engine.abandon()
    stream = iter([b"AT\r\r\nOK\r\n", b"AT\r\r\nOK\r\n", b"ATE0\r\r\nOK\r\n"])
    for command in ("AT", "ATE0", "AT+CMEE=1"):
        engine.send(command)
        assert engine.feed(next(stream)) == [Response(command, (), OK)]
    engine.send("AT+CGSN")
    assert engine.feed(b"\r\nOK\r\n\r\n350000000000017\r\n\r\nOK\r\n")[1:] == [
        Response("AT+CGSN", ("350000000000017",), OK)
    ]


@pytest.mark.parametrize("reference", [6, 7, 255])
def test_a_receipt_from_before_the_dialogue_is_not_the_one_s_that_waits(reference):
    """The process before was killed with a submit out, or the port was opened again after submits without an answer."""
    engine = AtEngine()
    for first in (8, 9):
        start(engine, now=1000.0)
        assert engine.feed(receipt(first % 256))[-1] == Response(COMMAND, *taken(first))
    start(engine, now=1010.0)
    before = Late("", *taken(reference), submit=None)
    assert engine.feed(receipt(reference)) == [before if reference < 8 else Response(COMMAND, *taken(reference))]


@pytest.mark.parametrize(
    ("boot", "later_s"), [(b"\r\nRDY\r\n", 0.0), (b"", ANSWERED_WITHIN_S)], ids=["restarted", "late"]
)
def test_a_modem_that_counts_from_the_start_again_is_believed(boot, later_s):
    """Once it restarted, or when nothing from before the dialogue can be answered any more."""
    engine = AtEngine()
    start(engine, now=1000.0)
    engine.feed(receipt(3))
    engine.feed(boot)
    start(engine, now=1010.0 + later_s)
    assert engine.feed(receipt(0)) == [Response(COMMAND, *taken(0))]
