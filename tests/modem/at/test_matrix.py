"""URC × gap between lines × echo × dialect × dialogue: the events are those without the URC, plus exactly that URC.

What is ambiguous is counted apart: a URC that looks like the answer to what is being asked (`+CSQ:` during AT+CSQ).
"""

import pytest

from modem.at.commands import Final
from modem.at.engine import AtEngine
from modem.at.events import Prompt, Response, Urc
from tests.modem.at import matrix
from tests.modem.at.dialogue import COMMAND, PDU
from tests.modem.at.urc_samples import SAMPLES, wire
from tests.support.sampling import LEFT_TO_SOAK

# One of each kind: with a PDU, of a name that is asked for, with quotes, bare, a final result of calls.
KINDS = ("+CDS", "+CMT", "+CMTI", "+CREG", "+CEREG", "+CUSD", "^RSSI", "+ZEND", "NO CARRIER")


def shown(tally: matrix.Tally, at_least: int) -> None:
    """State the number of cases; fail with the first ones that are wrong."""
    print(f"{tally.cases} cases exact, {tally.ambiguous} ambiguous by nature, {len(tally.wrong)} wrong")
    assert tally.wrong[:5] == []
    assert tally.cases >= at_least


@pytest.mark.slow
def test_every_kind_of_urc_everywhere():
    shown(matrix.run(KINDS), at_least=6_000)


@pytest.mark.slow
def test_every_urc_in_a_submit():
    shown(matrix.run(matrix.HARMLESS, matrix.TALKS[:1], matrix.DIALECTS[:1]), at_least=2_000)


@pytest.mark.slow
@LEFT_TO_SOAK
@pytest.mark.parametrize("dialect", matrix.DIALECTS, ids=lambda dialect: dialect.name)
def test_every_urc_in_every_submit(dialect):
    tally = matrix.run(matrix.HARMLESS, [talk for talk in matrix.TALKS if talk.prompted], [dialect])
    shown(tally, at_least=3_000)


def test_the_dialogues_are_what_they_should_be_without_a_urc():
    for talk in matrix.TALKS:
        for dialect in matrix.DIALECTS:
            for echo in (False, True):
                for chunks in (1, 1 << 20):
                    assert talk.spoken(dialect, echo).run(chunks) == talk.events(dialect)


@pytest.mark.parametrize("outer", ["+CDS", "+CMT", "+CBM", "+CMTI", "+CDSI", "RING"])
@pytest.mark.parametrize("inner", ["^RSSI", "+CREG", "+ZEND"])
@pytest.mark.parametrize("end", [b"\r\n", b"\r\r\n"])
def test_urc_between_the_lines_of_another_one(outer, inner, end):
    """Reports and texts are told whole, also while a submit is on its way."""
    data, intruder = wire(SAMPLES[outer], end), wire(SAMPLES[inner], end)
    for at in [0, *(place + 1 for place, octet in enumerate(data) if octet == ord("\n"))]:
        engine = AtEngine()
        engine.send(COMMAND, expects_prompt=True)
        events = engine.feed(data[:at] + intruder + data[at:] + b"\r\n> ")
        assert events.count(Urc(outer, SAMPLES[outer])) == 1, at
        assert events.count(Urc(inner, SAMPLES[inner])) == 1, at
        assert events[-1] == Prompt(COMMAND)
        assert len(events) == 3, at


@pytest.mark.parametrize("name", ["+CDS", "^RSSI"])
def test_urcs_without_a_line_end_in_front_between_lines(name):
    """They cannot stand inside a line, but between any two."""
    urc = b"\r\n".join(line.encode() for line in SAMPLES[name]) + b"\r\n"
    first, second = PDU + "00", PDU + "11"
    listing = ("+CMGL: 1,1,,17", first, "+CMGL: 2,1,,17", second)
    lines = [b"\r\n", *(f"{line}\r\n".encode() for line in listing), b"\r\nOK\r\n"]
    for at in range(1, len(lines)):
        engine = AtEngine()
        engine.send("AT+CMGL=4")
        events = engine.feed(b"".join([*lines[:at], urc, *lines[at:]]))
        assert events[0] == Urc(name, SAMPLES[name])
        assert events[1:] == [Response("AT+CMGL=4", listing, Final("OK", text="OK"))], at
