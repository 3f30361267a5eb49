"""The daemon starts on a machine whose clock starts at an old time: an alert ordered now goes out all the same."""

from datetime import timedelta

import pytest

from base.settings.values import DatabaseSettings, Settings
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_retry
from db.models.broadcasts import Broadcast
from db.operations.machine import behind, latest_time, note_time
from modem.daemon import daemon
from modem.daemon.clock import Boots, ClockWatch
from rules.states import Stage
from tests.support.people import order, person, ready_modem

MONTH = timedelta(days=30)
pytestmark = pytest.mark.sqlite


@pytest.fixture
def starts(database, now, monkeypatch, tmp_path):
    """Start the daemon's first look at a time, on a machine that began anew or on one that ran on."""
    settings = Settings(
        tmp_path / "config.ini", database.parent, database=DatabaseSettings("sqlite:///plp.db", host="box")
    )

    def at(when, boot):
        monkeypatch.setattr(daemon, "utc_now", lambda: when)
        (tmp_path / "boot").write_text(boot)
        monkeypatch.setattr(daemon, "Boots", lambda folder: Boots(folder, tmp_path / "boot", tmp_path, lambda: False))
        daemon._recover(settings)

    at(now, "first")
    note_time(now)
    return at


def test_a_retry_of_normal_work_does_not_wait_for_a_month(starts, now):
    person(1, now)
    sender = ready_modem("a", now)
    order(now, priority="normal")
    mark_retry(claim_part(sender, now), "CMS 42", now + timedelta(seconds=30), now)
    starts(now - MONTH, "second")
    assert claim_part(sender, now - MONTH + timedelta(minutes=1)) is not None
    left = Broadcast.get().deadline_at
    starts(now - MONTH, "second")  # a daemon that begins again moves nothing twice
    assert Broadcast.get().deadline_at == left
    daemon._follow_the_clock(ClockWatch(now - MONTH, daemon.steady_s()), now)
    assert abs(Broadcast.get().deadline_at - left - MONTH) < timedelta(seconds=5)


def test_urgent_work_of_before_waits_for_a_person(starts, now):
    person(1, now)
    ready_modem("a", now)
    order(now)
    starts(now - MONTH, "second")
    assert Broadcast.get().stage is Stage.HELD


def test_a_clock_that_is_set_back_while_the_daemon_runs_is_believed(starts, now):
    note_time(now + MONTH)
    daemon._follow_the_clock(ClockWatch(now + MONTH, daemon.steady_s()), now)
    assert latest_time() == now
    assert behind(now) is None
