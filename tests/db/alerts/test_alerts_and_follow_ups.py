"""Alerts and what follows them, as they went wrong when the finished engine was tried."""

from datetime import timedelta

import pytest

from db.alerts.orders.chosen import chosen
from db.alerts.progress.progress import progress
from db.alerts.progress.threads import aftermath
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_failed, mark_pdu_started, mark_released, mark_sent, mark_unconfirmed
from db.alerts.values import FollowUpOrder
from db.models.broadcasts import Broadcast, BroadcastPlace, Message
from db.people.audience import Audience
from plp.services.forgetting import forget_member
from plp.services.people.neighbourhoods import merge_neighbourhoods
from rules.refusals import KeyTaken, OverLimit, Refusal
from tests.support.people import (
    SENDING,
    Text,
    cancel_broadcast,
    mobile,
    order,
    pause_broadcast,
    person,
    place,
    place_corrected,
    place_follow_up,
)

pytestmark = pytest.mark.usefixtures("database")

WRONG, RIGHT = Text("Vol rue A.", "gsm7", ("Vol rue A.",)), Text("Vol rue B.", "gsm7", ("Vol rue B.",))
CORRECTION = Text("CORRECTION. Vol rue B.", "gsm7", ("CORRECTION. Vol rue B.",))


def went(modem, now, outcome="sent"):
    claim = claim_part(modem, now)
    mark_pdu_started(claim, now)
    match outcome:
        case "sent":
            mark_sent(claim, claim.part_id % 256, modem, now)
        case "unconfirmed":
            mark_unconfirmed(claim, "no_answer", modem, now)
        case "failed":
            mark_failed(claim, "CMS 1", now)
    return claim


def told(placed):
    return [row.msisdn for row in Message.select().where(Message.broadcast == placed.id).order_by(Message.id)]


def follow(original, now, kind="correction", text=CORRECTION, **how):
    return place_follow_up(FollowUpOrder(original.id, kind, "test", **how), text, now)


def bring(original, now, text=RIGHT, **how):
    return place_corrected(FollowUpOrder(original.id, "correction", "test", **how), text, timedelta(hours=4), now)


# -- 9: whom a stop leaves with nothing --


@pytest.fixture
def half(now, modem):
    """Of seven 0 has it, 1 may have it, 2 was refused, and 3 to 6 wait."""
    for number in range(7):
        person(number, now)
    placed = order(now, WRONG)
    for outcome in ("sent", "unconfirmed", "failed"):
        went(modem, now, outcome)
    return placed


@pytest.fixture
def going(half, now, modem):
    """What the modem holds of it: number 3."""
    return claim_part(modem, now)


@pytest.mark.parametrize("stop", [cancel_broadcast, pause_broadcast, None])
def test_the_right_text_goes_to_all_whom_the_wrong_one_did_not_reach(half, going, now, stop):
    if stop:
        stop(half.id, "test", now)
    correction = follow(half, now)
    corrected = bring(half, now)
    assert told(correction) == [mobile(0), mobile(1), mobile(3)]
    assert told(corrected) == [mobile(2), mobile(4), mobile(5), mobile(6)]
    assert Broadcast.get_by_id(corrected.id).kind == "corrected"
    assert progress(corrected.id, now).follows == half.id
    # it speaks of the alert as an alert does: it is the correction that stands
    assert aftermath([half.id])[half.id].kind == "correction"
    assert not progress(correction.id, now).superseded


def test_what_a_modem_gives_back_after_the_stop_is_not_left_with_nothing(half, going, now, modem):
    correction = follow(half, now)
    corrected = bring(half, now)
    mark_released(going, "overtaken", now)
    got = []
    while claim := claim_part(modem, now):
        mark_pdu_started(claim, now)
        mark_sent(claim, claim.part_id % 256, modem, now)
        got.append((claim.broadcast_id, claim.msisdn))
    assert (correction.id, mobile(3)) in got
    assert sorted(msisdn for _broadcast, msisdn in got) == [mobile(number) for number in range(7)]
    assert {broadcast for broadcast, _msisdn in got} == {correction.id, corrected.id}


