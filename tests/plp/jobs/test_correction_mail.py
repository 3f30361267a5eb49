"""Nobody is mailed what was corrected or stopped, and of a correction with the corrected alert for the others each
reader gets one mail, whatever becomes of the mail about the alert meanwhile.
"""

from collections import Counter
from datetime import timedelta

import pytest

from base.settings.values import MailSettings, Settings
from db.alerts.values import FollowUpOrder
from db.mail.enqueue import send_as
from db.models.mail import Mail
from plp.jobs import bulletins
from plp.jobs.bulletins import mail_alerts
from tests.support.people import (
    Text,
    cancel_broadcast,
    later,
    order,
    person,
    place_corrected,
    place_follow_up,
    ready_modem,
)

READERS = 4

pytestmark = pytest.mark.both


@pytest.fixture
def house(database, now):
    mail = MailSettings(sender="plp@example.be")
    send_as(mail)
    ready_modem("a", now)
    person(1, now)
    for number in range(2, 2 + READERS):
        person(number, now, mobile="", email=f"p{number}@example.org")
    yield Settings(path=database.parent / "config.ini", folder=database.parent, mail=mail)
    send_as(None)


def corrects(alert, at, how=None):
    """The correction, and the corrected alert to the others; the jobs run between the two where `how` says so."""
    wanted = FollowUpOrder(alert, "correction", "anne")
    first = place_follow_up(wanted, Text("Correction."), at).id
    if how is not None:
        how()
    rest = place_corrected(wanted, Text("Le bon texte."), timedelta(hours=4), at)
    return first, rest.id if rest else None


def mailed(*broadcasts):
    """Readers of mails about these that went out or may."""
    rows = Mail.select().where(Mail.broadcast.in_(broadcasts), Mail.state != "cancelled")
    return Counter(row.address for row in rows)


@pytest.mark.parametrize("then", ["accepted", "refused", "queued"])
@pytest.mark.parametrize("early", [True, False])
def test_each_reader_gets_one_mail_whatever_becomes_of_the_alerts(house, now, then, early):
    alert = order(now).id
    mail_alerts(house, now)
    about_alert = Mail.update(state="accepted", changed_at=now).where(Mail.address == "p2@example.org")
    about_alert.execute()
    Mail.update(state="sending", changed_at=now).where(Mail.address == "p3@example.org").execute()
    at = later(now, 60)
    pair = corrects(alert, at, (lambda: mail_alerts(house, at)) if early else None)
    Mail.update(state=then).where(Mail.state == "sending").execute()
    mail_alerts(house, later(at, 2))
    Mail.update(state="accepted").where(Mail.broadcast == alert, Mail.state == "queued").execute()
    mail_alerts(house, later(at, 4))
    assert set(mailed(*pair).values()) == {1}
    assert len(mailed(*pair)) == READERS


def test_a_mail_that_comes_back_is_not_sent_once_the_alert_is_corrected(house, now):
    alert = order(now).id
    mail_alerts(house, now)
    Mail.update(state="sending", changed_at=now).execute()
    corrects(alert, later(now, 60))
    Mail.update(state="queued", next_at=later(now, 120)).execute()
    mail_alerts(house, later(now, 62))
    assert not mailed(alert)


def test_a_mail_that_comes_back_is_not_sent_once_the_alert_is_stopped(house, now):
    alert = order(now).id
    mail_alerts(house, now)
    Mail.update(state="sending", changed_at=now).execute()
    cancel_broadcast(alert, "anne", later(now, 60))
    Mail.update(state="queued", next_at=later(now, 120)).execute()
    mail_alerts(house, later(now, 62))
    assert not mailed(alert)


@pytest.mark.parametrize("what", ["corrected", "stopped"])
def test_the_jobs_stop_writing_mails_of_what_is_over(house, now, monkeypatch, what):
    alert, enqueue = order(now).id, bulletins.enqueue_letter
    written = []

    def letter(*values):
        ids = enqueue(*values)
        written.append(ids)
        if len(written) == 1:
            Mail.update(state="accepted").execute()
            if what == "corrected":
                corrects(alert, later(now, 1))
            else:
                cancel_broadcast(alert, "anne", later(now, 1))
        return ids

    monkeypatch.setattr(bulletins, "enqueue_letter", letter)
    mail_alerts(house, now)
    assert len(mailed(alert)) == 1
