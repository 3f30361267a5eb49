"""The admins learn once, by mail, of an alert that went out without a second person."""

from datetime import timedelta

import pytest

from base.settings.values import MailSettings, SendingSettings, Settings
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started
from db.alerts.queue.recovery import release_due
from db.alerts.values import Sender
from db.mail.enqueue import send_as
from db.models.mail import Mail, MailLetter
from db.models.policy import ZonePolicy
from plp.jobs.bulletins import tell_alone
from plp.services.accounts.rights import add_account
from tests.support.people import cancel_broadcast, order, person, ready_modem

REASON = "Seule de garde, vol en cours"
UNDO = SendingSettings(undo_seconds=10)
SENDER = Sender("box", "a", "206010000000001", False)


@pytest.fixture
def house(database, now):
    mail = MailSettings(sender="plp@example.be")
    send_as(mail)
    ready_modem("a", now)
    for number in range(3):
        person(number, now)
    ZonePolicy.create(approval="second")
    add_account("Chef", ["admin"], None, "test", now, email="chef@example.org")
    add_account("Adjoint", ["admin", "officer"], None, "test", now, email="adjoint@example.org")
    add_account("Luc", ["technician"], None, "test", now, email="luc@example.org")
    yield Settings(path=database.parent / "config.ini", folder=database.parent, mail=mail)
    send_as(None)


@pytest.mark.tuesday
def test_every_admin_is_written_to_once_with_the_reason(house, now):
    placed = order(now, by="Anne", alone_because=REASON)
    assert tell_alone(house, now)
    assert not tell_alone(house, now)
    assert {mail.address for mail in Mail.select()} == {"chef@example.org", "adjoint@example.org"}
    letter = MailLetter.get()
    assert (letter.kind, letter.subject) == ("account", f"Envoi {placed.id} : envoyé sans validation")
    body = Mail.get().text
    assert "Anne a lancé l'envoi le 24/11/2026 à 21:40, pour 3 personnes" in body
    assert REASON in body
    assert "rue de la Station" not in body


def test_an_alert_that_waits_or_was_approved_is_nobody_s_alarm(house, now):
    order(now, by="Anne")
    assert not tell_alone(house, now)


def test_what_is_undone_in_its_seconds_did_not_go_out(house, now):
    undone = order(now, by="Anne", alone_because=REASON, sending=UNDO)
    assert not tell_alone(house, now)
    cancel_broadcast(undone.id, "Anne", now)
    assert not tell_alone(house, now + timedelta(minutes=1))
    order(now, by="Anne", alone_because=REASON, sending=UNDO)
    release_due(now + timedelta(seconds=20))
    assert tell_alone(house, now + timedelta(seconds=20))


def test_what_is_stopped_on_its_way_did(house, now):
    placed = order(now, by="Anne", alone_because=REASON)
    mark_pdu_started(claim_part(SENDER, now), now)
    cancel_broadcast(placed.id, "Anne", now)
    assert tell_alone(house, now)


def test_where_no_mail_leaves_it_stays_owed_for_a_day(house, now):
    order(now, by="Anne", alone_because=REASON)
    off = Settings(path=house.path, folder=house.folder)
    assert not tell_alone(off, now)
    assert not tell_alone(house, now + timedelta(days=2))
    assert tell_alone(house, now + timedelta(hours=2))
