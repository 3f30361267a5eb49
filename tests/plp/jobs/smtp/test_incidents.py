"""An incident from beginning to end through a real SMTP server: told once each, whatever the server does meanwhile."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from base.settings.values import DatabaseSettings, SendingSettings, Settings
from db.models.broadcasts import Message, Part
from db.modems import status
from db.operations.incidents import FLAPPING, incidents, open_incidents
from plp.jobs.alarms.telling import look
from plp.jobs.alarms.trouble import MAIL_STANDS, UNREADY
from plp.jobs.morning_mail import tell_daily
from plp.services.accounts.rights import add_account
from tests.plp.jobs.smtp.letters import settings
from tests.plp.jobs.smtp.server import DROP
from tests.support.people import mobile, ready_modem

MINUTE = timedelta(minutes=1)
DUTY = mobile(99)


pytestmark = pytest.mark.slow  # two hours, minute by minute


@pytest.fixture
def house(database, now):
    add_account("luc", ["technician"], None, "test", now, email="luc@example.org")
    add_account("anne", ["admin"], None, "test", now, email="anne@example.com")
    return Settings(
        path=database.parent / "config.ini",
        folder=database.parent,
        database=DatabaseSettings("sqlite:///plp.db", host="box"),
        sending=SendingSettings(duty_phone=DUTY),
        mail=settings(),
    )


@pytest.fixture
def live(house, office, carry):
    """`live(since, until, state)`: the box lives from minute to minute, and its mail is carried."""

    def minutes(at, until, state="ready"):
        while at < until:
            ready_modem("a", at, state=state, sentence="" if state == "ready" else "Le port est utilisé par un autre.")
            status.beat("box", "jobs", 1, at)
            look(house, at)
            carry(office, at)
            Part.update(state="delivered").execute()
            at += MINUTE
        return at

    return minutes


def told(office):
    """(reader, subject) of what arrived, in order."""
    return [(mail.readers[0], mail.subject) for mail in office.mails]


@pytest.mark.tuesday
def test_a_beginning_and_an_end_for_each_reader(live, office, now):
    at = live(now, now + UNREADY + 2 * MINUTE, "faulty")
    readers = {"luc@example.org", "anne@example.com"}
    assert {reader for reader, _ in told(office)} == readers
    assert {subject for _, subject in told(office)} == {
        "Incident technique : Pas prêt (modem a) : Le port est utilisé par un autre."
    }
    assert "Depuis le 24/11 à 21:42." in office.mails[0].text()
    assert "04/330 40 00" in office.mails[0].text()
    at = live(at, at + FLAPPING + 2 * MINUTE)
    ends = told(office)[2:]
    assert {reader for reader, _ in ends} == readers
    assert all(subject.startswith("Incident résolu : Pas prêt") for _, subject in ends)
    assert max(Counter(told(office)).values()) == 1
    assert open_incidents() == []


def test_an_hour_without_a_server_loses_no_alarm_and_rings_the_duty_phone(live, office, now):
    office.answers["connect"] = DROP
    at = live(now, now + UNREADY + 2 * MINUTE, "faulty")
    at = live(at, now + timedelta(hours=1))
    assert told(office) == []
    assert {card.kind for card in open_incidents()} == {"mail_down"}
    assert next(card for card in open_incidents()).opened_at >= now + MAIL_STANDS
    texts = {row.text.body for row in Message.select()}
    assert any(text.startswith("PLP INCIDENT: Le serveur d'e-mail 127.0.0.1") for text in texts)
    assert {row.msisdn for row in Message.select()} == {DUTY}
    del office.answers["connect"]
    live(at, at + timedelta(hours=1))
    assert open_incidents() == []
    subjects = Counter(told(office))
    assert max(subjects.values()) == 1
    kinds = {subject.split(" : ")[0] + " : " + subject.split(" : ")[1] for _, subject in subjects}
    assert {"Incident technique : Pas prêt (modem a)", "Incident résolu : Pas prêt (modem a)"} <= kinds
    assert any(subject.startswith("Incident technique : Le serveur d'e-mail") for _, subject in subjects)
    assert any(subject.startswith("Incident résolu : Le serveur d'e-mail") for _, subject in subjects)
    assert {card.ended_at is not None for card in incidents()} == {True}


@pytest.mark.tuesday
def test_the_mail_of_the_morning_arrives_once(house, office, carry, now):
    morning = now + timedelta(hours=10)
    ready_modem("a", morning)
    for minutes in range(-5, 30):
        tell_daily(replace(house), morning + timedelta(minutes=minutes))
        carry(office, morning + timedelta(minutes=minutes))
    assert sorted(told(office)) == [
        ("anne@example.com", "Aucun problème · PLP, 25/11"),
        ("luc@example.org", "Aucun problème · PLP, 25/11"),
    ]
    assert "Sans ce rapport un matin" in " ".join(office.mails[0].text().split())
