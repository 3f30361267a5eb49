"""Alarms: what is wrong is found, becomes one incident, and is told once at its beginning and once at its end."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from db.inbound.replies.alarms import RingingText
from db.mail.sender import send_as
from db.models.broadcasts import Broadcast, BroadcastText, Message, Part
from db.models.incidents import Incident
from db.models.mail import Mail, MailLetter, MailServer
from db.models.zone import AuditEntry
from db.modems import signal_history, status
from db.modems.budgets.limits import Limits, apply_configured, set_limits
from db.operations.incidents import FLAPPING, open_incident, open_incidents
from db.people.accounts.accounts import add_account
from db.settings.values import DatabaseSettings, MailSettings, SendingSettings, Settings
from modem.sms.composition import count
from plp.jobs.alarms import trouble
from plp.jobs.alarms import watch as alarms
from plp.jobs.alarms.telling import MOST_TEXTS_AN_HOUR, one_part
from plp.jobs.alarms.trouble import MODEM_GONE, UNREADY, findings
from plp.jobs.alarms.watch import look
from plp.rules.refusals import Refusal
from plp.rules.states import PartState, Stage
from tests.plp.jobs.answering import cut_while_placing
from tests.support.journal import take_guards_away
from tests.support.people import later, mobile, order, person, ready_modem

DUTY = mobile(99)
MAIL = MailSettings(sender="plp@example.be")


@pytest.fixture
def house(database, now):
    """A box in order, with a technician who is written to, and one who is not."""
    send_as(MAIL)
    add_account("luc", ["technician"], None, "test", now, email="luc@example.org")
    add_account("jan", ["admin"], None, "test", now)
    add_account("piet", ["officer"], None, "test", now, email="piet@example.org")
    yield Settings(
        path=database.parent / "config.ini",
        folder=database.parent,
        database=DatabaseSettings("sqlite:///plp.db", host="box"),
        mail=MAIL,
        sending=SendingSettings(duty_phone=DUTY, undo_seconds=0),
    )
    send_as(None)


def alive(now, state="ready", sentence=""):
    ready_modem("a", now, state=state, sentence=sentence)
    status.beat("box", "jobs", 1, now)


def post(now):
    """Whoever sends the mails and the texts did."""
    Part.update(state=PartState.DELIVERED).execute()
    Mail.update(state="accepted", accepted_at=now, changed_at=now).execute()


def subjects():
    return [row.letter.subject for row in Mail.select(Mail, MailLetter).join(MailLetter).order_by(Mail.id)]


def texts():
    rows = Message.select(Message, BroadcastText).join(BroadcastText).order_by(Message.id)
    return [(row.msisdn, row.text.body) for row in rows]


def kinds(settings, now):
    return {finding.kind for finding in findings(settings, now)}


def test_a_house_in_order_says_nothing(house, now):
    alive(now)
    assert findings(house, now) == []
    look(house, now)
    assert (open_incidents(), subjects(), texts()) == ([], [], [])


@pytest.mark.slow
def test_a_modem_that_stays_away_is_told_once_and_once_that_it_is_back(house, now):
    at = now
    while at < now + timedelta(minutes=20):
        alive(at, "faulty", "Le port est tenu par ModemManager : arrêtez-le.")
        look(house, at)
        post(at)
        at += timedelta(minutes=1)
    assert {card.kind for card in open_incidents()} == {"no_modem", "modem"}
    assert [card.opened_at for card in reversed(open_incidents())] == [now + UNREADY, now + MODEM_GONE]
    first, second = subjects()
    assert first.startswith("Alarme : Pas prêt : modem a")
    assert second.startswith("Alarme : Modem a (box). Le port est tenu par ModemManager")
    # Nothing could send: the duty phone hears of it when it is over.
    assert texts() == []
    end = at + FLAPPING + timedelta(minutes=1)
    while at < end:
        alive(at)
        look(house, at)
        post(at)
        at += timedelta(minutes=1)
    assert subjects()[2:] == ["Fin d'alarme : 2 incidents"]
    assert {row.address for row in Mail.select()} == {"luc@example.org"}
    ((number, text),) = texts()
    assert number == DUTY
    assert text.startswith("PLP FIN D'ALARME (2): Pas pret : modem a")
    assert count(text).parts == 1


def test_the_mail_says_from_when_to_when_and_whom_to_call(house, now):
    alive(now)
    MailServer.create(host="box", server="mail.example.org:25", seen_at=now, down_since_at=now)
    for minutes in (0, 30):
        alive(now + timedelta(minutes=minutes))
        look(house, now + timedelta(minutes=minutes))
    mail = Mail.select().get()
    for words in ("mail.example.org:25", "Depuis le 24/11 à 22:10.", "04/330 40 00", "Un seul mail annonce"):
        assert words in mail.text
    assert "<h1" in mail.html
    assert texts()[0][1].startswith("PLP ALARME: Le serveur de mail mail.example.org:25 ne prend plus rien")


def test_many_at_once_are_one_mail_and_one_text_and_the_phone_rings_so_often_an_hour(house, now):
    alive(now)
    for number in range(10):
        open_incident("held", str(number), f"L'envoi {number} est retenu.", now)
        open_incident("modem", f"box/{number}", f"Modem {number} : débranché.", now)
    look_only_tell(house, now)
    assert subjects() == ["Alarme : 20 incidents"]
    assert len(texts()) == 1
    assert texts()[0][1].startswith("PLP ALARME (20): L'envoi 0 est retenu. Modem 0 : débranché.")
    for minute in range(1, 59, 4):
        at = now + timedelta(minutes=minute)
        alive(at)
        open_incident("held", f"again {minute}", f"Encore {minute}.", at)
        look_only_tell(house, at)
    assert len(texts()) == MOST_TEXTS_AN_HOUR
    at = now + timedelta(minutes=61)
    alive(at)
    look_only_tell(house, at)
    assert texts()[-1][1].startswith("PLP ALARME (12): Encore 13. Encore 17.")


def look_only_tell(settings, now):
    from plp.jobs.alarms.telling import tell

    tell(settings, now)


def test_without_mail_the_phone_is_told_and_nothing_is_owed_for_ever(house, now):
    send_as(None)
    alive(now)
    dumb = replace(house, mail=MailSettings())
    open_incident("disk", "box", "Le disque est presque plein.", now)
    look_only_tell(dumb, now)
    assert (subjects(), len(texts())) == ([], 1)


def test_a_crash_between_the_text_and_its_mark_sends_no_second_one(house, now, monkeypatch):
    from plp.jobs.alarms import telling

    class PowerCut(Exception):
        pass

    def cut(*_):
        raise PowerCut

    alive(now)
    open_incident("held", "1", "L'envoi 1 est retenu.", now)
    for name in ("mark_told", "mark_texted"):
        with monkeypatch.context() as broken:
            broken.setattr(telling, name, cut)
            with pytest.raises(PowerCut):
                look_only_tell(house, now)
    look_only_tell(house, later(now, 5))
    assert (len(subjects()), len(texts())) == (1, 1)


def test_a_text_that_a_power_cut_left_half_written_is_written_anew(house, now, monkeypatch):
    alive(now)
    open_incident("held", "1", "L'envoi 1 est retenu.", now)
    with cut_while_placing(monkeypatch):
        look_only_tell(house, now)
    look_only_tell(house, later(now, 5))
    assert texts() == []
    alive(later(now, 66))
    look_only_tell(house, later(now, 66))
    look_only_tell(house, later(now, 70))
    assert (len(subjects()), len(texts())) == (1, 1)


def test_an_incident_that_has_the_number_of_a_forgotten_one_is_told(house, now):
    alive(now)
    first = open_incident("held", "1", "L'envoi 1 est retenu.", now)
    look_only_tell(house, now)
    Incident.delete().execute()
    again = later(now, 9000)
    alive(again)
    second = open_incident("held", "2", "L'envoi 2 est retenu.", again)
    if second != first:
        pytest.skip("PostgreSQL counts on")
    look_only_tell(house, again)
    assert (len(subjects()), len(texts())) == (2, 2)


def test_quiet_kinds_do_not_ring(house, now):
    alive(now)
    open_incident("budget_near", "206010000000001/day", "80 %", now)
    look_only_tell(house, now)
    assert (len(subjects()), texts()) == (1, [])


def test_each_trouble_is_found(house, now, monkeypatch):
    alive(now)
    person(1, now)
    assert kinds(house, now) == set()
    status.beat("box", "jobs", 1, later(now, -61))
    assert kinds(house, now) == {"process"}
    status.beat("box", "jobs", 1, now)
    apply_configured("206010000000001", "box", "a", Limits())
    placed = order(now)
    assert kinds(house, later(now, 5)) == set()
    at = now + timedelta(minutes=6)
    alive(at)
    assert kinds(house, at) == {"queue"}
    Broadcast.update(stage=Stage.HELD).where(Broadcast.id == placed.id).execute()
    assert kinds(house, at) == {"held"}
    Part.update(state=PartState.UNCONFIRMED).execute()
    assert kinds(house, at) == {"unconfirmed"}
    silent = replace(house, sending=SendingSettings(unconfirmed="leave"))
    assert kinds(silent, at) == set()
    Part.update(state=PartState.DELIVERED).execute()
    signal_history.apply_storages("box", "a", [signal_history.StorageCard("SM", 18, 20, at)], at)
    assert kinds(house, at) == {"storage"}
    signal_history.apply_storages("box", "a", [], at)
    take_guards_away()
    AuditEntry.create(at=at, actor="plp", action="journal_damaged")
    assert kinds(house, at) == {"database"}
    AuditEntry.delete().execute()
    monkeypatch.setattr(trouble, "LEAST_FREE_BYTES", 2**63)
    assert kinds(house, at) == {"disk"}


@pytest.mark.parametrize(("limit", "kind"), [(10, set()), (5, {"budget_near"}), (4, {"budget"})])
def test_budgets_near_and_at_their_end(house, now, limit, kind):
    from db.modems.budgets.counting import count_sent

    alive(now)
    apply_configured("206010000000001", "box", "a", Limits())
    set_limits("206010000000001", Limits(day=limit), "luc", now)
    for number in range(4):
        count_sent("206010000000001", mobile(number), now)
    assert kinds(house, now) == kind


def test_another_host_s_disk_is_left_to_that_host(house, now):
    alive(now)
    open_incident("disk", "other", "Le disque est presque plein.", now)
    open_incident("disk", house.host, "Le disque est presque plein.", now)
    open_incident("mailbox", "", "La boîte ne répond pas.", now)
    look(house, now)
    assert {(card.kind, card.subject) for card in open_incidents()} == {("disk", "other"), ("mailbox", "")}


@pytest.mark.parametrize("text", ["Œuf « à » l'…", "mot " * 100, "x" * 400, "Łukasz 😀 " * 30, "é"])
def test_a_text_for_the_duty_phone_is_one_part_of_gsm(text):
    whole = count(one_part(text))
    assert (whole.encoding, whole.parts) == ("gsm7", 1)


@pytest.mark.parametrize(
    ("state", "opens"), [("absent", True), ("suspended", True), ("paused", True), ("pin", True), ("starting", False)]
)
def test_found_07_an_incident_opens_at_once_while_an_alert_waits(house, now, state, opens):
    alive(now)
    person(1, now)
    order(now)
    at = later(now, 4)
    alive(at, state, "Ceci.")
    look(house, at)
    assert ("no_modem" in {card.kind for card in open_incidents()}) is opens
    Part.update(state=PartState.DELIVERED).execute()
    alive(at)
    look(house, at)
    assert open_incidents() == []


def test_found_07_a_service_that_only_starts_is_no_incident_and_one_that_does_not_is(house, now):
    alive(now)
    person(1, now)
    order(now)
    for after, expected in ((11, set()), (36, set()), (41, {"no_modem"})):
        look(house, later(now, after))
        assert {card.kind for card in open_incidents()} == expected, after


def test_found_07_one_of_two_that_is_unplugged_is_an_incident_while_an_alert_waits(house, now):
    alive(now)
    ready_modem("b", now, imsi="206010000000002", state="absent", sentence="Débranché.")
    look(house, now)
    assert open_incidents() == []
    person(1, now)
    order(now)
    look(house, now)
    assert [(card.kind, card.subject) for card in open_incidents()] == [("modem", "box/b")]


def test_found_07_the_watch_looks_within_seconds_when_sending_stops(house, now, monkeypatch):
    looked = []
    monkeypatch.setattr(alarms, "look", lambda _settings, at: looked.append(at))
    watch = alarms.Watch(house)
    alive(now)
    assert watch.step(now)
    assert not watch.step(later(now, 2))
    alive(now, "absent", "Débranché.")
    assert watch.step(later(now, 4))
    assert not watch.step(later(now, 6))
    assert watch.step(later(now, 24))
    assert watch.step(now)
    assert looked == [now, later(now, 4), later(now, 24), now]


def test_the_watch_looks_at_once_and_ends_when_told(house, caplog):
    stop, looked = threading.Event(), []

    def once(_settings, now):
        looked.append(now)
        stop.set()
        raise Refusal("Rien ne va.")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(alarms, "look", once)
        alarms.keep_watch(house, stop)
    assert len(looked) == 1
    assert "alarms: Rien ne va." in caplog.text


def test_a_text_of_danger_that_nobody_takes_up_rings_the_duty_phone_without_its_words(house, now, monkeypatch):
    monkeypatch.setattr(
        trouble, "ringing", lambda _now: [RingingText(7, "Anne Lambert", mobile(1), "Au feu !", now, False)]
    )
    alive(now)
    look(house, now)
    assert texts() == []
    at = now + trouble.UNHEARD
    alive(at)
    look(house, at)
    ((number, text),) = texts()
    assert number == DUTY
    assert text.startswith("PLP ALARME: Un SMS reçu le 24/11 à 21:40 parle d'un danger".replace("ç", "c"))
    assert "feu" not in text


def test_a_box_that_wakes_up_after_a_power_cut_raises_no_alarm(house, now):
    ready_modem("a", now)
    person(1, now)
    status.beat("box", "jobs", 1, now)
    order(now)
    morning = now + timedelta(hours=3)
    assert kinds(house, morning) == {"no_modem", "process"}
    look(house, morning)
    alive(later(morning, 20))
    look(house, later(morning, 20))
    assert "queue" in kinds(house, later(morning, 20))
    Part.update(state=PartState.DELIVERED).execute()
    alive(later(morning, 40))
    look(house, later(morning, 40))
    assert (open_incidents(), subjects(), texts()[1:]) == ([], [], [])


def test_found_06_two_modems_with_one_imsi_are_an_incident(house, now):
    for at in (now, now + trouble.SILENT):
        alive(at)
        ready_modem("b", at)
        look(house, at)
    ((kind, sentence),) = [(card.kind, card.sentence) for card in open_incidents()]
    assert kind == "twins"
    assert "IMSI …0001) : box/a, box/b." in sentence
    assert "206010000000001" not in sentence
    end = now + timedelta(minutes=2)
    alive(end)
    ready_modem("b", end, "206010000000002")
    look(house, end)
    assert open_incidents() == []
