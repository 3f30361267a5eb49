"""What is kept for a while: afterwards the counts stay, and who they were about goes. What runs is never touched."""

from datetime import timedelta

import pytest

from base.settings.values import MailSettings
from db.alerts.progress.history import newest
from db.alerts.progress.progress import progress, recipients
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_sent
from db.engine import connection
from db.inbound import received
from db.journal import audit
from db.journal.chain import cut_beginning, seal_entries
from db.journal.verification import verify
from db.mail.enqueue import enqueue_letter, send_as
from db.mail.values import Copy, Letter
from db.models.accounts import SignInLink
from db.models.broadcasts import Broadcast, BroadcastText, Message, Part
from db.models.mail import Mail, MailLetter
from db.models.modem_records import InboundMessage, SimRecipient
from db.models.zone import AuditEntry
from db.modems.budgets import count_sent
from db.operations import retention
from rules.states import PartState, Stage
from tests.browser.trouble import Delivered
from tests.support.accounts import issue_link
from tests.support.people import Text, later, mobile, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

YEAR = timedelta(days=365)


def over(broadcast_id, state=PartState.DELIVERED):
    Part.update(state=state).where(Part.broadcast == broadcast_id).execute()
    Broadcast.update(stage=Stage.FINISHED).where(Broadcast.id == broadcast_id).execute()


def test_an_alert_keeps_its_counts_and_forgets_its_people(now, monkeypatch):
    monkeypatch.setattr(connection, "CHUNK", 2)
    modem = ready_modem("a", now)
    for number in range(5):
        person(number, now)
    placed = order(now)
    mark_sent(claim_part(modem, now), 7, modem, now)
    over(placed.id)
    before = progress(placed.id, now)
    assert retention.forget_recipients(now) == 0
    assert retention.forget_recipients(later(now, 1)) == 5
    after = progress(placed.id, now)
    assert (after.counts, after.recipients, after.text) == (before.counts, 5, before.text)
    assert {(row.name, row.msisdn) for row in recipients(placed.id).rows} == {("", "")}
    assert Broadcast.get().fingerprint == ""
    assert retention.forget_recipients(later(now, 1)) == 0
    assert [card.id for card in newest(50, now)] == [placed.id]


@pytest.mark.parametrize("stage", [Stage.QUEUED, Stage.PAUSED, Stage.HELD, Stage.SCHEDULED, Stage.PREPARING])
def test_what_runs_is_never_touched(now, stage):
    ready_modem("a", now)
    person(1, now)
    order(now)
    Broadcast.update(stage=stage).execute()
    assert retention.forget_recipients(now + YEAR) == 0
    assert Message.select().get().msisdn == mobile(1)


def test_a_crash_in_between_is_taken_up(now, monkeypatch):
    monkeypatch.setattr(connection, "CHUNK", 1)
    ready_modem("a", now)
    for number in range(3):
        person(number, now)
    over(order(now).id)
    calls = []

    def power_cut():
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(connection, "give_way", power_cut)
        with pytest.raises(KeyboardInterrupt):
            retention.forget_recipients(now + YEAR)
    assert Message.select().where(Message.msisdn != "").count() == 1
    assert retention.forget_recipients(now + YEAR) == 1
    assert Message.select().where(Message.msisdn != "").count() == 0


def test_what_nobody_ordered_goes_whole(now, monkeypatch):
    ready_modem("a", now)
    person(1, now)
    welcome = order(now, kind="welcome", priority="normal")
    alert = order(now, Text("Incendie", segments=("Incendie",)))
    over(welcome.id)
    over(alert.id)
    assert retention.forget_recipients(now + YEAR) == 2
    assert [row.id for row in Broadcast.select()] == [alert.id]
    assert [row.broadcast_id for row in Part.select()] == [alert.id]
    assert BroadcastText.select().count() == 1


def test_texts_that_came_in(now):
    received.apply_inbound("206010000000001", Delivered(mobile(1), "Bonjour", now), False, now)
    received.apply_inbound("206010000000001", Delivered(mobile(1), "Encore", later(now, 9)), False, later(now, 9))
    received.apply_unreadable("206010000000001", "00", now)
    assert received.forget_inbound_before(now) == 0
    assert received.forget_inbound_before(later(now, 9)) == 2
    assert [row.text for row in InboundMessage.select()] == ["Encore"]


def test_whom_a_sim_met_stays_for_its_month(now):
    count_sent("206010000000001", mobile(1), now)
    assert retention.forget_sim_recipients(now + timedelta(minutes=1)) == 0
    assert retention.forget_sim_recipients(now + timedelta(days=31)) == 1
    assert SimRecipient.select().count() == 0


def test_mails_and_their_letters(now):
    send_as(MailSettings(sender="plp@example.be"))
    try:
        for key in ("old", "new"):
            enqueue_letter(Letter("daily", key), [Copy(key, f"{key}@example.org", "", "x")], now)
    finally:
        send_as(None)
    assert retention.forget_mails(now + YEAR) == 0
    Mail.update(state="accepted").where(Mail.key == "old").execute()
    assert retention.forget_mails(now) == 0
    assert retention.forget_mails(now + YEAR) == 1
    assert [row.subject for row in MailLetter.select()] == ["new"]


def test_no_mail_gets_the_number_of_one_that_is_forgotten(now):
    send_as(MailSettings(sender="plp@example.be"))
    try:
        old = enqueue_letter(Letter("daily", "x"), [Copy(f"old {n}", "a@example.org", "A", "x") for n in range(2)], now)
        Mail.update(state="accepted").execute()
        assert retention.forget_mails(now + YEAR) == 1
        new = enqueue_letter(Letter("daily", "x"), [Copy("new", "b@example.org", "", "x")], now + YEAR)
        assert not set(new) & set(old)
        assert [row.address for row in Mail.select().order_by(Mail.id)] == ["", "b@example.org"]
        assert retention.forget_mails(now + YEAR + YEAR) == 1
    finally:
        send_as(None)


def test_what_is_left_over(now):
    issue_link(now)
    assert retention.forget_leftovers(now + timedelta(days=30)) == 0
    assert retention.forget_leftovers(now + timedelta(days=32)) == 1
    assert SignInLink.select().count() == 0


def test_the_journal_loses_its_beginning_and_stays_sealed(now, monkeypatch):
    monkeypatch.setattr(connection, "CHUNK", 2)
    for second in (0, 1, 2, 900, 3, 901):  # the clock was wrong for a while
        audit.record(later(now, second), "anne", f"action {second}")
    while seal_entries():
        pass
    assert cut_beginning(later(now, 500), now) == 3
    assert [row.action for row in AuditEntry.select().order_by(AuditEntry.id)] == [
        "action 900",
        "action 3",
        "action 901",
        "journal_cut",
    ]
    seal_entries()
    assert (verify().sealed, verify().faults) == (4, ())
    assert cut_beginning(later(now, 500), now) == 0
