"""The drill group, the last drill, and the report of one."""

import pytest

from db.alerts.planned import drill_group, last_drill_at
from db.alerts.progress.progress import progress, recipients
from db.alerts.progress.report import Times, times
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_failed, mark_pdu_started, mark_sent
from db.alerts.queue.reports import NetworkReport, apply_report
from db.alerts.values import FollowUpOrder
from db.models.broadcasts import Broadcast
from db.people import audience
from db.people.accounts.accounts import accounts
from db.people.audience import Audience
from db.people.members.listing import member
from plp.services.accounts.rights import add_account
from plp.services.drills import add_to_drill_group, drill_audience, remove_from_drill_group
from plp.services.forgetting import forget_member
from plp.services.orders.audiences import resolve
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from rules.refusals import Refusal
from rules.states import LANE_DRILL
from tests.support.people import Text, later, mobile, order, person, place_follow_up, ready_modem

pytestmark = pytest.mark.usefixtures("database")

A = "206010000000001"


def opt_out(member_id, now):
    card = member(member_id)
    draft = MemberDraft(
        first_name=card.first_name,
        last_name=card.last_name,
        mobile=card.mobile,
        email="",
        language="fr",
        neighbourhood_id=card.neighbourhood_id,
        sms=False,
    )
    save_member(member_id, draft, "test", now)


def test_members_and_users_of_the_group_get_a_drill(now):
    with pytest.raises(Refusal, match="vide"):
        drill_audience()
    one, two = person(1, now), person(2, now)
    add_account("Chef", ["admin"], None, "test", now, mobile="0470 00 00 77")
    add_to_drill_group("member", one, "anne", now)
    add_to_drill_group("member", one, "anne", now)
    add_to_drill_group("account", accounts()[0].id, "anne", now)
    add_to_drill_group("member", two, "anne", now)
    assert [(card.source, card.name) for card in drill_group()] == [
        ("member", "Prénom1 Nom001"),
        ("account", "Chef"),
        ("member", "Prénom2 Nom002"),
    ]
    numbers = [one.msisdn for one in audience.recipients(resolve(drill_audience()))]
    assert numbers == [mobile(1), "+32470000077", mobile(2)]

    opt_out(one, now)
    forget_member(two, "anne", now)
    assert [card.mobile for card in drill_group()] == [None, "+32470000077"]
    assert drill_audience().numbers == ("+32470000077",)
    remove_from_drill_group(drill_group()[1].id, "anne", now)
    with pytest.raises(Refusal, match="vide"):
        drill_audience()


def test_ten_people_are_the_most_and_each_has_a_mobile(now):
    for number in range(10):
        add_to_drill_group("member", person(number, now), "anne", now)
    with pytest.raises(Refusal, match="maximum"):
        add_to_drill_group("member", person(11, now), "anne", now)
    remove_from_drill_group(drill_group()[0].id, "anne", now)
    with pytest.raises(Refusal, match="pas de GSM"):
        add_to_drill_group("member", person(12, now, mobile="", email="nom12@example.org"), "anne", now)
    with pytest.raises(Refusal, match="pas de GSM"):
        add_to_drill_group("account", 999, "anne", now)
    assert len(drill_group()) == 9


def test_the_report_tells_first_last_delivered_and_who_missed_it(now):
    modem = ready_modem("a", now, A)
    for number in range(3):
        person(number, now)
    assert last_drill_at() is None
    drill = order(now, kind="drill")
    assert last_drill_at() is None
    assert times(drill.id) == Times(None, None, None)
    for reference, seconds in ((1, 4), (2, 9)):
        claim = claim_part(modem, later(now, seconds - 1))
        mark_pdu_started(claim, later(now, seconds - 1))
        mark_sent(claim, reference, modem, later(now, seconds))
    claim = claim_part(modem, later(now, 10))
    mark_pdu_started(claim, later(now, 10))
    mark_failed(claim, "CMS 1", later(now, 12))
    apply_report(NetworkReport(A, 1, mobile(0), later(now, 4), 0, "delivered"), later(now, 20))

    assert times(drill.id) == Times(later(now, 4), later(now, 9), later(now, 20))
    told = progress(drill.id, now)
    assert (told.taken, told.counts["delivered"], told.recipients) == (2, 1, 3)
    worst_first = [(row.msisdn, row.state) for row in recipients(drill.id).rows]
    assert worst_first == [(mobile(2), "failed"), (mobile(1), "sent"), (mobile(0), "delivered")]
    assert last_drill_at() == now


def test_a_drill_stays_one_whatever_its_priority_and_so_does_what_follows_it(now):
    modem = ready_modem("a", now, A)
    person(1, now)
    thread = [order(now, kind="drill", priority="normal").id]
    for reference, text in enumerate(("Corrigé.", "Corrigé encore.")):
        claim = claim_part(modem, now)
        assert claim.lane == LANE_DRILL
        mark_pdu_started(claim, now)
        mark_sent(claim, reference, modem, now)
        composed = Text(text, segments=(text,))
        thread.append(place_follow_up(FollowUpOrder(thread[-1], "correction", "anne"), composed, now).id)
    assert [progress(each, now).drill for each in thread] == [True, True, True]
    assert Broadcast.get_by_id(thread[-1]).lane == LANE_DRILL


def test_what_only_goes_with_the_drills_is_none(now):
    ready_modem("a", now, A)
    person(1, now)
    assert not progress(order(now, kind="test", audience=Audience(numbers=(mobile(1),))).id, now).drill
