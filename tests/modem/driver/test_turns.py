"""One at a time, by rank, and nobody is forgotten."""

import threading

import pytest

from modem.driver.dialogue.priority_lock import Rank, Turns


def until(condition):
    """Spin until it holds; a test that never gets there is stopped by pytest's time-out."""
    while not condition():
        pass


def test_who_waits_is_served_by_rank_and_then_in_order():
    turns, served, threads = Turns(), [], []

    def want(rank, name):
        with turns.taken(rank):
            served.append(name)

    with turns.taken(Rank.SUBMIT):
        for rank, name in [
            (Rank.SUBMIT, "submit"),
            (Rank.QUERY, "query"),
            (Rank.QUERY, "second query"),
            (Rank.ABORT, "abort"),
        ]:
            threads.append(threading.Thread(target=want, args=(rank, name)))
            threads[-1].start()
            until(lambda: len(turns._waiting) == len(threads))
        assert served == []
    for thread in threads:
        thread.join()
    assert served == ["abort", "query", "second query", "submit"]


def test_one_at_a_time():
    turns, inside, most = Turns(), [], []

    def work():
        for _ in range(200):
            with turns.taken(Rank.QUERY):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (set(most), len(most)) == ({1}, 800)


def test_who_waits_is_known_before_it_acts():
    turns = Turns()
    known = []
    with turns.taken(Rank.ABORT, lambda: known.append(turns.is_wanted(Rank.ABORT))):
        assert not turns.is_wanted(Rank.ABORT)
    assert known == [True]


def test_the_turn_is_given_back_after_an_error():
    turns = Turns()
    with pytest.raises(KeyError), turns.taken(Rank.SUBMIT):
        raise KeyError
    with pytest.raises(ValueError, match="meanwhile"), turns.taken(Rank.ABORT, lambda: int("meanwhile")):
        pytest.fail("was not to be taken")
    with turns.taken(Rank.QUERY):
        assert not turns.is_wanted(Rank.ABORT)
