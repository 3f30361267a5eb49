"""The daemon's lock: beside the file, lost with the server, and what the seats do meanwhile."""

import os
import threading
import time
from unittest.mock import MagicMock

import pytest

from base.settings.values import DatabaseSettings, ModemSettings, Settings
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.engine.base import database
from db.engine.connection import UNAVAILABLE, Taken, alone, connected
from db.models.broadcasts import Attempt, Part
from modem.daemon import daemon, worker_threads
from modem.daemon.worker_threads import ModemThreads
from tests.support.people import order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path / "config.ini", tmp_path, database=DatabaseSettings("sqlite:///plp.db", "box"))


class Lock:
    def __init__(self):
        self.held, self.answer = True, True

    def is_held(self):
        return self.held

    def take(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        self.held = self.answer
        return self.answer


class Worker:
    """Steps as often as it is let; `trouble` is raised once."""

    def __init__(self):
        self.steps, self.trouble, self.put_back_for = 0, None, []

    def step(self, now):
        self.steps += 1
        trouble, self.trouble = self.trouble, None
        if trouble:
            raise trouble
        return False

    def idle_s(self, now):
        return 0.001

    def put_back(self, reason):
        self.put_back_for.append(reason)

    def close(self):
        pass


@pytest.fixture
def stop():
    """An end that nobody waits for a second to look at."""
    event = threading.Event()
    wait = event.wait
    event.wait = lambda timeout=None: wait(min(timeout or 0.001, 0.001))
    return event


@pytest.fixture
def house(tmp_path, stop):
    """One seat with a stand-in for its worker, running."""
    made = ModemThreads(
        "box", Settings(tmp_path / "config.ini", tmp_path, modems=(ModemSettings("a", "/dev/x"),)), stop, print
    )
    (made.seat,) = made._threads
    made.seat.worker = Worker()
    made.start()
    yield made
    stop.set()
    made.join(10)
    assert not made.seat.thread.is_alive()


def until(holds):
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.001)


def goes_on(house):
    before = house.seat.worker.steps
    until(lambda: house.seat.worker.steps > before)
    return True


@pytest.mark.sqlite
def test_a_second_daemon_is_refused(settings):
    with alone("modem", settings, database.obj) as lock:
        assert lock.is_held()
        with pytest.raises(Taken) as taken, alone("modem", settings, database.obj):
            pass
        assert taken.value.pid == str(os.getpid())
    with alone("modem", settings, database.obj):
        pass


class Compared:
    """A witness that has compared the database, or waits for another machine to do it."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def may_send(self):
        return self.answers[0]

    def has_compared(self):
        return True


def compare_by(monkeypatch, look):
    monkeypatch.setattr(daemon, "_compare", lambda witness, host: look(witness))


def test_without_the_lock_nothing_is_taken_up(house, monkeypatch):
    lock, looks = Lock(), []
    compare_by(monkeypatch, lambda witness: looks.append(house.seat.worker.steps))
    assert goes_on(house)
    lock.held, lock.answer = False, UNAVAILABLE[0]("away")
    with pytest.raises(UNAVAILABLE):
        daemon._hold(lock, house, Compared(True), "box")
    time.sleep(0.005)
    before = house.seat.worker.steps
    time.sleep(0.01)
    assert house.seat.worker.steps == before
    assert looks == []
    lock.answer = True
    daemon._hold(lock, house, Compared(True), "box")
    assert looks == [before]  # the server may have come back with an older database
    assert goes_on(house)


def test_a_lock_that_another_took_ends_this_daemon(house):
    lock = Lock()
    lock.held = lock.answer = False
    with pytest.raises(RuntimeError, match="another daemon"):
        daemon._hold(lock, house, Compared(True), "box")


def test_a_daemon_that_ends_waits_for_what_its_modems_told(house, settings, stop, now, monkeypatch):
    """Another has its lock; the server, which says so, also takes the receipt that came while it was away."""
    sender = ready_modem("a", now)
    person(1, now)
    order(now)
    claim = claim_part(sender, now)
    mark_pdu_started(claim, now)
    begun = threading.Event()

    def write():
        begun.set()
        until(stop.is_set)
        return mark_sent(claim, 7, sender, now)

    lock = Lock()
    lock.held = lock.answer = False
    for name in ("_recover", "_compare", "Arrivals"):
        monkeypatch.setattr(daemon, name, MagicMock())
    monkeypatch.setattr(daemon, "ModemThreads", lambda *_: house)
    house.seat.worker.step = lambda now: house.seat._persist(write)
    until(begun.is_set)
    with pytest.raises(RuntimeError, match="another daemon"):
        daemon.run(settings, database.obj, lock, stop, print)
    assert not house.seat.thread.is_alive()
    assert [part.state.value for part in Part.select()] == ["sent"]


def test_nothing_is_taken_up_before_the_other_machines_have_compared(house, monkeypatch):
    lock, witness = Lock(), Compared(False, False, True)
    compare_by(monkeypatch, lambda witness: witness.answers.pop(0))
    daemon._hold(lock, house, witness, "box")
    time.sleep(0.005)
    before = house.seat.worker.steps
    time.sleep(0.01)
    assert house.seat.worker.steps == before
    daemon._hold(lock, house, witness, "box")
    assert goes_on(house)


def test_a_claim_that_was_taken_and_not_confirmed_is_given_back(house, now):
    """The COMMIT reached the server and its answer did not reach us: nobody holds the claim."""
    sender = ready_modem("a", now)
    person(1, now)
    order(now)
    claim_part(sender, now)
    house.seat.worker.trouble = UNAVAILABLE[0]("the connection was lost")
    house.wake()
    until(lambda: house.seat.worker.put_back_for)
    until(lambda: not house.seat._unsure)
    assert house.seat.worker.put_back_for == ["database"]
    assert [part.state.value for part in Part.select()] == ["queued"]
    assert [attempt.outcome for attempt in Attempt.select()] == ["released"]


def test_a_result_is_kept_until_it_can_be_written(house, now, monkeypatch):
    """However long that takes; then the seat makes sure of its claims."""
    monkeypatch.setattr(worker_threads.random, "uniform", lambda *_: 0.0)
    sender = ready_modem("a", now)
    person(1, now)
    order(now)
    claim = claim_part(sender, now)
    mark_pdu_started(claim, now)
    failures = [UNAVAILABLE[0]("away")] * 3

    def write():
        if failures:
            raise failures.pop()
        return mark_sent(claim, 7, sender, now)

    with connected():
        house.seat._persist(write)
        assert house.seat._persist(lambda: mark_sent(claim, 7, sender, now)) is None  # the claim is settled: nobody's
    assert [part.state.value for part in Part.select()] == ["sent"]


def test_a_result_is_tried_once_more_after_the_end_of_the_daemon(house, stop, monkeypatch):
    """A try that began while the server was away says nothing of the moment in which it is back."""
    monkeypatch.setattr(worker_threads.random, "uniform", lambda *_: 0.0)
    tries = []

    def write():
        tries.append(stop.is_set())
        stop.set()
        if len(tries) == 1:
            raise UNAVAILABLE[0]("away")
        return "written"

    with connected():
        assert house.seat._persist(write) == "written"
        assert tries == [False, True]
        tries.clear()
        with pytest.raises(UNAVAILABLE):
            house.seat._persist(write)
        assert tries == [True]
