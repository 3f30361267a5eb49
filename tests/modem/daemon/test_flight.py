"""What the flight recorder holds, and that it holds nothing else."""

import pickle
import time
from datetime import UTC, datetime, timedelta

import pytest

from db.modems import commands
from modem.daemon.records import flight_recorder
from modem.daemon.records.flight_recorder import LINES, FlightRecorder

START = datetime(2026, 11, 24, 19, 13, 5, 123_000, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def wait(self, ms: int) -> None:
        self.now += timedelta(milliseconds=ms)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def recorder(clock) -> FlightRecorder:
    return FlightRecorder("box", "a", clock)


def lines(recorder):
    return [line for line in recorder.script().splitlines() if not line.startswith("#")]


def test_both_directions_with_their_times(recorder, clock):
    recorder.hear("sent", b"AT\r")
    clock.wait(2)
    recorder.hear("read", b"\r\nOK\r\n")
    assert recorder.script().splitlines()[1:] == [
        "# 2026-11-24 UTC",
        "# 19:13:05.123",
        "> AT",
        "# 19:13:05.125",
        "< OK",
    ]


def test_lines_are_whole_whatever_the_chunks(recorder):
    for byte in b'\r\n+CLIP: "+32470001234",145\r\nRING\r\n':
        recorder.hear("read", bytes([byte]))
    recorder.hear("sent", b"AT+CP")
    recorder.hear("read", b"RING\r\n")
    recorder.hear("sent", b'IN="1234"\r')
    assert lines(recorder) == ['< +CLIP: "+324••••••34",145', "< RING", "< RING", '> AT+CPIN="••••"']


def test_a_submit_in_the_order_in_which_it_happened(recorder):
    pdu = "0031000B912374001032F4000035D8329BFD06"
    recorder.hear("sent", b"AT+CMGS=18\r")
    recorder.hear("read", b"\r\n> ")
    recorder.hear("sent", pdu.encode() + b"\x1a")
    recorder.hear("read", b"\r\n+CMGS: 7\r\n\r\nOK\r\n")
    shown = lines(recorder)
    assert [line[:6] for line in shown] == ["> AT+C", "< >", "> 0000", "< +CMG", "< OK"]
    assert "23740010" not in shown[2]


def test_noise_is_no_line(recorder):
    recorder.hear("read", b"\xff\xff\x00\r\n\x00O\xffK\r\n")
    recorder.hear("sent", b"\x1b")
    assert lines(recorder) == ["< OK"]


def test_it_holds_two_thousand_lines(recorder):
    for number in range(LINES + 500):
        recorder.hear("read", f"+CSQ: {number},99\r\n".encode())
    shown = lines(recorder)
    assert shown[-LINES:] == [f"< +CSQ: {number},99" for number in range(500, LINES + 500)]


def test_the_set_up_stays_however_long_the_port_is_open(recorder):
    for _ in range(2):
        recorder.hear("sent", b"ATE0\r")
        recorder.hear("sent", b"AT+CGMM\r")
        recorder.hear("read", b"\r\nSIM7600\r\n\r\nOK\r\n")
        for _ in range(2 * LINES):
            recorder.hear("read", b"+CSQ: 9,99\r\n")
    script = recorder.script()
    assert lines(recorder)[:4] == ["> ATE0", "> AT+CGMM", "< SIM7600", "< OK"]
    assert script.count("> ATE0") == 1
    assert script.count("lines left out") == 1


def test_a_short_recording_leaves_nothing_out(recorder):
    recorder.hear("sent", b"ATE0\r")
    recorder.hear("read", b"OK\r\n")
    assert "left out" not in recorder.script()
    assert lines(recorder) == ["> ATE0", "< OK"]


def test_nothing_unmasked_is_in_memory(recorder):
    recorder.hear("sent", b'AT+CPIN="9173"\r')
    recorder.hear("read", b'+CMT: "Jean Dupont",22\r\n07911326040000F0040B912374001032F40000621142910400')
    recorder.hear("read", b"4003C8329BFD06\r\n")
    held = pickle.dumps((recorder._last, recorder._set_up, recorder._halves))
    for secret in (b"9173", b"Dupont", b"23740010", b"C8329B"):
        assert secret not in held


def test_a_line_that_never_ends_does_not_fill_the_memory(recorder):
    for _ in range(100):
        recorder.hear("read", b"x" * 1000)
    assert len(recorder._halves["read"]) <= 4096


def test_it_is_saved_and_the_newest_stays(database, recorder, clock):
    recorder.save(START)
    assert commands.answer_to("box", "a", "transcript") is None
    recorder.hear("read", b"RING\r\n")
    recorder.save(START)
    recorder.hear("read", b"RDY\r\n")
    recorder.save(START + timedelta(seconds=1))
    saved = commands.answer_to("box", "a", "transcript")
    assert (saved.text, saved.answered_at) == (recorder.script(), START + timedelta(seconds=1))
    assert "< RDY" in saved.text


def test_a_database_that_is_away_stops_nothing(recorder, monkeypatch):
    def away(*_):
        raise flight_recorder.UNAVAILABLE[0]

    monkeypatch.setattr(flight_recorder, "save_transcript", away)
    recorder.hear("read", b"RING\r\n")
    recorder.save(START)


def test_the_worker_saves_it_when_it_closes(database, ready):
    before = ready.transcripts
    ready.worker.close()
    assert ready.transcripts == before + 1


def test_a_line_costs_little():
    recorder = FlightRecorder("box", "a")
    dialogue = [
        ("sent", b"AT+CMGS=120\r"),
        ("read", b"\r\n> "),
        ("sent", b"0031000B912374001032F4000035A0" + b"C8329BFD0685E7" * 20 + b"\x1a"),
        ("read", b"\r\n+CMGS: 7\r\n"),
        ("read", b"\r\nOK\r\n"),
    ]
    best_us = min(_cost_us(recorder, dialogue) for _ in range(30))
    print(f"{best_us:.1f} us a line")
    assert best_us < 20


def _cost_us(recorder, dialogue, rounds=40):
    began = time.perf_counter()
    for _ in range(rounds):
        for direction, data in dialogue:
            recorder.hear(direction, data)
    return (time.perf_counter() - began) / (rounds * len(dialogue)) * 1e6
