"""The fleet of the bench: real daemons with modems that exist in memory only."""

from collections import Counter

import pytest

from db.alerts.queue.choosing import _OPEN_BROADCAST, sender_values
from db.alerts.queue.recovery import _ANY_LATE
from db.alerts.values import Sender
from db.engine import base
from db.engine.cached_queries import _all_stored
from tests.e2e.box import eventually
from tests.support.postgres import fresh_url
from tools.bench.fleet import recipients
from tools.bench.fleet.hosts import Stretch, a_home, fleet_of
from tools.bench.fleet.virtual_modem import HandOver


def test_a_claim_lasts_from_a_result_to_the_next_message_of_its_modem():
    first = [HandOver(0.0, 0.002, 2.8, "a"), HandOver(2.81, 2.82, 5.6, "b"), HandOver(5.63, 5.64, 8.4, "c")]
    stretch = Stretch(10.0, 0.1, [first, [HandOver(0.0, 0.004, 2.8, "d")], []])
    assert stretch.count == 4
    assert (stretch.claims_ms(0), stretch.claims_ms(0.99)) == (pytest.approx(10), pytest.approx(30))
    assert stretch.intents_ms(0) == pytest.approx(2)


@pytest.mark.slow
@pytest.mark.sqlite
def test_each_recipient_of_a_small_fleet_gets_one_message(tmp_path):
    with a_home(tmp_path, fresh_url()) as home, fleet_of(home, "host", hosts=2, modems=2, seconds=0.05) as fleet:
        broadcast = recipients.order(home, home.url, 60)
        fleet.start(1)
        eventually("an end", lambda: home.counts(broadcast) == {"delivered": 60})
        taken = Counter(one.msisdn for modem in fleet.handed_over() for one in modem)
    assert len(taken) == 60
    assert set(taken.values()) == {1}


@pytest.mark.slow
@pytest.mark.sqlite
def test_no_question_of_a_daemon_reads_all_parts(tmp_path, now):
    with a_home(tmp_path, fresh_url()) as home:
        recipients.order(home, home.url, 5_000)
        with home.reading():
            values = sender_values(Sender("nord", "m0", "206010000000001", simulated=False), now)
            for prepared, given in ((_OPEN_BROADCAST, {**values, "lowest_lane": 2}), (_ANY_LATE, {"now": now})):
                assert "Seq Scan on part" not in plan_of(prepared, given)


def plan_of(prepared, values):
    """As PostgreSQL would run it."""
    made = prepared._text(base.database.obj, ())
    rows = base.database.execute_sql(f"EXPLAIN {made.sql}", made.filled(_all_stored(values))).fetchall()
    return "\n".join(row[0] for row in rows)