def test_given_back_between_the_two_it_gets_the_right_text_once(half, going, now, modem):
    correction = follow(half, now)
    mark_released(going, "overtaken", now)
    corrected = bring(half, now)
    assert mobile(3) in told(correction)
    assert mobile(3) in told(corrected)
    got = []
    while claim := claim_part(modem, now):
        mark_pdu_started(claim, now)
        mark_sent(claim, claim.part_id % 256, modem, now)
        got.append((claim.broadcast_id, claim.msisdn))
    assert [broadcast for broadcast, msisdn in got if msisdn == mobile(3)] == [corrected.id]


def test_the_end_reaches_both_and_stops_both(half, going, now, modem):
    mark_sent(going, 9, modem, now)
    follow(half, now)
    corrected = bring(half, now)
    for _each in range(3 + 2):
        went(modem, now)
    end = follow(half, now, "end", Text("FIN."))
    assert told(end) == [mobile(0), mobile(1), mobile(3), mobile(2), mobile(4)]
    assert progress(corrected.id, now).state == "cancelled"
    assert [went(modem, now).msisdn for _each in range(5)] == told(end)
    assert claim_part(modem, now) is None


def test_a_second_correction_has_its_rest_too(half, going, now, modem):
    mark_sent(going, 9, modem, now)
    follow(half, now)
    bring(half, now)
    for _each in range(3 + 2):
        went(modem, now)
    second = follow(half, now, text=Text("CORRECTION. Rue C."))
    assert told(second) == [mobile(number) for number in (0, 1, 3, 2, 4)]
    assert told(bring(half, now, Text("Rue C."))) == [mobile(5), mobile(6)]


def test_one_key_orders_it_once(half, now):
    follow(half, now)
    first = bring(half, now, idempotency_key="k/rest")
    assert bring(half, now, idempotency_key="k/rest").id == first.id
    with pytest.raises(KeyTaken):
        bring(half, now, Text("Autre."), idempotency_key="k/rest")


def test_nobody_is_left_of_one_that_reached_all(now, modem):
    leaver, _stays = person(0, now), person(1, now)
    placed = order(now, WRONG)
    went(modem, now)
    went(modem, now)
    follow(placed, now)
    assert bring(placed, now) is None
    forget_member(leaver, "test", now)
    assert bring(placed, now) is None


# -- 10: an alert that cannot be sent --


def test_a_stopped_alert_counts_by_what_left_of_it(now, modem):
    for number in range(6):
        person(number, now)
    few = SENDING.__class__(undo_seconds=0, hourly_ceiling=8)
    stopped = order(now, WRONG, few)
    went(modem, now)
    went(modem, now, "unconfirmed")
    cancel_broadcast(stopped.id, "test", now)
    order(now, RIGHT, few)  # 2 + 6
    with pytest.raises(OverLimit, match="14 messages"):
        order(now, Text("Une autre."), few)


def test_what_was_refused_counts_no_more(now, modem):
    for number in range(3):
        person(number, now)
    few = SENDING.__class__(undo_seconds=0, hourly_ceiling=5)
    order(now, WRONG, few)
    went(modem, now, "failed")
    went(modem, now, "sent")
    order(now, RIGHT, few)  # 1 left, 1 waits
    with pytest.raises(OverLimit, match="8 messages"):
        order(now, Text("Une autre."), few)


@pytest.mark.parametrize(
    "other",
    [
        {"text": RIGHT},
        {"audience": Audience(neighbourhoods=("Plainevaux",))},
        {"priority": "normal"},
        {"kind": "drill"},
    ],
)
def test_a_key_that_is_used_again_with_something_else_is_refused(now, modem, other):
    person(0, now)
    first = order(now, WRONG, idempotency_key="k")
    with pytest.raises(KeyTaken, match="autre envoi"):
        order(now, **{"text": WRONG, "idempotency_key": "k"} | other)
    assert Broadcast.select().count() == 1
    # the same again is the same, also when people came meanwhile
    person(1, now)
    assert order(now, WRONG, idempotency_key="k", again=True).id == first.id


