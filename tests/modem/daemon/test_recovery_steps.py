"""The steps of the recovery ladder, without a worker around them."""

from datetime import timedelta
from itertools import pairwise
from unittest.mock import Mock

import pytest

from modem import errors
from modem.daemon.policy.recovery import STEPS, Recovery


@pytest.mark.parametrize(("can_switch", "tries"), [(False, 6), (True, 8)])
def test_the_steps_go_down_and_begin_anew(now, can_switch, tries):
    """A port that cannot be switched costs no time: the modem is out of service as early as ever."""
    power_cycle = Mock(return_value=can_switch)
    recovery = Recovery("a", Mock(), Mock(), power_cycle)
    silence = errors.ModemTimeout("AT")
    states = [recovery.lost(silence, now)[0] for _ in range(tries + 3)]
    assert states == ["faulty"] * tries + ["out_of_service"] * 3
    power_cycle.assert_called_once_with()
    assert [step.action for step in STEPS] == [
        "reopen",
        "reopen",
        "restart",
        "reopen",
        "usb_reset",
        "reopen",
        "power_cycle",
        "reopen",
        "give_up",
    ]
    recovery.open_soon()
    assert recovery.lost(silence, now)[0] == "faulty"


def test_a_switch_of_power_that_fails_is_followed_by_giving_up(now):
    recovery = Recovery("a", Mock(), Mock(), Mock(side_effect=errors.PortError("no permission")))
    silence = errors.ModemTimeout("AT")
    assert [recovery.lost(silence, now)[0] for _ in range(7)] == ["faulty"] * 6 + ["out_of_service"]
    assert not recovery.may_open(now + timedelta(seconds=59))


def test_a_modem_that_a_reset_lost_gets_its_empty_port_switched_once(now):
    power_cycle = Mock(return_value=True)
    recovery = Recovery("a", Mock(), Mock(), power_cycle)
    recovery.restart(now)
    recovery.absent(now + timedelta(seconds=59))
    assert not power_cycle.called
    for seconds in (61, 62, 900):
        recovery.absent(now + timedelta(seconds=seconds))
    power_cycle.assert_called_once_with()


def test_a_modem_that_somebody_unplugged_leaves_its_port_alone(now):
    recovery = Recovery("a", Mock(), Mock(), power_cycle := Mock())
    for seconds in (0, 61, 900):
        recovery.lost(errors.PortGone("a"), now + timedelta(seconds=seconds))
    assert not power_cycle.called


def test_a_modem_that_sees_no_card_is_restarted_soon_and_then_every_ten_minutes(now):
    """Telit LE910C1 and A7670: "SIM not inserted" until a restart. It is shown as without a card all the time."""
    driver = Mock()
    recovery = Recovery("a", driver, Mock(), Mock())
    missing, restarted_at = errors.SimMissing("no SIM"), []
    for second in range(25 * 60):
        moment = now + timedelta(seconds=second)
        if recovery.may_open(moment):
            assert recovery.lost(missing, moment)[0] == "no_sim"
        if driver.reset.call_count > len(restarted_at):
            restarted_at.append(second)
            assert recovery.absent(moment)[0] == "no_sim"
    assert restarted_at[0] <= 5
    assert [later - first >= 600 for first, later in pairwise(restarted_at)] == [True, True]


def test_a_card_that_is_seen_at_the_second_look_costs_no_restart(now):
    driver = Mock()
    recovery = Recovery("a", driver, Mock(), Mock())
    for second in (0, 1, 30, 31):
        recovery.lost(errors.SimMissing("no SIM"), now + timedelta(seconds=second))
        if second % 2:
            recovery.opened(now + timedelta(seconds=second + 2))
    assert not driver.reset.called
