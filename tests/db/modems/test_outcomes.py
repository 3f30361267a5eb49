"""What became of a modem's SMS in a day: the rates of refusals and of those without an answer."""

from datetime import timedelta

import pytest

from db.modems.status import Outcomes, outcomes
from tests.support.outcomes import send

pytestmark = pytest.mark.usefixtures("database")


def test_a_rate_counts_parts_of_a_day_and_no_dead_numbers(now):
    send(now, ["sent"] * 4 + ["CMS 38", "ERROR", "CMS 1", "modem_lost", "unconfirmed"])
    counted = outcomes("box", "a", now)
    assert counted == Outcomes(tried=7, refused=2, unconfirmed=1)
    assert counted.share(counted.refused) == pytest.approx(2 / 7)
    assert counted.share(counted.unconfirmed) == pytest.approx(1 / 7)
    assert outcomes("box", "a", now + timedelta(days=2)) == outcomes("box", "b", now) == Outcomes()


@pytest.mark.parametrize(
    ("tried", "refused", "unconfirmed", "is_bad"),
    [(0, 0, 0, False), (40, 12, 0, True), (40, 0, 12, True), (40, 4, 4, True), (40, 7, 0, False), (6, 4, 0, False)],
)
def test_many_are_a_fifth_and_five(tried, refused, unconfirmed, is_bad):
    assert Outcomes(tried, refused, unconfirmed).is_bad is is_bad
