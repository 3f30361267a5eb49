"""Queries that pages and jobs of a large zone ask all the time begin in an index, not at the first of 50,000 people."""

import pytest

from db.alerts.incidents.left_out import mark_called, people_left_out
from db.alerts.planned import drill_group
from db.inbound.inbox.items import items_of, persons_of
from db.inbound.inbox.threads import unread
from db.inbound.replies.leaving import left_by_text
from db.people.members.renewal import due_questions, open_renewal
from plp.services.drills import add_to_drill_group
from plp.services.people.care import begin_renewal
from tests.support.inbox import text
from tests.support.people import later, mobile, order, person, plans_of, ready_modem

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.sqlite]


def plans(deed):
    return " ".join(plans_of(deed))


def test_the_drill_group_reads_the_consents_of_its_few_people(now):
    add_to_drill_group("member", person(1, now), "anne", now)
    assert [card.mobile for card in drill_group()] == [mobile(1)]
    assert "SCAN t2" not in plans(drill_group)


def test_who_left_by_sms_is_found_by_an_index(now):
    assert "USING INDEX consent_withdrawn (how=? AND at>?)" in plans(lambda: left_by_text(now))


def test_who_is_still_to_be_asked_is_found_by_an_index(now):
    person(1, now)
    begin_renewal(later(now, 86_400), "anne", now)
    assert "USING INDEX renewal_due (channel=? AND answer=?)" in plans(lambda: due_questions("sms", now))
    assert "USING COVERING INDEX renewal_member_renewal_id_answer" in plans(open_renewal)


def test_what_waits_in_the_inbox_is_counted_by_an_index():
    assert "inbound_unhandled" in plans(unread)


def test_the_persons_of_texts_are_found_by_their_numbers(now):
    person(1, now)
    item = items_of([text(now, mobile(1))])
    assert [each.names for each in persons_of(item).values()] == [("Prénom1 Nom001",)]
    assert "SCAN" not in plans(lambda: persons_of(item))


def test_those_without_a_mobile_are_found_by_their_index(now):
    ready_modem("a", now)
    person(1, now)
    person(2, now, mobile="", email="luc@example.org")
    placed = order(now)
    (left,) = people_left_out(placed.id)
    assert left.by_phone
    assert left.way == ""
    mark_called(placed.id, left.member_id, True, "anne", now)
    assert [row.way for row in people_left_out(placed.id)] == ["called"]
    found = plans(lambda: people_left_out(placed.id))
    assert "SCAN t1" not in found
    assert "member_mobile (mobile=?)" in found
