"""When a card proves itself: in its half hour, each day at another moment, also when summer time comes and goes."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from rules.calendar import SPREAD, last_hour

BRUSSELS = ZoneInfo("Europe/Brussels")
FOUR = (time(4),)
CARDS = [f"20601000000{number:04}" for number in range(200)]


def local(*moment):
    return datetime(*moment, tzinfo=BRUSSELS)


@pytest.mark.parametrize("day", [(2026, 7, 1), (2026, 11, 25), (2026, 10, 25), (2026, 3, 29)])
def test_each_card_has_its_moment_in_the_half_hour_after_it(day):
    moments = [last_hour(FOUR, card, local(*day, 12)) for card in CARDS]
    assert all(local(*day, 4) <= moment < local(*day, 4) + SPREAD for moment in moments)
    assert all(moment.tzinfo is UTC for moment in moments)
    assert len(set(moments)) > 180


def test_another_moment_each_day_and_the_same_however_often_it_is_asked():
    days = [local(2026, 11, day, 12) for day in range(1, 29)]
    moments = [last_hour(FOUR, CARDS[0], day) for day in days]
    assert moments == [last_hour(FOUR, CARDS[0], day + timedelta(hours=9)) for day in days]
    assert len({moment.time() for moment in moments}) > 20


def test_until_its_moment_it_is_yesterdays():
    moment = last_hour(FOUR, CARDS[0], local(2026, 11, 25, 12))
    assert last_hour(FOUR, CARDS[0], moment) == moment
    before = last_hour(FOUR, CARDS[0], moment - timedelta(seconds=1))
    assert before.astimezone(BRUSSELS).date() == local(2026, 11, 24).date()


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25)])
def test_an_hour_that_is_left_out_or_comes_twice_is_one_moment(day):
    """Summer time leaves out 02:00 to 03:00 in March, and has it twice in October."""
    noon = local(*day, 12)
    minutes = (noon - timedelta(minutes=minute) for minute in range(14 * 60))
    seen = {last_hour((time(2, 30),), CARDS[0], minute) for minute in minutes}
    assert len({moment for moment in seen if moment.astimezone(BRUSSELS).date() == noon.date()}) == 1


def test_several_hours_and_none():
    noon, night = local(2026, 11, 25, 12), local(2026, 11, 25, 23)
    twice = (time(4), time(16))
    assert last_hour(twice, CARDS[0], noon) == last_hour(FOUR, CARDS[0], noon)
    assert last_hour(twice, CARDS[0], night).astimezone(BRUSSELS).hour == 16
    assert last_hour((), CARDS[0], noon) is None
