"""Once per day: across hosts, restarts, and the two days of the year that have 23 and 25 hours."""

from datetime import UTC, datetime, time, timedelta

import pytest

from db.operations.retention import forget_records
from db.operations.runs import CUT_SHORT, claim_run, due_slot, last_run, mark_run_done
from tests.support.people import later

SEVEN = time(7)
HALF_PAST_TWO = time(2, 30)


@pytest.mark.usefixtures("database")
def test_one_host_takes_a_slot_and_the_others_do_not(now):
    assert claim_run("daily", "2026-11-24", "box", now)
    assert not claim_run("daily", "2026-11-24", "box", later(now, 1))
    assert not claim_run("daily", "2026-11-24", "other", later(now, 1))
    assert claim_run("daily", "2026-11-25", "other", later(now, 1))
    assert claim_run("plan_b/box", "2026-11-24", "box", later(now, 1))
    assert last_run("daily") is None
    mark_run_done("daily", "2026-11-24", "3 mails", later(now, 2))
    assert (last_run("daily").slot, last_run("daily").outcome) == ("2026-11-24", "3 mails")
    assert not claim_run("daily", "2026-11-24", "box", later(now, 86400))


@pytest.mark.usefixtures("database")
def test_a_run_that_a_crash_cut_short_is_taken_up_later(now):
    assert claim_run("daily", "2026-11-24", "box", now)
    assert not claim_run("daily", "2026-11-24", "other", now + CUT_SHORT)
    assert claim_run("daily", "2026-11-24", "other", now + CUT_SHORT + timedelta(seconds=1))


@pytest.mark.usefixtures("database")
def test_old_runs_are_forgotten(now):
    claim_run("daily", "2026-11-23", "box", now - timedelta(days=1))
    claim_run("daily", "2026-11-24", "box", now)
    assert forget_records(now) == 1


@pytest.mark.parametrize(
    ("at", "utc", "slot"),
    [
        (SEVEN, datetime(2026, 11, 24, 5, 59, 59, tzinfo=UTC), None),
        (SEVEN, datetime(2026, 11, 24, 6, 0, tzinfo=UTC), "2026-11-24"),
        (SEVEN, datetime(2026, 7, 1, 5, 0, tzinfo=UTC), "2026-07-01"),
        (SEVEN, datetime(2026, 11, 24, 22, 59, tzinfo=UTC), "2026-11-24"),
        (SEVEN, datetime(2026, 11, 24, 23, 30, tzinfo=UTC), None),
    ],
)
def test_the_wall_clock_of_belgium_decides(at, utc, slot):
    assert due_slot(at, utc) == slot


@pytest.mark.parametrize("start", [datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)])
@pytest.mark.parametrize("at", [SEVEN, HALF_PAST_TWO, time(0), time(23, 59)])
def test_each_day_has_its_slot_also_when_the_clocks_change(start, at):
    """Three days in minutes, over a night that skips or repeats 02:30."""
    seen = [slot for minute in range(3 * 24 * 60) if (slot := due_slot(at, start + timedelta(minutes=minute)))]
    days = sorted(set(seen))
    assert len(days) in (3, 4)
    assert seen == sorted(seen)
    first = datetime.fromisoformat(days[0]).date()
    assert days == [(first + timedelta(days=n)).isoformat() for n in range(len(days))]
