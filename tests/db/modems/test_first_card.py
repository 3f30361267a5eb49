"""The first card that a box ever had is accepted by itself, and no other, however many modems start at once."""

from functools import partial

from db.modems.sims import apply_seen, waiting_cards
from tests.support.hosts import at_once


def test_of_cards_that_come_first_together_one_is_accepted(database, now):
    hosts = [f"host{number}" for number in range(4)]
    seen = [partial(apply_seen, host, "m", f"35000{host}", f"20601{host}", None, now) for host in hosts]
    assert sorted(map(str, at_once(*seen))) == ["True", "done", "done", "done"]
    assert len(waiting_cards()) == 3
