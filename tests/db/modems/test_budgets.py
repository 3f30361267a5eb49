"""Budgets per SIM: counted with the receipt, kept by IMSI, and what stops at 100 %."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import (
    ClaimLost,
    mark_failed,
    mark_late,
    mark_pdu_started,
    mark_sent,
    mark_unconfirmed,
)
from db.alerts.queue.recovery import take_back_expired
from db.models.modem_records import SimBudget, SimDay
from db.modems.budgets import apply_configured, limits_of, room_of, use_of
from plp.services.modems import set_limits
from rules.orders.budgets import Limits, Use
from rules.refusals import Refusal
from tests.support.budgets import people, send_all
from tests.support.people import LONG, later, mobile, order, ready_modem

pytestmark = pytest.mark.usefixtures("database")

A, B = "206010000000001", "206010000000002"


@pytest.fixture
def modem(now):
    return ready_modem("a", now, A)


def configured(imsi=A, **limits):
    apply_configured(imsi, "box", "a", Limits(**limits))


@pytest.mark.tuesday
def test_each_part_counts_and_each_number_once_a_month(now, modem):
    people(2, now)
    order(now, text=LONG)
    assert len(send_all(modem, now)) == 6
    assert use_of(A, now) == Use(6, 6, 2)
    order(now)
    send_all(modem, later(now, 3600))
    assert use_of(A, later(now, 3600)) == Use(8, 8, 2)
    assert use_of(B, now) == Use(0, 0, 0)


def test_the_calendar_is_the_local_one(modem):
    """In Brussels it is already the first of December at 23:30 UTC."""
    before = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)
    after = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    people(1, before)
    for at in (before, after):
        ready_modem("a", at, A)
        order(at, again=True)
        send_all(modem, at)
    assert use_of(A, before) == Use(1, 1, 1)
    assert use_of(A, after) == Use(1, 1, 1)
    assert sorted(row.day for row in SimDay.select()) == ["2026-11-30", "2026-12-01"]


@pytest.mark.tuesday
def test_what_may_have_gone_out_counts_and_what_was_refused_does_not(now, modem):
    people(3, now)
    order(now)
    silent = claim_part(modem, now)
    mark_pdu_started(silent, now)
    mark_unconfirmed(silent, "no_answer", modem, now)
    refused = claim_part(modem, now)
    mark_pdu_started(refused, now)
    mark_failed(refused, "CMS 1", now)
    assert use_of(A, now) == Use(1, 1, 1)
    assert mark_late(silent, 1, modem, now)
    assert use_of(A, now) == Use(1, 1, 1)
    lost = claim_part(modem, now)
    mark_pdu_started(lost, now)
    take_back_expired(later(now, 3600))
    assert use_of(A, later(now, 3600)) == Use(2, 2, 2)


def test_a_receipt_that_is_not_written_does_not_count(now, modem):
    people(1, now)
    order(now)
    claim = replace(claim_part(modem, now), attempt_id=99)
    with pytest.raises(ClaimLost):
        mark_sent(claim, 1, modem, now)
    assert use_of(A, now) == Use(0, 0, 0)


def test_a_person_s_limits_hold_instead_of_the_configured_ones(now):
    configured(day=500)
    set_limits(A, Limits(300, 0, 250), "test", now)
    configured(day=600, month=7)
    assert limits_of(A) == Limits(300, 0, 250)
    set_limits(A, None, "test", now)
    assert limits_of(A) == Limits(600, 7, 0)
    assert SimBudget.select().count() == 1
    with pytest.raises(Refusal, match="nombre entier"):
        set_limits(A, Limits(-1), "test", now)
    with pytest.raises(Refusal, match="Cette carte SIM est inconnue"):
        set_limits(B, None, "test", now)


@pytest.mark.tuesday
def test_normal_work_stops_at_the_day_s_limit_and_goes_on_tomorrow(now, modem):
    configured(day=2)
    people(3, now)
    order(now, priority="normal")
    assert len(send_all(modem, now)) == 2
    assert room_of(A, now).messages == 0
    assert not room_of(A, now).has_messages(1)
    tomorrow = later(now, 8 * 3600)
    assert send_all(modem, tomorrow) == [mobile(2)]


def test_urgent_work_does_not_stop(now, modem):
    configured(day=2)
    people(2, now)
    order(now, priority="normal")
    send_all(modem, now)
    order(now, override_reason="vie en danger", again=True)
    assert len(send_all(modem, now)) == 2
    assert room_of(A, now).messages == -2


def test_a_message_is_not_begun_that_could_not_be_ended(now, modem):
    configured(month=4)
    people(2, now)
    order(now, text=LONG, priority="normal")
    assert send_all(modem, now) == [mobile(0)] * 3
    assert room_of(A, now).messages == 1


def test_what_was_begun_is_ended(now, modem):
    people(1, now)
    order(now, text=LONG, priority="normal")
    send_all(modem, now, at_most=1)
    configured(day=1)
    assert send_all(modem, now) == [mobile(0)] * 2


def test_with_its_recipients_used_up_a_sim_still_sends_to_those_it_met(now, modem):
    people(3, now)
    order(now, priority="normal")
    send_all(modem, now, at_most=2)
    configured(recipients=2)
    assert send_all(modem, now) == []
    order(now, priority="normal", again=True)
    assert send_all(modem, now) == [mobile(0), mobile(1)]


def test_another_sim_takes_what_the_budget_stops(now, modem):
    configured(day=1)
    other = ready_modem("b", now, B)
    people(3, now)
    order(now, priority="normal")
    assert send_all(modem, now) == [mobile(0)]
    assert send_all(other, now) == [mobile(1), mobile(2)]
