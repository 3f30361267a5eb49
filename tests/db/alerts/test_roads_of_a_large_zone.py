"""The roads of an alert are counted in one reading of its SMS, however many members: pages ask every second."""

import pytest

from db.alerts.incidents.left_out import has_no_sms, with_what_was_done
from db.alerts.incidents.meant import members_for
from db.alerts.incidents.roads import roads
from db.alerts.progress.counts import has_told, is_being_mailed
from db.alerts.progress.progress import progress
from db.engine.base import database
from db.models.broadcasts import Broadcast
from tests.support.people import order, person

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.sqlite]


def _plan(sql, values):
    return [row[-1] for row in database.obj.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]


def test_its_sms_are_not_read_anew_for_each_member(now):
    person(1, now)
    alert = order(now)
    members = members_for(alert.id)
    for query in (with_what_was_done(members, alert.id).where(has_no_sms(alert.id)), members):
        plan = _plan(*query.sql())
        assert plan
        assert not [step for step in plan if "CORRELATED" in step]


def test_no_table_is_read_whole(now, monkeypatch):
    """The list of alerts counts twenty-five at a time, of a zone that may have 50,000 members."""
    person(1, now)
    shown = progress(order(now).id, now)
    run, queries = database.obj.execute_sql, []

    def noted(sql, params=None):
        queries.append((sql, params))
        return run(sql, params)

    with monkeypatch.context() as patch:
        patch.setattr(database.obj, "execute_sql", noted)
        roads(shown)
        is_being_mailed(shown.id)
    assert any('"member"' in sql for sql, _params in queries)
    assert any('"mail"' in sql for sql, _params in queries)
    for sql, params in queries:
        whole = [step for step in _plan(sql, params) if step.startswith("SCAN") and step != "SCAN CONSTANT ROW"]
        assert not whole, sql


def test_whether_anybody_was_told_is_asked_of_the_mails_and_calls_and_not_of_the_members(now):
    """Of an alert that no phone has, pages and jobs ask it again and again."""
    person(1, now)
    alert = order(now)
    plan = _plan(*Broadcast.select(Broadcast.id).where(Broadcast.id == alert.id, has_told(Broadcast.id)).sql())
    assert plan
    assert not [step for step in plan if step.startswith("SCAN")]
