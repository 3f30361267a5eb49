"""Who writes in bulk lets in who waits, and is never kept by them for good."""

import threading
import time

import pytest

from db.engine import connection, write_fairness
from db.engine.connection import Pace, connected, going_first, in_chunks, writing
from db.engine.write_fairness import Flag, WriteFairness
from db.models.people import Neighbourhood
from tests.support.people import place


@pytest.fixture
def bulk(tmp_path, monkeypatch):
    monkeypatch.setattr(write_fairness, "PATIENCE_S", 0.01)
    monkeypatch.setattr(write_fairness, "PATIENCE_WITH_ORDERS_S", 0.03)
    return WriteFairness(tmp_path / "plp.db")


def gave_way_s(bulk, **options):
    began = time.monotonic()
    bulk.give_way(**options)
    return time.monotonic() - began


def test_nobody_waits_and_nothing_is_waited_for(bulk):
    assert gave_way_s(bulk) < 0.005


def test_it_waits_while_another_waits_and_not_for_ever(bulk, tmp_path):
    with WriteFairness(tmp_path / "plp.db").waiting():
        assert gave_way_s(bulk) >= 0.01
    assert gave_way_s(bulk) < 0.005


def test_it_stands_still_while_an_order_is_written_and_the_order_does_not_wait_for_it(bulk, tmp_path):
    orders = WriteFairness(tmp_path / "plp.db")
    with orders.ordering():
        assert gave_way_s(bulk) >= 0.03
        assert gave_way_s(orders, to_orders=False) < 0.005
    assert gave_way_s(bulk) < 0.005


def test_several_may_wait_at_once(tmp_path):
    first, second, looking = (Flag(tmp_path / "flag") for _ in range(3))
    with first.raised():
        with second.raised():
            assert looking.is_raised()
        assert looking.is_raised()
    assert not looking.is_raised()


def test_threads_of_one_process_may_wait_at_once(tmp_path):
    own, looking = Flag(tmp_path / "flag"), Flag(tmp_path / "flag")
    with own.raised():
        with own.raised():
            pass
        assert own.is_raised()
        assert looking.is_raised()
    assert not own.is_raised()
    assert not looking.is_raised()


def test_who_looks_does_not_hold_up_who_comes(bulk, tmp_path):
    bulk.give_way()
    with WriteFairness(tmp_path / "plp.db").waiting():
        assert gave_way_s(bulk) >= 0.01


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_costs_the_fairness_only(tmp_path):
    nowhere = WriteFairness(tmp_path / "missing" / "plp.db")
    with nowhere.waiting():
        nowhere.give_way()


def test_a_transaction_takes_as_many_rows_as_fit_into_its_time(database, monkeypatch):
    monkeypatch.setattr(connection, "FIRST_CHUNK", 8)
    monkeypatch.setattr(connection, "LEAST_CHUNK", 1)
    seconds = iter([0.0, 0.001, 1.0, 1.2, 2.0, 2.01])
    monkeypatch.setattr(connection, "time", FakeTime(seconds))
    pace, sizes = Pace(), []
    for _ in range(3):
        sizes.append(pace.size)
        with pace.transaction():
            pass
    # quick: twice as many; ten times too slow: a tenth; half of its time: twice as many
    assert [*sizes, pace.size] == [8, 16, 1, 2]


def test_on_a_disk_that_is_slower_than_the_goal_a_transaction_still_takes_some_rows(database, monkeypatch):
    seconds = iter([0.0, 0.03, 1.0, 1.03, 2.0, 2.03, 3.0, 3.03])
    monkeypatch.setattr(connection, "time", FakeTime(seconds))
    pace = Pace()
    for _ in range(4):
        with pace.transaction():
            pass
    assert pace.size == 25


class FakeTime:
    def __init__(self, seconds):
        self._seconds = seconds

    def monotonic(self):
        return next(self._seconds)


def test_a_chunk_that_fails_is_undone_and_the_ones_before_stay(database, now, monkeypatch):
    monkeypatch.setattr(connection, "CHUNK", 2)
    monkeypatch.setattr(connection, "GOAL_S", 60)  # two rows each, however slow the machine is

    def change(names):
        for name in names:
            place(name, now)
        if "e" in names:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_chunks("abcdef", change)
    assert sorted(row.name for row in Neighbourhood.select()) == ["a", "b", "c", "d"]


@pytest.mark.slow
def test_another_thread_writes_between_two_chunks(database, monkeypatch):
    """On either database: the threads of one process share a lock."""
    monkeypatch.setattr(connection, "CHUNK", 1)
    begun, wrote = threading.Event(), []

    def other():
        with connected():
            begun.wait()
            with writing():
                wrote.append("other")

    def change(some):
        begun.set()
        time.sleep(0.002)
        wrote.extend(some)

    thread = threading.Thread(target=other)
    thread.start()
    in_chunks(range(300), change)
    thread.join()
    assert wrote.index("other") < 30


def test_an_order_is_not_held_up_by_bulk_writers(database, monkeypatch):
    """Its own transactions follow each other; nobody else writes much until it is there."""
    monkeypatch.setattr(connection, "CHUNK", 1)
    begun, over, meanwhile = threading.Event(), threading.Event(), []

    def bulk():
        with connected():
            in_chunks(range(100), lambda some: (begun.set(), over.is_set() or meanwhile.append(some)))

    thread = threading.Thread(target=bulk)
    thread.start()
    begun.wait()
    with going_first() as give_way:
        del meanwhile[:]
        for _ in range(20):
            with writing():
                time.sleep(0.002)
            give_way()
        over.set()
    thread.join()
    assert len(meanwhile) <= 2
