"""A drill or a bulletin at a date: sent once, at its hour, or not at all; a monthly one plans the next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from base.settings.values import MailSettings
from db.alerts.planned import GRACE, DatedOrder, missed, planned
from db.bulletins.drafts import bulletin
from db.bulletins.values import BulletinDraft, Words
from db.mail.enqueue import send_as
from db.models.broadcasts import Broadcast, BroadcastText
from plp.jobs import planned as jobs
from plp.jobs.planned import send_planned
from plp.services.accounts.rights import add_account, change_account, close_account, delete_account
from plp.services.bulletins.drafts import save_draft
from plp.services.drills import add_to_drill_group, plan_for, stop_planned
from rules.calendar import month_later
from rules.people import Actor
from rules.refusals import Refusal
from tests.plp.jobs.answering import SETTINGS
from tests.support.people import mobile, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

HOUR = timedelta(hours=1)
TEXT = "Essai mensuel. Rien à faire."
HOUSE = replace(SETTINGS, sending=replace(SETTINGS.sending, undo_seconds=0))


@pytest.fixture(autouse=True)
def anne(database, now):
    return add_account("anne", ["officer", "coordinator"], None, "test", now, mobile(91))


@pytest.fixture
def group(now, anne):
    add_to_drill_group("account", anne, "test", now)


def look(now):
    ready_modem("a", now)
    return send_planned(HOUSE, now)


def drills():
    return [(row.broadcast.kind, row.body) for row in BroadcastText.select(BroadcastText, Broadcast).join(Broadcast)]


def states():
    return [card.state for card in planned()]


def test_a_drill_keeps_a_text_for_each_language(group, now):
    dutch = person(1, now, language="nl")
    add_to_drill_group("member", dutch, "test", now)
    others = (("nl", "Maandelijkse test. U hoeft niets te doen."),)
    plan_for(DatedOrder("drill", now + HOUR, True, TEXT, others=others), "anne", now)
    assert look(now + HOUR)
    sent = dict(row for row in BroadcastText.select(BroadcastText.language, BroadcastText.body).tuples())
    assert sorted(sent) == ["fr", "nl"]
    assert sent["nl"].startswith("OEFENING")
    assert [card.others for card in planned()] == [others, others], "the next month's has them too"


def test_a_language_that_came_into_the_group_since_gets_the_main_text(group, now):
    plan_for(DatedOrder("drill", now + HOUR, text=TEXT, others=(("nl", "Maandelijkse test."),)), "anne", now)
    german = person(1, now, language="de")
    add_to_drill_group("member", german, "test", now)
    assert look(now + HOUR)
    assert states() == ["done"]
    ((_kind, text),) = drills()
    assert TEXT in text


def test_a_drill_goes_out_at_its_hour_and_once(group, now):
    plan_for(DatedOrder("drill", now + HOUR, text=TEXT), "anne", now)
    assert not look(now + HOUR - timedelta(seconds=1))
    assert drills() == []
    assert look(now + HOUR)
    assert not look(now + HOUR)
    ((kind, text),) = drills()
    assert kind == "drill"
    assert text.startswith("EXERCICE")
    assert TEXT in text
    (card,) = planned()
    assert (card.state, card.broadcast_id) == ("done", Broadcast.get().id)


def test_power_cut_between_the_drill_and_its_mark_sends_once(group, now, monkeypatch):
    plan_for(DatedOrder("drill", now + HOUR, text=TEXT), "anne", now)
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "mark_ended", lambda *_args, **_named: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            look(now + HOUR)
    assert look(now + HOUR + timedelta(minutes=2))
    assert (len(drills()), states()) == (1, ["done"])


def test_what_a_power_cut_kept_is_sent_within_the_grace_and_then_said(group, now):
    plan_for(DatedOrder("drill", now + HOUR, text=TEXT), "anne", now)
    plan_for(DatedOrder("drill", now + HOUR + 2 * GRACE, text=TEXT), "anne", now)
    assert look(now + HOUR + 2 * GRACE + GRACE)
    assert [card.state for card in sorted(planned(), key=lambda card: card.due_at)] == ["missed", "done"]
    assert len(drills()) == 1
    assert [card.due_at for card in missed(now + HOUR)] == [now + HOUR]


def test_while_no_modem_can_send_it_waits_for_the_grace_alone(group, now):
    plan_for(DatedOrder("drill", now + HOUR, text=TEXT), "anne", now)
    assert not send_planned(HOUSE, now + HOUR)
    assert states() == ["waiting"]
    assert send_planned(HOUSE, now + HOUR + GRACE + timedelta(seconds=1))
    assert states() == ["missed"]


def test_a_refusal_is_kept_with_its_sentence(now):
    plan_for(DatedOrder("drill", now + HOUR, text=TEXT), "anne", now)
    assert look(now + HOUR)
    (card,) = planned()
    assert card.state == "refused"
    assert "groupe d'exercice est vide" in str(card.refusal)


def test_a_monthly_one_plans_the_next_and_a_missed_one_too(group, now):
    plan_for(DatedOrder("drill", now + HOUR, monthly=True, text=TEXT), "anne", now)
    look(now + HOUR)
    waiting = planned()[0]
    assert (waiting.state, waiting.due_at) == ("waiting", month_later(now + HOUR))
    look(waiting.due_at + timedelta(days=70))
    assert states().count("missed") == 1
    assert planned()[0].due_at > waiting.due_at + timedelta(days=70)


def test_one_that_is_taken_back_is_not_sent_nor_planned_anew(group, now):
    number = plan_for(DatedOrder("drill", now + HOUR, monthly=True, text=TEXT), "anne", now)
    assert stop_planned(number, "luc", now)
    assert not stop_planned(number, "luc", now)
    assert not look(now + HOUR)
    assert (drills(), states()) == ([], ["stopped"])


def gone(account_id, how, now):
    by = Actor("account", "luc")
    if how == "demoted":
        change_account(account_id, by, now, roles=frozenset({"coordinator"}))
    else:
        {"closed": close_account, "deleted": delete_account}[how](account_id, by, now)


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize("how", ["closed", "deleted", "demoted"])
def test_a_date_does_not_outlive_the_rights_of_whoever_planned_it(now, anne, how):
    add_to_drill_group("member", person(1, now, role="coordinator", email="paul@example.org"), "test", now)
    number = save_draft(None, draft(now), "n1", "anne", now)
    plan_for(DatedOrder("drill", now + HOUR, text=TEXT), "anne", now)
    plan_for(DatedOrder("bulletin", now + HOUR, bulletin_id=number, seen=bulletin(number).seen), "anne", now)
    gone(anne, how, now)
    assert look(now + HOUR)
    assert (drills(), bulletin(number).sent_at, states()) == ([], None, ["refused", "refused"])
    assert all("anne, qui a prévu cet envoi" in str(card.refusal) for card in planned())


@pytest.mark.parametrize("far", [timedelta(), timedelta(days=500)])
def test_a_date_that_cannot_be_is_refused(now, far):
    with pytest.raises(Refusal, match="Cette date"):
        plan_for(DatedOrder("drill", now + far, text=TEXT), "anne", now)


def draft(now, title="Faux livreurs"):
    words = (Words("fr", title, "Deux hommes se disent livreurs. N'ouvrez pas."),)
    return BulletinDraft("tactical", words, everywhere=True)


@pytest.fixture
def mail():
    send_as(MailSettings(sender="plp@example.org"))
    yield
    send_as(None)


@pytest.mark.usefixtures("mail")
def test_a_bulletin_goes_out_as_it_was_seen(now):
    person(1, now, role="coordinator", email="anne@example.org")
    number = save_draft(None, draft(now), "n1", "anne", now)
    plan_for(DatedOrder("bulletin", now + HOUR, bulletin_id=number, seen=bulletin(number).seen), "anne", now)
    assert look(now + HOUR)
    assert (bulletin(number).sent_at, bulletin(number).sent_by, states()) == (now + HOUR, "anne", ["done"])


def test_a_bulletin_is_not_taken_for_sent_where_no_mail_leaves(now):
    person(1, now, role="coordinator", email="anne@example.org")
    number = save_draft(None, draft(now), "n1", "anne", now)
    plan_for(DatedOrder("bulletin", now + HOUR, bulletin_id=number, seen=bulletin(number).seen), "anne", now)
    assert look(now + HOUR)
    assert (bulletin(number).sent_at, states()) == (None, ["refused"])


@pytest.mark.usefixtures("mail")
def test_a_bulletin_that_changed_since_is_not_sent(now):
    person(1, now, role="coordinator", email="anne@example.org")
    number = save_draft(None, draft(now), "n1", "anne", now)
    plan_for(DatedOrder("bulletin", now + HOUR, bulletin_id=number, seen=bulletin(number).seen), "anne", now)
    save_draft(number, draft(now, "Autre titre"), "n1", "anne", now)
    assert look(now + HOUR)
    assert (bulletin(number).sent_at, states()) == (None, ["refused"])


@pytest.mark.parametrize(
    ("at", "later"),
    [
        ((2026, 11, 5, 9), (2026, 12, 3, 9)),  # the first Thursday
        ((2026, 10, 1, 8), (2026, 11, 5, 9)),  # over the end of summer time: 10:00 in Belgium both times
        ((2026, 10, 29, 9), (2026, 11, 26, 9)),  # a fifth one, then the last
    ],
)
def test_the_same_weekday_of_the_next_month(at, later):
    assert month_later(datetime(*at, tzinfo=UTC)) == datetime(*later, tzinfo=UTC)
