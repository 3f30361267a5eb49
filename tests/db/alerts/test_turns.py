"""Urgent alerts share the modems: a small one does not wait for the whole of a large one."""

from collections import Counter
from datetime import timedelta

import pytest

from db.alerts.progress.progress import progress
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_released, mark_sent, mark_sent_and_claim
from db.alerts.queue.reports import apply_report
from db.engine import base
from db.engine.change_feed import commit_watch
from db.engine.connection import is_postgres_database
from db.modems.budgets import apply_configured, count_sent
from db.modems.forecast import USUAL_SECONDS, forecast
from db.people.audience import Audience
from plp.services.contract_json import progress_shape
from rules.orders.budgets import Limits
from tests.db.alerts.reporting import A, B, report
from tests.support.people import LONG, Text, cancel_broadcast, later, mobile, order, people, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

FLOOD, FIRE = Text("Inondation"), Text("Incendie")


def send(sender, now, number=1):
    """Send so many, one second each; the broadcasts in the order in which they went out."""
    out = []
    for at in range(number):
        claim = claim_part(sender, later(now, at))
        mark_pdu_started(claim, later(now, at))
        mark_sent(claim, at, sender, later(now, at + 1))
        out.append(claim.broadcast_id)
    return out


@pytest.fixture
def both(now, modem):
    """A flood for twenty, three of which have it, and then a fire for four."""
    people(16, now)
    for number in range(16, 20):
        person(number, now, "Rotheux")
    flood = order(now, FLOOD).id
    send(modem, now, 3)
    return flood, order(later(now, 3), FIRE, audience=Audience(neighbourhoods=("Rotheux",))).id


def test_the_next_sms_of_a_modem_is_of_the_second_alert_and_then_they_take_turns(now, modem, both):
    flood, fire = both
    assert send(modem, later(now, 3), 10) == [fire, flood] * 4 + [flood] * 2


def test_they_take_turns_while_the_clock_shows_a_time_before_what_was_sent(now, modem):
    people(4, now)
    order(now, Text("Gaz"))
    send(modem, now, 4)
    began_anew = now - timedelta(days=30)
    flood, fire = (order(began_anew, text).id for text in (FLOOD, FIRE))
    assert send(modem, began_anew, 8) == [flood, fire] * 4


def test_what_a_modem_takes_with_a_receipt_is_of_the_other_alert(now, modem, both):
    flood, fire = both
    claim = claim_part(modem, later(now, 3))
    for number, expected in enumerate((fire, flood, fire)):
        assert claim.broadcast_id == expected
        mark_pdu_started(claim, later(now, 3 + number))
        claim = mark_sent_and_claim(claim, number, modem, later(now, 4 + number))


def test_each_modem_takes_turns_by_itself(now, modem, both):
    _flood, fire = both
    other = ready_modem("b", now, B)
    out = [send(sender, later(now, 10 * turn), 1)[0] for turn in range(1, 4) for sender in (modem, other)]
    assert Counter(out)[fire] == 3


def test_three_alerts_get_a_third_each_and_the_nearest_of_each_comes_first(now, modem, both):
    flood, fire = both
    third = order(later(now, 4), Text("Gaz"), audience=Audience(neighbourhoods=("Plainevaux",), near="Plainevaux")).id
    assert send(modem, later(now, 5), 6) == [fire, third, flood] * 2


def test_the_parts_of_a_message_stay_on_one_sim(now, modem, both):
    _flood, fire = both
    other = ready_modem("b", now, B)
    long = order(later(now, 4), LONG, audience=Audience(neighbourhoods=("Rotheux",))).id
    sims = {}
    for at in range(5, 40):
        for sender in (modem, other):
            if (claim := claim_part(sender, later(now, at))) is not None:
                mark_pdu_started(claim, later(now, at))
                mark_sent(claim, at, sender, later(now, at))
                if claim.broadcast_id == long:
                    sims.setdefault(claim.message_id, []).append((claim.seq, sender.imsi))
    assert fire != long
    assert len(sims) == 4
    for parts in sims.values():
        assert [seq for seq, _imsi in parts] == [1, 2, 3]
        assert len({imsi for _seq, imsi in parts}) == 1


def test_a_stopped_alert_takes_no_turn(now, modem, both):
    flood, fire = both
    cancel_broadcast(fire, "test", later(now, 3))
    assert send(modem, later(now, 3), 3) == [flood] * 3


def test_turns_are_taken_beyond_the_budgets_too(now, modem, both):
    """Every SIM has used up its day: nothing waits for another one, and the second alert not for the first."""
    flood, fire = both
    ready_modem("b", now, B)
    for name, imsi in (("a", A), ("b", B)):
        apply_configured(imsi, "box", name, Limits(day=1))
    count_sent(B, mobile(99), now)
    assert send(modem, later(now, 3), 4) == [fire, flood, fire, flood]


def test_the_forecast_counts_what_goes_out_before_the_last_one(now, modem, both):
    flood, fire = both
    at = later(now, 3)
    assert (progress(fire, at).before, progress(flood, at).before) == (4, 4)
    assert forecast(2, at).before == 4  # of a third one: two of each
    assert forecast(2, at, urgent=False).before == 21
    assert progress_shape(progress(fire, at), at)["before"] == 4


def test_the_forecast_of_an_alert_beside_another_one(now, both):
    _flood, fire = both
    ready_modem("a", later(now, 3), A)
    ready_modem("z", later(now, 3), "206010000000009")
    slow = forecast(0, now).seconds_per_part
    shown = progress(fire, later(now, 3))
    assert (shown.last_phone_at - later(now, 3)).total_seconds() == pytest.approx(8 * slow)
    assert slow < USUAL_SECONDS


def test_hosts_are_woken_by_an_order_and_a_return_and_not_by_every_message(now, modem):
    if not is_postgres_database():
        pytest.skip("SQLite's version changes with every commit")
    watch = commit_watch(base.database.obj)
    people(3, now)
    order(now)
    assert watch.wait(1.0)
    while watch.wait(0.05):
        pass
    claim = claim_part(modem, now)
    mark_pdu_started(claim, now)
    following = mark_sent_and_claim(claim, 7, modem, now)
    apply_report(report(now, 7, 0), now)
    mark_pdu_started(following, now)
    mark_sent(following, 8, modem, now)
    assert not watch.wait(0.1)
    mark_released(claim_part(modem, now), "modem_lost", now)
    assert watch.wait(1.0)
    watch.close()
