"""Who has no mobile gets the alert by mail, at once and once, and is named on the alert's page."""

from datetime import timedelta

import pytest

from base.settings.values import MailSettings, SendingSettings, Settings
from db.alerts.incidents import left_out
from db.alerts.incidents.left_out import MAILED_WITHIN, PATIENCE, people_left_out
from db.alerts.queue.recovery import release_due
from db.mail.enqueue import send_as
from db.models.mail import Mail, MailLetter
from db.models.people import Member
from db.people.audience import Audience
from db.people.zone import Policy, write_policy
from plp.jobs.bulletins import mail_alerts
from plp.letters.rendering import ALERT
from plp.services.people.groups import put_into_group, save_group
from tests.support.people import Text, cancel_broadcast, later, order, person, plans_of, ready_modem

NEAR, FAR = "Plainevaux", "Bois"
WHYS = ("no_mobile", "no_sms", "beside", "earlier")
UNDO = SendingSettings(undo_seconds=10)


@pytest.fixture
def house(database, now):
    mail = MailSettings(sender="plp@example.be")
    send_as(mail)
    ready_modem("a", now)
    person(1, now, NEAR)
    person(2, now, NEAR, mobile="", email="deux@example.org")
    person(4, now, FAR)
    person(5, now, FAR, mobile="", email="cinq@example.org")
    yield Settings(path=database.parent / "config.ini", folder=database.parent, mail=mail)
    send_as(None)


def addresses():
    return sorted(row.address for row in Mail.select())


def test_an_alert_is_mailed_once_to_who_has_no_mobile(house, now):
    placed = order(now)
    assert mail_alerts(house, now)
    assert not mail_alerts(house, later(now, 5))
    assert addresses() == ["cinq@example.org", "deux@example.org"]
    assert all("Vol avec violence rue de la Station." in mail.text for mail in Mail.select())
    assert MailLetter.select().first().kind == "alert"
    left = {one.name.split()[-1]: (one.address, one.mail) for one in people_left_out(placed.id)}
    assert left == {
        "Nom002": ("deux@example.org", "queued"),
        "Nom005": ("cinq@example.org", "queued"),
    }


def test_only_the_neighbourhoods_of_the_alert(house, now):
    order(now, audience=Audience(neighbourhoods=(NEAR,)))
    mail_alerts(house, now)
    assert addresses() == ["deux@example.org"]


def test_nothing_leaves_while_it_can_be_undone_nor_when_it_was(house, now):
    placed = order(now, sending=UNDO)
    assert not mail_alerts(house, now)
    cancel_broadcast(placed.id, "test", now)
    assert not mail_alerts(house, later(now, 20))
    order(now, sending=UNDO)
    release_due(later(now, 11))
    assert mail_alerts(house, later(now, 11))


def test_a_drill_and_an_old_alert_are_not_mailed(house, now):
    order(now, kind="drill")
    assert not mail_alerts(house, now)
    order(now, text=Text("Feu.", "gsm7", ("Feu.",)))
    assert not mail_alerts(house, now + MAILED_WITHIN + timedelta(seconds=1))


def test_without_mail_nothing_is_queued_and_all_are_named(house, now):
    placed = order(now)
    assert not mail_alerts(Settings(path=house.path, folder=house.folder), now)
    assert [one.mail for one in people_left_out(placed.id)] == ["", ""]


@pytest.mark.sqlite
def test_nothing_owed_is_four_small_queries(house, now):
    order(now, audience=Audience(neighbourhoods=(NEAR,)))
    mail_alerts(house, now)
    assert addresses() == ["deux@example.org"]
    Mail.update(state="accepted").execute()
    asked = plans_of(lambda: mail_alerts(house, later(now, 5)))
    assert len(asked) == 4, "undo seconds, alerts that stand still, mails that wait, mails"


def test_why_it_comes_by_mail_is_asked_once_for_all_readers(house, now, monkeypatch):
    for number in range(10, 20):
        person(number, now, NEAR, email=f"m{number}@example.org")
    write_policy(Policy(mail_always=True))
    order(now)
    asked, ask = [], left_out.row_of
    monkeypatch.setattr(left_out, "row_of", lambda number: asked.append(number) or ask(number))
    mail_alerts(house, now)
    assert (len(addresses()) >= 10, len(asked) < 10) == (True, True)


def test_who_has_no_mobile_in_a_group_of_the_alert_is_not_overlooked(house, now):
    group = save_group(None, "Commerçants", None, "anne", now)
    without = Member.get(Member.email == "cinq@example.org")
    put_into_group(group, [1, without.id], "anne", now)
    order(now, audience=Audience(groups=("Commerçants",)))
    assert mail_alerts(house, now)
    assert addresses() == ["cinq@example.org"]
    assert not mail_alerts(house, later(now, 5))


def reasons():
    words = ALERT["fr"]
    texts = {mail.address: " ".join(mail.text.split()) for mail in Mail.select()}
    return {address: {why for why in WHYS if words[why] in text} for address, text in texts.items()}


def test_each_mail_tells_its_own_reason(house, now):
    person(6, now, NEAR, email="six@example.org")
    write_policy(Policy(mail_always=True))
    order(now)
    mail_alerts(house, now)
    assert reasons() == {
        "cinq@example.org": {"no_mobile"},
        "deux@example.org": {"no_mobile"},
        "six@example.org": {"beside"},
    }


def test_who_has_a_mobile_is_not_told_that_we_lack_the_number_while_no_sms_leaves(house, now):
    person(6, now, NEAR, email="six@example.org")
    ready_modem("a", now, state="absent")
    order(now)
    mail_alerts(house, now)
    assert reasons()["six@example.org"] == {"no_sms"}


def test_a_modem_that_starts_holds_back_no_mail(house, now):
    """It may start for minutes after a lost answer, and nothing leaves meanwhile."""
    person(6, now, NEAR, email="six@example.org")
    order(now)
    ready_modem("a", now, state="starting")
    mail_alerts(house, later(now, 1))
    assert "six@example.org" not in addresses(), "it may send in a moment"
    still = now + PATIENCE + timedelta(seconds=1)
    ready_modem("a", still, state="starting")
    mail_alerts(house, still)
    assert "six@example.org" in addresses()


def test_an_order_while_the_only_modem_starts_is_mailed_at_once(house, now):
    person(6, now, NEAR, email="six@example.org")
    ready_modem("a", now, state="starting")
    order(now)
    mail_alerts(house, later(now, 1))
    assert reasons()["six@example.org"] == {"no_sms"}
