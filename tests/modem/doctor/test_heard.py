"""What a transcript tells, whoever made it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem.daemon.records.flight_recorder import FlightRecorder
from modem.doctor.checks.transcript_facts import heard
from modem.sim.tpdu import make_report, read_submit
from modem.sms.submit import encode_submit
from tests.modem.sms.examples import parts_of

START = datetime(2026, 11, 24, 19, 13, 5, tzinfo=UTC)


def script(*lines: str, every_ms: int = 10) -> str:
    """`> …` and `< …` as a flight recorder would have written them."""
    now = [START]

    def clock() -> datetime:
        now[0] += timedelta(milliseconds=every_ms)
        return now[0]

    recorder = FlightRecorder("box", "a", clock)
    for line in lines:
        data = f"{line[2:]}\r\n".encode()
        recorder.hear("sent" if line[0] == ">" else "read", data)
    return recorder.script()


def asked(command: str, *answer: str, final: str = "OK") -> tuple[str, ...]:
    return (f"> {command}", *(f"< {line}" for line in answer), f"< {final}")


def test_nothing_was_heard():
    assert heard("").registration == {}
    assert heard("# plp-alerte\n").smsc is None


@pytest.mark.parametrize(
    ("lines", "field", "value"),
    [
        (asked("AT+CREG?", '+CREG: 2,3,"00C3","0000A1B2"'), "registration", {"+CREG": 3}),
        ((*asked("AT+CEREG?", "+CEREG: 2,1"), "< +CEREG: 2"), "registration", {"+CEREG": 2}),
        (asked("AT+CSQ", "+CSQ: 3,99"), "signal_dbm", -107),
        (asked("AT+CSQ", "+CSQ: 99,99"), "signal_dbm", None),
        (asked("AT+CSCA?", '+CSCA: "+32475161616",145'), "smsc", "+32475161616"),
        (asked("AT+CSCA?", '+CSCA: "",129'), "smsc", ""),
        (asked("AT+CGSMS?", "+CGSMS: 0"), "bearer", 0),
        (asked("AT+CIREG?", "+CIREG: 0,0"), "ims", "none"),
        (asked("AT+CNMI=2,1,2,1,0"), "reports", True),
        (asked("AT+CNMI=2,1,2,1,0", final="+CMS ERROR: 303") + asked("AT+CNMI=2,1,0,2,0"), "reports", True),
        (asked("AT+CNMI=2,1,2,1,0", final="ERROR") + asked("AT+CNMI=2,1,0,0,0"), "reports", False),
        (asked("AT+CNMI=2,1,2,1,0", final="ERROR"), "reports", False),
        (asked("AT+CNMI=?", "+CNMI: (2),(1),(0),(0),(0)"), "reports", None),
        (asked("AT+CNMI=?", final="ERROR") + asked("AT+CNMI=2,1,0,1,0"), "reports", True),
        (("< UNDER-VOLTAGE WARNNING",), "under_voltage", True),
        (("< OVER-VOLTAGE WARNNING",), "under_voltage", False),
        (("< RDY", "< +CFUN: 1", "< RDY"), "restarts", 2),
        (asked("AT+CMGS=20", final="+CMS ERROR: 350") * 2, "refusals", {350: 2}),
    ],
)
def test_each_thing_that_is_told(lines, field, value):
    assert getattr(heard(script(*lines)), field) == value


def test_codes_have_their_time_and_what_was_taken_since_makes_them_past():
    refused = asked("AT+CMGS=20", final="+CMS ERROR: 21")
    taken = ("> AT+CMGS=20", "< +CMGS: 7", "< OK")
    found = heard(script(*refused, *asked("AT+CSQ", "+CSQ: 20,99"), every_ms=1000))
    assert found.refused_at == {21: START + timedelta(seconds=2)}
    assert (found.taken_at, found.still_refused(frozenset({21, 28}))) == (None, [21])
    assert heard(script(*refused, *taken)).still_refused(frozenset({21})) == []
    assert heard(script(*taken, *refused)).still_refused(frozenset({21})) == [21]


@pytest.mark.parametrize("command", ["AT+CFUN=1,1", "AT^RESET"])
def test_a_restart_that_was_asked_for_is_no_failure_of_power(command):
    asked_for = (*asked(command), "< RDY", "< ^SYSSTART")
    assert heard(script(*asked_for * 3)).restarts == 0
    by_itself = (*asked("AT"), "< RDY")
    assert heard(script(*asked_for, *asked("AT") * 20, *by_itself, every_ms=3000)).restarts == 1


def test_the_last_set_up_counts():
    refused = asked("AT+CNMI=2,1,2,1,0", final="ERROR")
    taken = asked("AT+CNMI=2,1,2,1,0")
    assert heard(script(*asked("ATE0"), *refused, *asked("ATE0"), *taken)).reports is True
    assert heard(script(*asked("ATE0"), *taken, *asked("ATE0"), *refused)).reports is False
    assert heard(script(*asked("ATE0"), *taken, *asked("ATE0"))).reports is True


def test_a_urc_inside_an_answer_is_no_answer():
    found = heard(script("> AT+CSQ", "< +CREG: 3", "< +CSQ: 20,99", "< OK"))
    assert (found.signal_dbm, found.registration) == (-73, {"+CREG": 3})


def report(discharged_at: datetime) -> str:
    submit = read_submit(bytes.fromhex(encode_submit(parts_of("x")[0]))[1:])
    stamp = discharged_at.timestamp()
    return "0791231407099999" + make_report(submit.address, 7, 0, stamp - 3, stamp).hex().upper()


@pytest.mark.parametrize(
    ("ages_s", "ahead_s"),
    [
        ((-600,), -600),
        ((7200,), None),
        ((7200, 3600, 900), 900),
        ((7200, 3600, 1), 1),
    ],
)
def test_reports_tell_the_time(ages_s, ahead_s):
    lines = []
    for age in ages_s:
        lines += ["< +CDS: 25", "< " + report(START - timedelta(seconds=age))]
    found = heard(script(*lines, every_ms=0)).clock_ahead
    assert found == (None if ahead_s is None else timedelta(seconds=ahead_s))


@pytest.mark.slow
@given(st.lists(st.text(alphabet="<> #AT+CREG:?=0123456789,OK\n-", max_size=30), max_size=30))
def test_nothing_that_was_written_breaks_it(lines):
    heard("# 2026-11-24 UTC\n# 19:13:05.123\n" + "\n".join(lines))