def test_a_key_of_a_correction_is_its_own(now, modem):
    person(0, now)
    placed = order(now, WRONG)
    went(modem, now)
    first = follow(placed, now, idempotency_key="k")
    assert follow(placed, now, idempotency_key="k").id == first.id
    with pytest.raises(KeyTaken):
        follow(placed, now, text=RIGHT, idempotency_key="k")
    with pytest.raises(KeyTaken):
        follow(placed, now, "end", idempotency_key="k")


# -- 11: the second person is not gone around --


@pytest.mark.parametrize("kind", ["welcome", "test", "answer", "alarm", "selftest"])
def test_only_alerts_and_drills_are_corrected(now, modem, kind):
    person(0, now)
    placed = order(now, kind=kind, audience=Audience(numbers=(mobile(0),)))
    went(modem, now)
    for follow_up in ("correction", "end"):
        with pytest.raises(Refusal, match="ni une alerte ni un exercice"):
            follow(placed, now, follow_up)
    with pytest.raises(Refusal, match="ni une alerte ni un exercice"):
        bring(placed, now)
    assert Broadcast.select().count() == 1


def test_nor_what_was_once_made_to_follow_a_welcome(now, modem):
    person(0, now)
    welcome = order(now, kind="welcome", audience=Audience(numbers=(mobile(0),)))
    went(modem, now)
    Broadcast.update(kind="alert").where(Broadcast.id == welcome.id).execute()
    correction = follow(welcome, now)
    Broadcast.update(kind="welcome").where(Broadcast.id == welcome.id).execute()
    with pytest.raises(Refusal, match="ni une alerte ni un exercice"):
        follow(correction, now)


@pytest.mark.parametrize("kind", ["alert", "drill"])
def test_alerts_drills_and_what_follows_them_still_are(now, modem, kind):
    person(0, now)
    placed = order(now, kind=kind)
    went(modem, now)
    correction = follow(placed, now)
    went(modem, now)
    assert follow(correction, now, text=RIGHT).recipients == 1


# -- 13: whom an order was for is stored as rows --


def test_whom_it_was_for_and_where_it_happened_are_rows(now, modem):
    for number, name in enumerate(("A", "B", "C")):
        person(number, now, name)
    placed = order(now, audience=Audience(neighbourhoods=("C", "A"), near="B"), happened="earlier", late_because="x")
    found = chosen(placed.id)
    assert (found.whom, [name for _id, name in found.places], found.near) == ("places", ["C", "A"], "B")
    assert (found.happened, found.late_because) == ("earlier", "x")
    everyone = chosen(order(now, audience=Audience(everyone=True, near="A"), again=True).id)
    assert (everyone.whom, everyone.places, everyone.near) == ("all", (), "A")


def test_a_neighbourhood_that_is_renamed_or_merged_is_still_the_one(now, modem):
    for number, name in enumerate(("A", "B", "C")):
        person(number, now, name)
    placed = order(now, audience=Audience(neighbourhoods=("A", "B", "C"), near="B"))
    merge_neighbourhoods(place("B", now), place("C", now), "test", now)
    found = chosen(placed.id)
    assert ([name for _id, name in found.places], found.near) == (["A", "C"], "C")
    assert BroadcastPlace.select().where(BroadcastPlace.broadcast == placed.id).count() == 4


def test_what_orders_itself_and_what_was_there_before_have_none(now, modem):
    person(0, now)
    welcome = order(now, kind="welcome", audience=Audience(numbers=(mobile(0),)))
    assert chosen(welcome.id) is None
    placed = order(now, RIGHT)
    Broadcast.update(whom="").execute()
    assert chosen(placed.id) is None
    assert str(progress(placed.id, now).audience) == "tous les membres"
