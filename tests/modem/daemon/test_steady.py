"""A clock that was set is told from one that goes, and from a machine that slept."""

from datetime import timedelta

import pytest

from modem.daemon.clock import ClockWatch

DAY = timedelta(days=1)


def seconds(count):
    return timedelta(seconds=count)


@pytest.mark.parametrize("passed_s", [0.03, 5.0, 8 * 3600.0])
def test_time_that_passes_is_no_jump(now, passed_s):
    assert ClockWatch(now, 100.0).jump(now + seconds(passed_s), 100.0 + passed_s) is None


def test_a_time_server_s_correction_is_none_either(now):
    watched = ClockWatch(now, 100.0)
    for step in range(1, 50):
        assert watched.jump(now + seconds(step * 1.5), 100.0 + step) is None


@pytest.mark.parametrize("jump", [DAY, -DAY, seconds(10), seconds(-10)])
def test_a_jump_is_told_until_it_is_written_down(now, jump):
    watched = ClockWatch(now, 100.0)
    assert watched.jump(now + jump + seconds(1), 101.0) == jump
    assert watched.jump(now + jump + seconds(2), 102.0) == jump
    watched.written_down()
    assert watched.jump(now + jump + seconds(3), 103.0) is None


def test_a_jump_there_and_back_while_nothing_could_be_written(now):
    watched = ClockWatch(now, 100.0)
    assert watched.jump(now + DAY, 100.0) == DAY
    assert watched.jump(now, 100.0) is None
