"""The mail of each morning: once per day, whatever restarts, and true."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from base.settings.values import DatabaseSettings, MailSettings, Settings
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_sent
from db.bulletins.values import OwedFeedback
from db.inbound.received import apply_inbound
from db.mail.enqueue import send_as
from db.models.broadcasts import Part
from db.models.incidents import JobRun
from db.models.mail import Mail, MailLetter
from db.modems import status
from db.operations.incidents import open_incident
from db.people.accounts.accounts import TOLD_ROLES, readers
from plp.jobs import morning_mail
from plp.jobs.morning_mail import daily_letter, tell_daily
from plp.services.accounts.rights import add_account
from tests.browser.trouble import Delivered
from tests.support.accounts import set_email
from tests.support.people import later, order, person, ready_modem

MAIL = MailSettings(sender="plp@example.be")
MORNING = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


@pytest.fixture
def house(database, now):
    send_as(MAIL)
    add_account("luc", ["technician"], None, "test", now, email="luc@example.org")
    add_account("anne", ["admin"], None, "test", now, email="anne@example.org")
    yield Settings(
        path=database.parent / "config.ini",
        folder=database.parent,
        database=DatabaseSettings("sqlite:///plp.db", host="box"),
        mail=MAIL,
    )
    send_as(None)


def daily(house, now):
    """The letter with the two bodies that a reader gets."""
    letter, copies = daily_letter(house, "today", readers(*TOLD_ROLES)[:1], now)
    return letter, copies[0].text, copies[0].html


def subjects():
    return [row.letter.subject for row in Mail.select(Mail, MailLetter).join(MailLetter).order_by(Mail.id)]


def test_at_its_hour_and_once_a_day(house):
    ready_modem("a", MORNING)
    assert not tell_daily(house, MORNING - timedelta(seconds=1))
    assert tell_daily(house, MORNING)
    assert not tell_daily(house, MORNING)
    assert not tell_daily(
        replace(house, database=DatabaseSettings("sqlite:///plp.db", host="other")), later(MORNING, 9)
    )
    assert not tell_daily(house, MORNING + timedelta(hours=16))
    assert subjects() == ["Aucun problème · PLP, 24/11"] * 2
    assert {row.address for row in Mail.select()} == {"luc@example.org", "anne@example.org"}
    assert tell_daily(house, MORNING + timedelta(days=1))
    assert len(subjects()) == 4


@pytest.mark.slow
@pytest.mark.parametrize(
    "start", [datetime(2026, 3, 27, 23, tzinfo=UTC), datetime(2026, 10, 23, 22, tzinfo=UTC)], ids=["spring", "autumn"]
)
def test_once_on_each_of_three_days_when_the_clocks_change(house, start):
    sent = [at for minutes in range(0, 3 * 24 * 60, 10) if tell_daily(house, at := start + timedelta(minutes=minutes))]
    from rules.calendar import LOCAL

    assert [f"{at.astimezone(LOCAL):%H:%M}" for at in sent] == ["07:00"] * 3


def test_a_box_that_was_off_at_seven_tells_when_it_is_back(house):
    assert tell_daily(house, MORNING + timedelta(hours=5))
    assert not tell_daily(house, MORNING + timedelta(hours=6))


def test_a_crash_in_the_middle_leaves_nothing_and_the_next_one_tells(house, monkeypatch):
    class PowerCut(Exception):
        pass

    def cut(*_):
        raise PowerCut

    with monkeypatch.context() as broken:
        broken.setattr(morning_mail, "mark_run_done", cut)
        with pytest.raises(PowerCut):
            tell_daily(house, MORNING)
    assert (Mail.select().count(), JobRun.select().count()) == (0, 0)
    assert tell_daily(house, later(MORNING, 20))


def test_without_mail_or_readers_nothing_is_claimed(house):
    assert not tell_daily(replace(house, mail=MailSettings()), MORNING)
    for account in readers(*TOLD_ROLES):
        set_email(account.account_id, "", "test", MORNING)
    assert not tell_daily(house, MORNING)
    assert JobRun.select().count() == 0


@pytest.mark.tuesday
def test_it_says_what_there_is(house, now):
    modem = ready_modem("a", now, operator="Proximus", technology="4G")
    person(1, now)
    order(now, kind="drill")
    claim = claim_part(modem, now)
    mark_sent(claim, 7, modem, later(now, 3))
    letter, text, html = daily(house, later(now, 9))
    assert letter.subject == "Aucun problème · PLP, 24/11"
    for words in (
        "Modem a : prêt, Proximus 4G, dernier SMS envoyé le 24/11 à",
        "File d'attente : 0 SMS urgents, 0 autres, 0 bloqués.",
        "Alertes des dernières 24 heures : 1.",
        "Dernier exercice : 24/11 à 21:40.",
        "E-mails des dernières 24 heures : 0 acceptés",
        "Disque de box",
        "Ce rapport est envoyé chaque jour à 07 h 00. Sans ce rapport un matin",
    ):
        assert words in " ".join(text.split())
    assert "À faire" not in text
    assert "Proximus 4G" in html


@pytest.mark.tuesday
def test_it_says_what_is_wrong_in_its_subject(house, now):
    ready_modem("a", now)
    open_incident("disk", "box", "Le disque est presque plein.", now)
    letter, text, _ = daily(house, now)
    assert letter.subject == "1 incident technique à vérifier · PLP, 24/11"
    assert "Incident technique depuis le 24/11 à 21:40 : Le disque est presque plein." in " ".join(text.split())
    status.stop_beating("box", "modem", now)
    open_incident("no_modem", "", "Pas prêt.", now)
    assert daily(house, now)[0].subject.startswith("2 incidents techniques à vérifier")


def test_not_ready_without_an_incident_yet_is_not_well(house, now):
    assert daily(house, now)[0].subject.startswith("Pas prêt : ")


def test_it_reminds_of_what_is_owed(house, now):
    ready_modem("a", now)
    apply_inbound("206010000000001", Delivered("+32470000001", "Bonjour", now), False, now)
    text = daily(house, now)[1]
    assert "- 1 conversation à traiter (page « Boîte de réception »)." in text.replace("\u00a0", " ")
    assert "- Aucun exercice n'a encore été effectué." in text
    person(1, now)
    order(now, kind="drill")
    Part.update(sent_at=now).execute()
    assert "Le dernier exercice date d'il y a 91 jours." in daily(house, now + timedelta(days=91))[1]


@pytest.mark.tuesday
def test_it_reminds_of_feedback(house, now, monkeypatch):
    ready_modem("a", now)
    monkeypatch.setattr(morning_mail, "feedback_owed", lambda _now: [OwedFeedback(12, "Vol", now)])
    text = " ".join(daily(house, now)[1].split())
    assert "- Feedback à envoyer aux coordinateurs : alerte du 24/11 à 21:40." in text
