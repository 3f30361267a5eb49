"""The people of an alert in four states that exclude each other: each counts once, by the best that is known."""

from datetime import timedelta

import pytest

from base.settings.values import MailSettings
from db.alerts.incidents.left_out import mark_called, people_left_out
from db.alerts.incidents.reach import Reach, reach, reach_by_place
from db.alerts.incidents.thread_cards import thread_cards
from db.alerts.progress.progress import progress
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_failed, mark_pdu_started, mark_sent, mark_unconfirmed
from db.alerts.queue.reports import NetworkReport, apply_report
from db.alerts.values import FollowUpOrder
from db.engine.connection import writing
from db.mail.enqueue import send_as
from db.models.broadcasts import Broadcast
from tests.support.people import (
    Text,
    cancel_broadcast,
    later,
    mobile,
    order,
    person,
    place_corrected,
    place_follow_up,
    ready_modem,
)

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.both]

A = "206010000000001"
SMS = 8


@pytest.fixture
def modem(now):
    return ready_modem("a", now, A)


@pytest.fixture
def alert(now, modem):
    """Eight with a mobile: two reported by the telephone, two without a report, one refused, one unconfirmed, one that
    the phone did not take, one that waits; and two without a mobile."""
    for number in range(SMS):
        person(number, now, "Plainevaux" if number < 5 else "Rotheux", email=f"p{number}@example.org")
    person(8, now, "Plainevaux", mobile="", email="p8@example.org")
    person(9, now, "Rotheux", mobile="", landline="+3242000009")
    placed = order(now).id
    for reference, outcome in enumerate(["sent"] * 4 + ["CMS 1", "no_answer", "sent"]):
        claim = claim_part(modem, now)
        mark_pdu_started(claim, now)
        if outcome == "sent":
            mark_sent(claim, reference, modem, now)
        elif outcome == "no_answer":
            mark_unconfirmed(claim, outcome, modem, now)
        else:
            mark_failed(claim, outcome, now)
    for number, outcome in ((0, "delivered"), (1, "delivered"), (6, "expired")):
        status = 0 if outcome == "delivered" else 0x46
        apply_report(NetworkReport(A, number, mobile(number), now, status, outcome), later(now, 5))
    return placed


def of(number, now):
    """All doors ask one of these: they agree, and a person is in one state."""
    shown = progress(number, now)
    whole = reach(shown, now)
    places = [place.reach for place in reach_by_place(number, now)]
    names = Reach.__dataclass_fields__
    assert {name: getattr(whole, name) for name in names} == {
        name: sum(getattr(place, name) for place in places) for name in names
    }
    assert thread_cards([shown], now)[number].reach == whole
    return whole


def test_each_person_is_in_one_state(alert, now):
    whole = of(alert, now)
    assert whole == Reach(sms=2, sent=2, waiting=1, unconfirmed=1, missing=4)
    assert (whole.received, whole.sent, whole.waiting, whole.otherwise) == (2, 2, 1, 5)
    assert whole.people == SMS + 2


def test_a_mail_or_a_call_counts_once_and_a_better_report_stays(alert, now):
    people = {one.name: one.member_id for one in people_left_out(alert)}
    with writing():
        mark_called(alert, people["Prénom9 Nom009"], True, "anne", now)
        for number in (0, 4, 5, 7):
            mark_called(alert, number + 1, True, "anne", now)
    assert of(alert, now) == Reach(sms=2, called=4, sent=2, missing=2)


def test_who_was_stopped_is_to_be_told_otherwise(alert, now):
    cancel_broadcast(alert, "anne", now)
    assert of(alert, now) == Reach(sms=2, sent=2, unconfirmed=1, missing=5)


def test_an_end_that_was_undone_changes_nothing_of_the_alert(alert, now):
    before = of(alert, now)
    end = place_follow_up(FollowUpOrder(alert, "end", "anne"), Text("FIN"), now).id
    Broadcast.update(stage="scheduled", release_at=later(now, 10)).where(Broadcast.id == end).execute()
    cancel_broadcast(end, "anne", later(now, 1))
    after = of(alert, now)
    assert (after.received, after.sent, after.people) == (before.received, before.sent, before.people)
    card = thread_cards([progress(alert, now)], now)[alert]
    assert [line.is_undone for line in card.lines] == [True]
    assert card.newest is card
    assert card.running == ()


def test_who_got_the_corrected_alert_has_the_alert(alert, modem, now):
    place_follow_up(FollowUpOrder(alert, "correction", "anne"), Text("CORRECTION"), now)
    rest = place_corrected(FollowUpOrder(alert, "correction", "anne"), Text("Le bon texte"), timedelta(hours=4), now)
    assert rest.recipients == 3, "refused, not taken by the phone, and waiting"
    assert of(alert, now) == Reach(sms=2, sent=2, waiting=3, unconfirmed=1, missing=2)
    for reference in range(100, 108):
        claim = claim_part(modem, now)
        mark_pdu_started(claim, now)
        mark_sent(claim, reference, modem, now)
    assert of(alert, now) == Reach(sms=2, sent=5, unconfirmed=1, missing=2)
    assert [line.card.kind for line in thread_cards([progress(alert, now)], now)[alert].lines] == [
        "correction",
        "corrected",
    ]


def test_neighbourhoods_count_their_own(alert, now):
    assert {place.name: place.reach.people for place in reach_by_place(alert, now)} == {"Plainevaux": 6, "Rotheux": 4}


@pytest.fixture
def mail():
    send_as(MailSettings(sender="plp@example.be"))
    yield
    send_as(None)


@pytest.mark.usefixtures("mail")
def test_whom_the_corrected_alert_is_about_to_be_mailed_to_waits(alert, now):
    at = later(now, 60)
    assert of(alert, at).waiting == 1, "an SMS; the mails of the alert did not come"
    place_follow_up(FollowUpOrder(alert, "correction", "anne"), Text("CORRECTION"), at)
    place_corrected(FollowUpOrder(alert, "correction", "anne"), Text("Le bon texte"), timedelta(hours=4), at)
    assert of(alert, at) == Reach(sms=2, sent=2, waiting=4, unconfirmed=1, missing=1)


@pytest.mark.usefixtures("mail")
def test_no_mail_about_an_alert_that_is_over_is_waited_for(alert, now):
    assert of(alert, now).waiting == 2
    place_follow_up(FollowUpOrder(alert, "end", "anne"), Text("FIN"), now)
    assert of(alert, now) == Reach(sms=2, sent=2, unconfirmed=1, missing=5)
