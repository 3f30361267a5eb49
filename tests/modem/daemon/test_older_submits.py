"""What a modem was handed before its port was opened, and may answer still: it is listened to first."""

import pytest

from db.models.broadcasts import Attempt
from modem import errors
from modem.daemon.records.status import NoPort
from modem.daemon.worker import past
from modem.driver.base.interface import LateReceipt, OlderReceipt
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


def told(bench):
    """What the last opening was told to listen for: (the age of each, the reference before)."""
    before = bench.driver.before[-1]
    return ([submit.age_s for submit in before.submits], before.reference) if before and before.submits else None


@pytest.mark.parametrize(("settings", "listens"), [({}, ([3.0], None)), ({"driver": "modemmanager"}, None)])
def test_after_a_crash_a_modem_is_listened_to_at_once(after_silence, settings, listens):
    """ModemManager keeps the dialogue, and knows whose result it is."""
    again = Bench(after_silence(**settings).clock.now, **settings)
    again.step(3)
    assert told(again) == listens
    assert goes_on(again)


def test_after_45_seconds_nothing_is_listened_for(after_silence):
    again = Bench(after_silence().clock.now)
    again.step(45)
    assert told(again) is None
    assert goes_on(again)


def test_without_an_open_submit_nothing_is_listened_for(bench, now):
    bench.run()
    person(1, now)
    order(now)
    bench.run()
    again = Bench(bench.clock.now)
    again.step()
    assert told(again) is None
    before = again.driver.before[-1]
    assert (before.submits, before.reference, before.since) == ((), 1, 1)  # the count goes on


def test_the_reference_before_is_told_with_its_distance(after_silence, now):
    bench = after_silence()
    assert goes_on(bench)  # 2 has a reference
    person(3, now)
    order(bench.clock.now, again=True)
    silence = errors.SubmitUnconfirmed(9)
    bench.driver.trouble[mobile(3)], bench.driver.after = [silence], {silence}
    bench.run()
    again = Bench(bench.clock.now)
    again.step()
    before = again.driver.before[-1]
    assert (before.reference, before.since, before.is_blocked) == (len(bench.driver.taken), 1, True)


def test_what_the_modem_answered_after_all_is_sent_with_its_reference(after_silence):
    again = Bench(after_silence().clock.now)
    opened = again.driver.open

    def heard(before):
        again.driver.events.append(OlderReceipt(201, before.submits[0].submit))
        return opened(before)

    again.driver.open = heard
    again.step()
    again.run()
    row = Attempt.select().where(Attempt.reference == 201).get()
    assert (row.outcome, row.reason, row.part.state) == ("sent", "restart", "sent")
    # That is no sign that this modem answers anything else before its submit is over.
    later = past.before("box", "a", None, again.clock.now)
    assert (later.submits, later.is_blocked) == ((), True)


def test_a_modem_whose_results_came_late_is_known_for_it(bench, now):
    silences = errors.SubmitUnconfirmed(15, 1), errors.SubmitUnconfirmed(15, 2)
    for number, silence in enumerate(silences):
        person(number, now)
        bench.driver.trouble[mobile(number)] = [silence]
    bench.driver.after = set(silences)
    order(now)
    bench.run()
    bench.driver.events.append(LateReceipt(7, 1))
    bench.run()
    again = Bench(bench.clock.now)
    again.step()
    assert not again.driver.before[-1].is_blocked


def test_a_refusal_after_the_pdu_is_an_answer(after_silence):
    """What the modem said itself is not listened for again."""
    again = Bench(after_silence(cause=errors.CmsError("AT+CMGS", 500)).clock.now)
    again.step()
    assert told(again) is None


def test_while_it_is_listened_to_its_row_says_why(after_silence):
    again, seen = Bench(after_silence().clock.now), []
    opened = again.driver.open

    def looks(before):
        seen.append((again.card().state, again.card().sentence))
        return opened(before)

    again.driver.open = looks
    again.step()
    ((state, sentence),) = seen
    assert state == "starting"
    assert "SMS précédent" in sentence


@pytest.fixture(params=[lambda: False, raises(NoPort("absent", coded("unplugged")))], ids=["path", "looked for"])
def is_out(request):
    """As the worker learns that there is no port: of a path, or of a stick that the probe looks for."""
    return request.param


def test_a_modem_without_a_port_at_first_is_given_that_time_too(after_silence, is_out):
    """Where a stick is looked for, no port is known when the daemon starts: that is no sign of a restart."""
    again = Bench(after_silence().clock.now)
    is_there, again.worker._present = again.worker._present, is_out
    again.step()
    again.worker._present = is_there
    again.step(1)
    assert told(again) == ([1.0], None)


def test_a_stick_that_was_out_has_restarted_and_answers_nothing(after_silence, is_out):
    bench = after_silence(cause=errors.PortGone("/dev/x"))
    is_there, bench.worker._present = bench.worker._present, is_out
    bench.step(1)
    bench.worker._present = is_there
    bench.step(1)
    assert goes_on(bench)
    assert told(bench) is None


def test_a_restart_is_remembered_when_the_card_is_read_at_the_second_try_only(after_silence):
    bench = after_silence(cause=errors.PortGone("/dev/x"))
    bench.present = False
    bench.step(1)
    bench.present = True
    bench.driver.opening = [errors.ModemTimeout("AT")]
    for _ in range(5):
        bench.step(1)
    assert goes_on(bench)
    assert told(bench) is None
