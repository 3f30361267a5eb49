"""A few of the planted faults; `python -m tests.world.planted` looks for all of them."""

import pytest

from tests.world.planted.__main__ import FAULTS, seeds_until_found

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]
BY_NAME = {fault.name: fault for fault in FAULTS}


@pytest.mark.parametrize("name", ["a receipt is not written", "shown as sent before it went"])
def test_a_planted_fault_is_found(name):
    _seed, seen = seeds_until_found(BY_NAME[name], 8)
    assert {"receipt", "lost", "shown better", "ends"} & set(seen.split(", "))


def test_every_fault_has_a_name_of_its_own():
    assert len(BY_NAME) == len(FAULTS) >= 60
