"""Nights of a few seeds; `make world SEEDS=1-500` has as many as one likes."""

import pytest

from tests.support.sampling import left_to_soak
from tests.world.__main__ import seeds_of
from tests.world.night import Night
from tests.world.plan import plan_of

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


@pytest.mark.parametrize("seed", [9, left_to_soak(4), 11])
def test_nothing_that_must_never_be_happens_in_a_night(seed):
    outcome = Night(plan_of(seed)).run()
    assert [str(violation) for violation in outcome.story.violations] == []


def test_the_same_seed_tells_the_same_story():
    first, second = (Night(plan_of(9)).run() for _ in range(2))
    assert first.crashes
    assert first.story.lines == second.story.lines
    assert first.taken == second.taken


def test_seeds_are_numbers_and_ranges():
    assert seeds_of(["7", "1-3"]) == [7, 1, 2, 3]
