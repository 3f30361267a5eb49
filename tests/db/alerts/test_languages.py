"""One order, a text for each language: everybody gets theirs, and every count and correction knows it."""

import json

import pytest

from db.alerts.progress.progress import progress
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.alerts.values import FollowUpOrder
from db.engine.base import tuples
from db.models.broadcasts import Broadcast, BroadcastText, Message, Part
from db.models.zone import AuditEntry
from db.people.audience import Audience, size
from plp.services.orders.audiences import resolve
from rules.orders.budgets import Limits
from rules.orders.texts import language_for, main_first, parts_per_person
from rules.refusals import Duplicate
from tests.support.budgets import planned
from tests.support.people import LONG, Text, mobile, order, person, place_follow_up, ready_modem

FR = Text("Vol rue de la Station.", segments=("Vol rue de la Station.",))
NL = Text("Diefstal aan het station.", segments=("Diefstal aan ", "het station."))
DE = Text("Diebstahl am Bahnhof.", segments=("Diebstahl am Bahnhof.",))


@pytest.fixture
def people(database, now):
    """Three who read French, one Dutch, one English."""
    for number, language in enumerate(["fr", "nl", "fr", "en", "fr"]):
        person(number, now, language=language)
    return ready_modem("a", now)


def texts_by_number():
    rows = Message.select(Message.msisdn, BroadcastText.body).join(BroadcastText)
    return dict(tuples(rows))


def sent_text(sender, now):
    """What the modem hands over next."""
    claim = claim_part(sender, now)
    mark_pdu_started(claim, now)
    mark_sent(claim, claim.part_id % 256, sender, now)
    return claim.msisdn, claim.text


def test_everybody_gets_the_text_of_their_language_and_who_has_none_the_main_one(people, now):
    placed = order(now, {"nl": NL, "de": DE, "fr": FR})
    assert texts_by_number() == {mobile(n): (NL if n == 1 else FR).text for n in range(5)}
    assert (placed.recipients, placed.parts) == (5, 6)
    assert [row.language for row in BroadcastText.select().order_by(BroadcastText.id)] == ["fr", "nl"]
    assert Part.select().count() == 6


def test_the_modem_hands_over_each_person_s_own_parts_in_the_order_of_sending(people, now):
    order(now, {"fr": FR, "nl": NL})
    handed = [sent_text(people, now) for _ in range(6)]
    assert handed == [
        (mobile(0), FR.text),
        (mobile(1), "Diefstal aan "),
        (mobile(1), "het station."),
        *((mobile(n), FR.text) for n in (2, 3, 4)),
    ]


def test_progress_tells_the_texts_apart_and_counts_people_not_parts(people, now):
    placed = order(now, {"fr": FR, "nl": NL})
    for _ in range(2):
        sent_text(people, now)
    shown = progress(placed.id, now)
    assert [(each.language, len(json.loads(each.segments))) for each in shown.texts] == [("fr", 1), ("nl", 2)]
    assert (shown.text, shown.segments, shown.parts) == (FR.text, 2, 6)
    assert (shown.taken, shown.counts["sent"], shown.counts["queued"]) == (1, 1, 4)
    assert sum(shown.counts.values()) == 5


def test_a_correction_reaches_each_in_the_language_that_they_got(people, now):
    placed = order(now, {"fr": FR, "nl": NL})
    for _ in range(6):
        sent_text(people, now)
    corrected = place_follow_up(FollowUpOrder(placed.id, "correction", "test"), {"fr": DE, "nl": FR, "en": NL}, now)
    assert corrected.recipients == 5
    rows = Message.select(Message.msisdn, BroadcastText.language).join(BroadcastText)
    found = dict(tuples(rows.where(Message.broadcast == corrected.id)))
    # the fourth reads English and had the French text: what corrects it is French too
    assert found == {mobile(n): "nl" if n == 1 else "fr" for n in range(5)}


def test_one_text_alone_is_as_it_always_was(people, now):
    first = order(now, FR)
    with pytest.raises(Duplicate):
        order(now, {"fr": FR})
    with pytest.raises(Duplicate):
        order(now, {"fr": FR, "de": DE})  # nobody reads the German one
    assert order(now, {"fr": FR, "nl": NL}).id != first.id
    assert Broadcast.get_by_id(first.id).recipients == 5


def test_the_longest_text_decides_whether_it_is_too_long(people, now):
    endless = Text("x" * 11, segments=tuple("x" * 11))
    with pytest.raises(Exception, match="11 SMS par personne"):
        order(now, {"fr": FR, "nl": endless})
    assert order(now, {"fr": FR, "de": endless}).parts == 5  # nobody gets that one


def test_the_audience_is_counted_by_language(people):
    counted = size(resolve(Audience(everyone=True)))
    assert counted.languages[0] == ("fr", 3)
    assert dict(counted.languages) == {"fr": 3, "nl": 1, "en": 1}
    assert sum(number for _language, number in counted.languages) == counted.people


def test_budgets_count_each_person_s_own_parts(people, now, monkeypatch):
    monkeypatch.setattr("db.modems.budgets.limits_of", lambda imsi: Limits(day=10))
    numbers = [mobile(n) for n in range(5)]
    assert [passed.total for passed in planned(numbers, 2, now)] == [10]
    own = dict.fromkeys(numbers, 1) | {mobile(1): 5}
    assert [passed.total for passed in planned(numbers, own, now)] == [9]


def test_what_was_sent_anyway_stands_in_the_audit_by_its_kind(people, now):
    order(now, FR, remarks=(("guard", ["plate"]),))
    detail = json.loads(AuditEntry.get(AuditEntry.action == "broadcast_ordered").detail)
    assert detail["guard"] == ["plate"]
    assert "guard" not in json.loads(_ordered_again(now).detail)


def _ordered_again(now):
    order(now, FR, again=True)
    return AuditEntry.select().where(AuditEntry.action == "broadcast_ordered").order_by(AuditEntry.id.desc()).get()


def test_which_text_a_reader_gets():
    assert list(main_first({"nl": NL, "fr": FR})) == ["fr", "nl"]
    assert language_for({"nl": NL}, "de") == "nl"
    assert parts_per_person({"fr": FR, "de": DE}, []) == 1
    assert parts_per_person({"fr": LONG, "de": DE}, []) == {}
    with pytest.raises(ValueError, match="has a text"):
        main_first({})
