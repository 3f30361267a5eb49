"""Tips as they are stored, found and counted, on both databases; and the people who told them, when they are gone."""

from datetime import timedelta

import pytest

from base.settings.values import MailSettings
from db.alerts.templates import templates
from db.inbound.tips import (
    TipDraft,
    TipFilter,
    enqueue_tip,
    forget_tips,
    late_tips,
    mark_about,
    mark_outcome,
    outcomes_to_tell,
    tip,
    tip_of,
    tips,
    tips_about,
    tips_between,
    tips_fitting,
)
from db.mail.enqueue import send_as
from db.models.tips import Tip
from db.people.members.erasure import leave_tips
from plp.services.forgetting import forget_member
from plp.services.people.care import restrict_member
from plp.services.people.neighbourhoods import merge_neighbourhoods
from tests.support.bulletins import coordinator, sent
from tests.support.inbox import mail, text
from tests.support.people import mobile, order, person, place

pytestmark = pytest.mark.usefixtures("database")

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def mail_leaves():
    send_as(MailSettings(sender="plp@example.org"))
    yield
    send_as(None)


def told(at, key="", ref=None, outcome="", **changes):
    draft = TipDraft(**{"at": at, "told_by": "other"} | changes)
    tip_id, is_new = enqueue_tip(key or f"key {Tip.select().count()}", draft, ref, "Anne", at)
    assert is_new
    if outcome:
        mark_outcome(tip_id, outcome, "Anne", at)
    return tip_id


def test_one_entry_makes_one_tip_whoever_presses(now):
    ref = text(now)
    first = told(now, "sms:1", ref)
    assert enqueue_tip("sms:1", TipDraft(now, "other"), ref, "Bert", now) == (first, False)
    by_mail = told(now, "mail:1", mail(now))
    assert [card.id for card in tip_of([ref])] == [first]
    assert (tip(first).ref, tip(by_mail).ref.channel, Tip.get_by_id(first).added_by) == (ref, "mail", "Anne")


def test_the_list_is_filtered_and_what_waits_for_two_weeks_is_late(now):
    near, far, kind = place("Plainevaux", now), place("Rotheux", now), templates()[0]
    waits = told(now - 14 * DAY, neighbourhood_id=near, kind_id=kind.id)
    young = told(now - 13 * DAY, neighbourhood_id=far)
    over = told(now, outcome="known", neighbourhood_id=near)

    def shown(**chosen):
        return [card.id for card in tips(TipFilter(**chosen), now).rows]

    assert (shown(), shown(standing="late"), shown(standing="all")) == ([young, waits], [waits], [over, young, waits])
    assert shown(standing="all", neighbourhood_id=near) == [over, waits]
    assert (shown(standing="all", kind_id=kind.id), shown(standing="known")) == ([waits], [over])
    assert late_tips(now) == 1
    assert (tip(waits).kind, tip(waits).neighbourhood) == (kind.title, "Plainevaux")


def test_rows_for_counting_name_nobody(now):
    told(now, outcome="inquiry", neighbourhood_id=place("Plainevaux", now), told_by="coordinator")
    told(now + DAY)
    (row,) = tips_between(now, now + DAY)
    assert (row.told_by, row.outcome, row.kind, row.outcome_at) == ("coordinator", "inquiry", "", now)


def test_what_fits_an_alert_is_of_its_time_place_and_kind(now):
    person(1, now)
    alert = order(now).id
    here, kinds = place("Plainevaux", now), templates()
    fits = told(now + MINUTE, neighbourhood_id=here)
    told(now - MINUTE, neighbourhood_id=here)
    told(now + 2 * DAY, neighbourhood_id=here)
    assert [card.id for card in tips_fitting(alert)] == [fits]
    assert tips_about(alert) == []
    assert mark_about([fits], alert) == 1
    assert mark_about([fits], alert) == 0, "somebody else was first"
    assert [card.id for card in tips_about(alert)] == [fits]
    assert (tips_fitting(alert), tips_fitting(999)) == ([], [])
    assert kinds


@pytest.mark.usefixtures("mail_leaves")
def test_the_next_feedback_tells_outcomes_that_none_told_before(now):
    here, there = place("Plainevaux", now), place("Rotheux", now)
    coordinator(1, now, "Plainevaux")
    told(now, outcome="known", neighbourhood_id=here)
    told(now, outcome="nothing", neighbourhood_id=there)
    assert outcomes_to_tell(None, [here]) == {"known": 1}
    sent(now + MINUTE, category="feedback", everywhere=False, neighbourhood_ids=(here,))
    assert (outcomes_to_tell(None, [here]), outcomes_to_tell(None, [])) == ({}, {"nothing": 1})
    told(now + DAY, outcome="inquiry", neighbourhood_id=here)
    assert outcomes_to_tell(None, [here]) == {"inquiry": 1}


@pytest.mark.parametrize("leaves", ["forgotten", "restricted"])
def test_whoever_leaves_is_in_no_tip_and_it_still_counts(now, leaves):
    luc, here = person(1, now - DAY), place("Plainevaux", now)
    ref = text(now, mobile(1))
    theirs = told(
        now, "sms", ref, "known", member_id=luc, neighbourhood_id=here, told_by="member", street="rue 1", words="Vu."
    )
    others = told(now, member_id=person(2, now), words="Rien.")
    if leaves == "forgotten":
        forget_member(luc, "anne", now)
    else:
        restrict_member(luc, "anne", now)
    card = tip(theirs)
    assert (card.member_id, card.teller, card.ref, card.street, card.words) == (None, "", None, "", "")
    assert (card.told_by, card.neighbourhood, card.outcome) == ("member", "Plainevaux", "known")
    assert (tip(others).words, tip(others).teller) == ("Rien.", "Prénom2 Nom002")
    leave_tips([])


def test_after_its_time_a_tip_is_only_counted(now):
    old = told(now - 400 * DAY, ref=text(now), outcome="known", words="Vu.", street="rue", pv="LI.12345")
    young = told(now, words="Vu.")
    assert forget_tips(now - 365 * DAY) == 1
    assert forget_tips(now - 365 * DAY) == 0
    assert (tip(old).words, tip(old).street, tip(old).pv, tip(old).ref, tip(old).outcome) == ("", "", "", None, "known")
    assert tip(young).words == "Vu."


def test_tips_of_a_neighbourhood_that_is_merged_go_with_it(now):
    gone, into = place("Plainevaux", now), place("Rotheux", now)
    made = told(now, neighbourhood_id=gone)
    merge_neighbourhoods(gone, into, "anne", now)
    assert tip(made).neighbourhood_id == into
