"""What a modem was handed before its port was opened, and may answer still: the first new submit waits for that."""

import pytest

from modem import errors
from modem.daemon.records.status import NoPort
from rules.sentences import coded
from tests.modem.daemon.bench import Bench
from tests.modem.daemon.rungs import raises
from tests.support.people import mobile, order, person

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def after_silence(now):
    """A bench to whose modem a part went that has no result; another order waits."""

    def make(cause=None, **settings):
        bench = Bench(now, **settings)
        bench.step()
        person(1, now)
        order(now)
        silence = errors.SubmitUnconfirmed(1)
        silence.__cause__ = cause
        bench.driver.trouble[mobile(1)], bench.driver.after = [silence], {silence}
        bench.run()
        person(2, now)
        order(now, again=True)
        return bench

    return make


def goes_on(bench):
    bench.run()
    return mobile(2) in bench.driver.tried and bench.card().state == "ready"


@pytest.mark.parametrize(("settings", "waits_s"), [({}, 45), ({"driver": "modemmanager"}, 0)])
def test_after_a_crash_a_modem_is_given_time_to_answer_what_it_had(after_silence, settings, waits_s):
    """ModemManager keeps the dialogue, and knows whose result it is."""
    again = Bench(after_silence(**settings).clock.now, **settings)
    again.step()
    if waits_s:
        again.step(waits_s - 1)
        assert (again.card().state, again.driver.tried) == ("starting", [])
        assert "SMS précédent" in again.card().sentence
    again.step(2)
    assert goes_on(again)


@pytest.fixture(params=[lambda: False, raises(NoPort("absent", coded("unplugged")))], ids=["path", "looked for"])
def is_out(request):
    """As the worker learns that there is no port: of a path, or of a stick that the probe looks for."""
    return request.param


def test_while_it_waits_its_row_is_written_once(after_silence, monkeypatch):
    """Each write is one more that an SD card takes, and the page would show two sentences in turn."""
    again, written = Bench(after_silence().clock.now), []
    monkeypatch.setattr(
        "modem.daemon.worker.worker.save_modem", lambda host, name, columns, now: written.append(columns)
    )
    for _ in range(5):
        again.step(1)
    assert len(written) == 1


def test_a_modem_without_a_port_at_first_is_given_that_time_too(after_silence, is_out):
    """Where a stick is looked for, no port is known when the daemon starts: that is no sign of a restart."""
    again = Bench(after_silence().clock.now)
    is_there, again.worker._present = again.worker._present, is_out
    again.step()
    again.worker._present = is_there
    again.step(1)
    again.step(30)
    assert (again.card().state, again.driver.tried) == ("starting", [])


def test_a_stick_that_was_out_has_restarted_and_answers_nothing(after_silence, is_out):
    bench = after_silence(cause=errors.PortGone("/dev/x"))
    is_there, bench.worker._present = bench.worker._present, is_out
    bench.step(1)
    bench.worker._present = is_there
    bench.step(1)
    assert goes_on(bench)


def test_a_restart_is_remembered_when_the_card_is_read_at_the_second_try_only(after_silence):
    bench = after_silence(cause=errors.PortGone("/dev/x"))
    bench.present = False
    bench.step(1)
    bench.present = True
    bench.driver.opening = [errors.ModemTimeout("AT")]
    for _ in range(5):
        bench.step(1)
    assert goes_on(bench)
