"""The roads of an alert are counted in one reading of its SMS, however many members: pages ask every second."""

import pytest

from db.alerts.incidents.left_out import has_no_sms, members_for, with_what_was_done
from db.engine.base import database
from tests.support.people import order, person

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.sqlite]


def test_its_sms_are_not_read_anew_for_each_member(now):
    person(1, now)
    alert = order(now)
    for query in (with_what_was_done(alert.id).where(has_no_sms(alert.id)), members_for(alert.id)):
        sql, values = query.sql()
        plan = [row[-1] for row in database.obj.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]
        assert plan
        assert not [step for step in plan if "CORRELATED" in step]
