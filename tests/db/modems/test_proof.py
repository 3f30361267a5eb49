"""When a modem counts as proven, and that a proof is nobody's text and nobody's broadcast."""

import pytest

from base.settings.values import SendingSettings
from db.alerts.progress.history import newest
from db.alerts.progress.progress import running
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_released
from db.alerts.queue.recovery import close_done
from db.inbound.received import apply_inbound
from db.modems.proof import INCIDENT, begin_proof, last_proof
from db.operations.incidents import close_incident, open_incident
from db.operations.retention import forget_recipients
from modem.sms.message import Deliver
from rules.states import LANE_NORMAL
from tests.support.inbound import received_texts
from tests.support.people import later, order, person
from tests.support.proofs import IMSIS, NUMBERS, card, place, seated, take

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def a(now):
    return seated("a", now)


@pytest.fixture
def b(now):
    return seated("b", now)


def proven(name, now):
    last = last_proof(card(name, now))
    return last.state, last.proven_at, last.took_s


def test_taken_reported_and_there(now, a, b):
    place("a", "b", now)
    assert proven("a", now) == ("never", None, None)
    taken = take(a, later(now, 10))
    assert proven("a", now) == ("never", None, None)
    assert taken.deliver("b", later(now, 13))
    assert proven("a", now) == ("never", None, None)
    taken.report(later(now, 16))
    assert proven("a", now) == ("proven", later(now, 16), 6.0)
    assert proven("b", now) == ("never", None, None)


def test_the_duty_phone_tells_by_its_report_alone(now, a):
    place("a", None, now)
    take(a, now).report(later(now, 5))
    assert proven("a", now) == ("proven", later(now, 5), 5.0)


@pytest.mark.slow
def test_what_is_delivered_and_does_not_come_in_counts_against_who_should_have_it(now, a, b):
    for sender, to in ((a, "b"), (b, "a")):
        place(sender.modem, to, now)
        taken = take(sender, now)
        taken.report(later(now, 2))
        taken.deliver(to, later(now, 4))
    assert (proven("a", now), proven("b", now)) == (("proven", later(now, 4), 4.0),) * 2
    next_night = later(now, 86400)
    place("a", "b", next_night)
    take(a, next_night).report(later(next_night, 2))
    open_incident(INCIDENT, "box/b", "Rien n'arrive.", next_night)
    assert proven("a", next_night) == ("proven", later(next_night, 2), 2.0)
    assert proven("b", next_night) == ("lost", later(now, 4), None)


def test_what_a_modem_sends_to_itself_must_come_in(now, a):
    place("a", "a", now)
    taken = take(a, now)
    taken.report(later(now, 2))
    assert proven("a", now)[0] == "never"
    taken.deliver("a", later(now, 3))
    assert proven("a", now) == ("proven", later(now, 3), 3.0)


def test_an_open_incident_makes_it_lost_until_it_ends(now, a, b):
    place("a", "b", now)
    taken = take(a, now)
    taken.report(later(now, 2))
    taken.deliver("b", later(now, 2))
    open_incident(INCIDENT, "box/a", "Plus de nouvelles.", now)
    assert last_proof(card("a", now)).state == "lost"
    assert str(last_proof(card("a", now)).trouble) == "Plus de nouvelles."
    close_incident(INCIDENT, "box/a", now)
    assert last_proof(card("a", now)).state == "proven"


def test_another_card_was_never_proven(now, a, b):
    place("a", "b", now)
    taken = take(a, now)
    taken.report(now)
    taken.deliver("b", later(now, 2))
    seated("a", now, imsi="206019999999999")
    assert proven("a", now) == ("never", None, None)


def test_it_is_no_text_for_anybody_however_often_it_is_read(now, a, b):
    place("a", "b", now)
    taken = take(a, now)
    assert [taken.deliver("b", later(now, seconds)) for seconds in (2, 9)] == [True, True]
    assert received_texts() == []
    taken.report(later(now, 3))
    assert proven("a", now)[1] == later(now, 3)


@pytest.mark.parametrize(("imsi", "change"), [("a", ""), ("b", " "), ("b", "?")])
def test_only_what_was_sent_to_this_card_is_one(now, a, b, imsi, change):
    place("a", "b", now)
    said = take(a, now).claim.text + change
    apply_inbound(IMSIS[imsi], Deliver(NUMBERS["a"], said, now, None), False, now)
    assert [text.text for text in received_texts()] == [said]
    assert proven("a", now)[0] == "never"


def test_it_goes_after_everything_urgent_and_stays_with_its_sim(now, a, b):
    person(1, now)
    placed = place("a", "b", now)
    order(now)
    assert claim_part(b, now, LANE_NORMAL).broadcast_id != placed
    assert claim_part(b, now) is None
    claim = claim_part(a, now)
    assert (claim.broadcast_id, claim.lane) == (placed, LANE_NORMAL)
    mark_released(claim, "modem_lost", now)
    assert claim_part(b, now) is None


def test_it_is_in_no_history_and_under_no_ceiling(now, a, b):
    person(1, now)
    place("a", "b", now)
    assert (newest(50, now), running(now)) == ([], [])
    order(now, sending=SendingSettings(undo_seconds=0, hourly_ceiling=1))


def test_one_proof_for_one_hour(now, a, b):
    slot = later(now, -60)
    first = begin_proof(card("a", now), slot, card("b", now), "one", now)
    assert begin_proof(card("a", now), slot, None, "two", later(now, 20)) == first
    place("a", "b", now)
    assert begin_proof(card("a", now), now, card("b", now), "three", now).broadcast_id


def test_it_is_forgotten_with_its_message(now, a, b):
    place("a", "b", now)
    taken = take(a, now)
    taken.report(now)
    taken.deliver("b", now)
    close_done()
    forget_recipients(later(now, 60))
    assert proven("a", now) == ("never", None, None)
