"""Any chunking, any line end, any garbage: the same events."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modem.at.commands import Final
from modem.at.engine import AtEngine
from modem.at.events import Prompt, Response
from modem.at.urcs import URCS
from tests.modem.at.dialogue import COMMAND, cmgs
from tests.modem.at.urc_samples import SAMPLES, wire

OK = Final("OK", text="OK")
QUIET = [Prompt(COMMAND), Response(COMMAND, ("+CMGS: 123",), OK)]
GARBAGE = st.sampled_from([b"\x00", b"\xff", b"\x00\xff\x00", b"\x08", b"\x1a", b"\x1b"])


@pytest.mark.parametrize("echo", [False, True])
@pytest.mark.parametrize("prompt", [b"> ", b">"])
def test_one_byte_at_a_time(echo, prompt):
    assert cmgs(echo=echo, prompt=prompt).run(1) == QUIET


@pytest.mark.slow
@settings(deadline=None)
@given(
    chunks=st.lists(st.integers(1, 9), min_size=1),
    inserted=st.lists(st.tuples(st.integers(0, 200), st.sampled_from(sorted(SAMPLES.values())))),
    echo=st.booleans(),
)
def test_chunking_does_not_matter(chunks, inserted, echo):
    dialogue = cmgs(echo=echo)
    for at, lines in inserted:
        dialogue = dialogue.with_inserted(min(at, dialogue.length), wire(lines))
    assert dialogue.run(chunks) == dialogue.run()


@pytest.mark.slow
@settings(deadline=None)
@given(data=st.lists(st.sampled_from([b"\r", b"\n", b">", b" ", b"OK", b"+CMGS: 1", b"+CDS: 2", b"00", b"\xff"])))
def test_chunking_does_not_matter_in_nonsense(data):
    stream = b"".join(data)
    whole, dribbled = AtEngine(), AtEngine()
    for engine in (whole, dribbled):
        engine.send(COMMAND, expects_prompt=True)
    assert whole.feed(stream) == [event for byte in stream for event in dribbled.feed(bytes([byte]))]


@pytest.mark.slow
@settings(deadline=None)
@given(noise=st.lists(st.tuples(st.integers(0, 60), GARBAGE)), echo=st.booleans())
def test_garbage_between_the_bytes(noise, echo):
    dialogue = cmgs(echo=echo)
    for at, data in noise:
        dialogue = dialogue.with_inserted(min(at, dialogue.length), data)
    assert dialogue.run() == QUIET


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_raise(data):
    engine = AtEngine()
    engine.send("AT+CREG?")
    engine.feed(data)
    engine.abandon()
    engine.send(COMMAND, expects_prompt=True)
    engine.feed(data)


def test_cr_cr_lf_line_ends():
    engine = AtEngine()
    engine.send("AT+CSQ")
    assert engine.feed(b"\r\r\n+CSQ: 17,99\r\r\n\r\r\nOK\r\r\n") == [Response("AT+CSQ", ("+CSQ: 17,99",), OK)]


def test_a_line_without_end_is_bounded_and_forgotten():
    engine = AtEngine()
    engine.send("AT")
    assert engine.feed(b"U" * 100_000) == []
    assert engine.feed(b"\r\nOK\r\n")[-1].final == OK


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_prompt_before_a_line_without_end(size):
    engine = AtEngine()
    engine.send(COMMAND, expects_prompt=True)
    data = b"> " + b"U" * 4096
    events = [event for at in range(0, len(data), size) for event in engine.feed(data[at : at + size])]
    assert events == [Prompt(COMMAND)]
    engine.feed(b"\r\n")
    assert engine.abandon() == ("U" * 4095,)  # with the blank, the longest line


@pytest.mark.parametrize("start", [b"x", b"+CDS:", b'+CUSD: 0,"', b"+CMTI: "])
def test_a_line_that_is_cut_again_and_again_is_bounded(start):
    engine = AtEngine()
    engine.feed(b"\r\n" + start)
    for _ in range(200):
        engine.feed(b"\r\n^RSSI:1\r\n" + b"x" * 400)
    assert len(pickle.dumps(engine)) < 25_000
    engine.send("AT")
    assert engine.feed(b"\r\n\r\nOK\r\n")[-1].final == OK


def test_prompt_needs_its_command():
    engine = AtEngine()
    engine.send("AT")
    assert engine.feed(b"\r\n> \r\nOK\r\n") == [Response("AT", (), OK)]


def test_stale_prompt_is_not_the_next_command_s():
    engine = AtEngine()
    assert engine.feed(b"\r\n> ") == []
    engine.send(COMMAND, expects_prompt=True)
    assert engine.feed(b"\r\n") == []
    assert engine.feed(b"> ") == [Prompt(COMMAND)]


def test_second_prompt_sign_is_no_second_prompt():
    engine = AtEngine()
    engine.send(COMMAND, expects_prompt=True)
    assert engine.feed(b"\r\n> \r\n> ") == [Prompt(COMMAND)]


def test_error_instead_of_the_prompt():
    engine = AtEngine()
    engine.send(COMMAND, expects_prompt=True)
    assert engine.feed(b"\r\n+CMS ERROR: 304\r\n") == [Response(COMMAND, (), Final("CMS", 304, "+CMS ERROR: 304"))]
    assert engine.feed(b"\r\n> ") == []


@pytest.mark.parametrize(
    ("line", "final"),
    [
        ("OK", OK),
        ("ERROR", Final("ERROR", text="ERROR")),
        ("COMMAND NOT SUPPORT", Final("ERROR", text="COMMAND NOT SUPPORT")),
        ("+CME ERROR: 10", Final("CME", 10, "+CME ERROR: 10")),
        ("+CME ERROR: SIM not inserted", Final("CME", 10, "+CME ERROR: SIM not inserted")),
        ("+CME ERROR: something new", Final("CME", 100, "+CME ERROR: something new")),
        ("+CMS ERROR:500", Final("CMS", 500, "+CMS ERROR:500")),
        ("+CMS ERROR: Invalid PDU mode parameter", Final("CMS", 304, "+CMS ERROR: Invalid PDU mode parameter")),
        ("+CMS ERROR: ٣", Final("CMS", 500)),
    ],
)
def test_final_results(line, final):
    engine = AtEngine()
    engine.send("AT+CNMI=2,1,2,1,0")
    (event,) = engine.feed(f"\r\n{line}\r\n".encode())
    assert (event.final.kind, event.final.code) == (final.kind, final.code)


@pytest.mark.parametrize("line", ["OKAY", "NOT OK", "ERRORS", "MY ERROR", "+CMS ERROR:", "+CME ERROR", "ok then"])
def test_final_results_are_whole_lines(line):
    engine = AtEngine()
    engine.send("ATI")
    assert engine.feed(f"\r\n{line}\r\n".encode()) == []
    assert engine.feed(b"\r\nOK\r\n") == [Response("ATI", (line,), OK)]


def test_one_command_in_flight():
    engine = AtEngine()
    assert engine.send("AT") == b"AT\r"
    with pytest.raises(RuntimeError):
        engine.send("AT+CSQ")
    engine.abandon()
    with pytest.raises(RuntimeError):
        engine.payload("00")


def test_error_names_no_argument():
    error = Final("CME", 16).error('AT+CPIN="1234"')
    assert "1234" not in str(error)
    assert error.command == "AT+CPIN"


def test_a_models_own_entry_wins():
    own = AtEngine((URCS[3].__class__("+XNEW"), *URCS))
    own.send("AT")
    assert [type(event).__name__ for event in own.feed(b"\r\n+XNEW: 1\r\n\r\nOK\r\n")] == ["Urc", "Response"]
