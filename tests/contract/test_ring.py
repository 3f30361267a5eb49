"""Letting a telephone ring (V.250 § 6.3.1, 27.007 § 6.2): it rings, it is hung up, and SMS go on afterwards."""

import threading

import pytest

from modem.driver.dialogue import steps
from modem.errors import CommandError, ModemTimeout, PortGone
from tests.contract.bench import ANNA, nothing, part, within


def always():
    return True


@pytest.mark.needs("voice")
def test_it_rings_and_is_hung_up(bench):
    bench = bench()
    with pytest.raises(PortGone):
        bench.driver.ring(ANNA, 0.1, always)
    bench.driver.open()
    assert bench.driver.ring(ANNA, 0.1, always) == "rang"
    assert (bench.phone.calls.dialled, bench.phone.calls.dialling) == ([ANNA], "")
    bench.driver.submit(part(), nothing)
    assert bench.sent == ["Essai é€"]


@pytest.mark.needs("voice")
@pytest.mark.parametrize("name", ["e173", "e3372", "sim800", "ec25", "mf190"])
def test_every_maker_is_hung_up(bench, name):
    bench = bench(name)
    bench.driver.open()
    assert bench.driver.ring(ANNA, 0.05, always) == "rang"
    assert bench.phone.calls.dialling == ""


@pytest.mark.needs("voice")
@pytest.mark.parametrize("kind", ["call", "call-at-once"])
@pytest.mark.parametrize(
    ("word", "told"),
    [("busy", "busy"), ("carrier", "no_carrier"), ("answer", "no_answer"), ("dialtone", "no_dialtone")],
)
def test_a_call_that_ends_by_itself_is_told(bench, kind, word, told):
    bench = bench(faults=[f"{kind}:{word}"])
    bench.driver.open()
    assert bench.driver.ring(ANNA, 5, always) == told
    bench.driver.submit(part(), nothing)


@pytest.mark.needs("voice")
def test_a_modem_without_voice_refuses_and_names_no_number(bench):
    bench = bench(faults=["refuse:D"])
    bench.driver.open()
    with pytest.raises(CommandError) as refused:
        bench.driver.ring(ANNA, 5, always)
    assert str(refused.value) == "ATD: ERROR"
    bench.driver.submit(part(), nothing)


@pytest.mark.needs("voice")
def test_a_modem_that_says_nothing_is_hung_up(bench, monkeypatch):
    monkeypatch.setattr(steps, "DIAL_TIMEOUT_S", 0.1)
    bench = bench(faults=["silent:D"])
    bench.driver.open()
    with pytest.raises(ModemTimeout) as silent:
        bench.driver.ring(ANNA, 5, always)
    assert ANNA not in str(silent.value)
    bench.driver.submit(part(), nothing)
    assert bench.sent == ["Essai é€"]


@pytest.mark.needs("voice")
def test_it_stops_for_what_is_more_urgent(bench, monkeypatch):
    monkeypatch.setattr(steps, "_LOOK_EVERY_S", 0.01)
    bench = bench()
    bench.driver.open()
    answers = iter([True, True, False])
    assert bench.driver.ring(ANNA, 60, lambda: next(answers)) == "rang"
    assert bench.phone.calls.dialling == ""


@pytest.mark.needs("voice")
def test_no_submit_runs_while_it_rings(bench, monkeypatch):
    monkeypatch.setattr(steps, "_LOOK_EVERY_S", 0.01)
    bench = bench()
    bench.driver.open()
    rings = threading.Event()
    stop = threading.Event()

    def goes_on():
        rings.set()
        return not stop.is_set()

    caller = threading.Thread(target=bench.driver.ring, args=(ANNA, 60, goes_on))
    caller.start()
    assert rings.wait(30)
    sender = threading.Thread(target=bench.driver.submit, args=(part(), nothing))
    sender.start()
    sender.join(0.05)
    assert bench.sent == []
    stop.set()
    caller.join(30)
    sender.join(30)
    within(5, lambda: bench.sent == ["Essai é€"])


@pytest.mark.lacks("voice")
def test_where_no_telephone_can_be_rung(bench):
    bench = bench()
    bench.driver.open()
    with pytest.raises(CommandError):
        bench.driver.ring(ANNA, 5, always)
