"""After a start of the machine: is it known how long it was off?"""

import time

import pytest

from modem.daemon.clock import Boots, _is_synchronised


@pytest.fixture
def machine(tmp_path):
    """`machine(clock_s, synchronised)`: what the daemon finds; the file `boot` is the kernel's number of this boot."""
    (tmp_path / "boot").write_text("first\n")

    def found(clock_s=None, synchronised=False):
        if clock_s is not None:
            clock = tmp_path / "rtc" / "rtc0"
            clock.mkdir(parents=True, exist_ok=True)
            (clock / "since_epoch").write_text(f"{round(clock_s)}\n")
        return Boots(tmp_path, tmp_path / "boot", tmp_path / "rtc", lambda: synchronised)

    found.reboot = lambda: (tmp_path / "boot").write_text("second\n")
    return found


def test_the_first_start_of_all_left_nothing_behind(machine):
    assert not machine().downtime_is_unknown()


def test_a_daemon_that_starts_again_on_a_running_machine_knows(machine):
    machine().note()
    assert not machine().downtime_is_unknown()


def test_a_machine_without_a_clock_of_its_own_does_not_know_until_it_is_dealt_with(machine):
    machine().note()
    machine.reboot()
    assert machine().downtime_is_unknown()
    assert machine().downtime_is_unknown()
    machine().note()
    assert not machine().downtime_is_unknown()


def test_a_disk_that_does_not_take_the_note_stops_no_daemon(machine, tmp_path):
    (tmp_path / "boot-id").mkdir()
    machine().note()
    assert not machine().downtime_is_unknown()


@pytest.mark.machine_time
def test_a_clock_with_a_battery_knows(machine):
    machine().note()
    machine.reboot()
    assert not machine(clock_s=time.time()).downtime_is_unknown()


def test_a_clock_whose_battery_is_empty_does_not(machine):
    machine().note()
    machine.reboot()
    assert machine(clock_s=946_684_800).downtime_is_unknown()


def test_a_time_server_knows(machine):
    machine().note()
    machine.reboot()
    assert not machine(synchronised=True).downtime_is_unknown()


def test_the_kernel_answers():
    assert _is_synchronised() in (True, False)


@pytest.mark.machine_time
def test_an_empty_battery_that_gives_an_old_time_knows_nothing(machine):
    machine().note()
    machine.reboot()
    assert machine(clock_s=time.time()).downtime_is_unknown(clock_is_behind=True)


def test_a_daemon_that_starts_again_is_no_start_of_the_machine_whatever_the_clock(machine):
    machine().note()
    assert not machine().downtime_is_unknown(clock_is_behind=True)
