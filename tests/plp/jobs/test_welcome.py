"""The welcome message: one part, once, and never before it could go out."""

import threading

import pytest

from base.settings.values import SendingSettings, Settings
from db.alerts.progress.history import newest
from db.alerts.queue.claim import claim_part
from db.models.broadcasts import Broadcast, BroadcastText, Message, Part
from db.models.people import Member
from db.models.zone import Heartbeat
from db.people.members.cards import MemberCard
from db.people.members.welcome import DueWelcome, due_welcomes
from db.people.zone import zone
from modem.sms.composition import compose, count
from plp.jobs import scheduler, welcome
from plp.jobs.welcome import send_welcomes, welcome_text
from plp.services.people.demonstration import PLACES
from plp.services.people.neighbourhoods import save_neighbourhood
from tests.plp.jobs.answering import cut_while_placing
from tests.support.people import SENDING, agree_to_all, later, mobile, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

ADDRESS = "plp.quartier.30@example.org".rjust(30, "x")
LANGUAGES = ("fr", "nl", "de", "en")
LONGEST = max(PLACES, key=len)


def newcomer(number, now, **changes):
    """A member to whom the welcome is owed."""
    member_id = person(number, now, **changes)
    Member.update(welcome_requested_at=now).where(Member.id == member_id).execute()
    return member_id


def owed(language, place=LONGEST, address=ADDRESS):
    given = {"language": language, "neighbourhood_id": 1, "neighbourhood": place, "role": "member"}
    named = {"id": 1, "first_name": "Anne", "last_name": "Lejeune", "mobile": mobile(1), "email": None}
    member = MemberCard(**named, **given, sms=True, mail_group=False, consents=())
    return DueWelcome(member, address, "key")


def texts():
    return {row.msisdn: row.text.body for row in Message.select(Message, BroadcastText).join(BroadcastText)}


# Septets of 160, as measured: a change of a text is seen here.
COUNTS = {"fr": 143, "nl": 142, "de": 149, "en": 139}


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_part_in_every_language(language):
    counted = count(welcome_text(owed(language), zone()))
    assert (counted.encoding, counted.parts, counted.units) == ("gsm7", 1, COUNTS[language])


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_one_part_also_without_an_address(language, place):
    counted = count(welcome_text(owed(language, place, ""), zone()))
    assert (counted.encoding, counted.parts) == ("gsm7", 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_whom_to_write_to_and_whom_to_call(language):
    text = welcome_text(owed(language), zone())
    for words in (ADDRESS, "101", "04/330 40 00", LONGEST):
        assert words in text
    assert "{" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_place_and_an_address_as_long_as_they_may_be_still_fit(language, now):
    address = "a" * 64 + "@" + ("b" * 60 + ".") * 3 + "be"
    save_neighbourhood(None, "ŒÊ" * 30, address, "anne", now)
    assert len(compose(welcome_text(owed(language, "ŒÊ" * 30, address), zone())).segments) <= 10


def test_the_four_texts_differ():
    assert len({welcome_text(owed(language), zone()) for language in LANGUAGES}) == 4


def test_each_newcomer_gets_it_once_in_their_language(now):
    modem = ready_modem("a", now)
    newcomer(1, now, language="fr")
    newcomer(2, now, language="nl")
    person(3, now)
    assert send_welcomes(SENDING, now)
    assert not send_welcomes(SENDING, later(now, 1))
    found = texts()
    assert set(found) == {mobile(1), mobile(2)}
    assert found[mobile(1)].startswith("Bienvenue")
    assert found[mobile(2)].startswith("Welkom")
    assert {claim_part(modem, now).msisdn for _ in range(4)} == {mobile(1), mobile(2)}
    assert due_welcomes() == []
    # nobody ordered it: it does not stand among the alerts
    assert newest(50, now) == []


def test_it_goes_out_at_once_and_after_everything_else(now):
    modem = ready_modem("a", now)
    newcomer(1, now)
    assert send_welcomes(SendingSettings(undo_seconds=60, hourly_ceiling=1), now)
    alert = order(now)
    assert [claim_part(modem, now).broadcast_id == alert.id for _ in range(2)] == [True, False]


def test_it_waits_while_nothing_could_send(now):
    newcomer(1, now)
    assert not send_welcomes(SENDING, now)
    ready_modem("a", now, state="absent")
    assert not send_welcomes(SENDING, now)
    assert Broadcast.select().count() == 0
    assert len(due_welcomes()) == 1
    ready_modem("a", now)
    assert send_welcomes(SENDING, now)
    assert Broadcast.select().count() == 1


@pytest.mark.parametrize("outage_s", [1, 3600, 30 * 86400])
def test_a_crash_between_order_and_mark_sends_nothing_twice(now, monkeypatch, outage_s):
    class PowerCut(Exception):
        pass

    def cut(*_):
        raise PowerCut

    ready_modem("a", now)
    newcomer(1, now)
    with monkeypatch.context() as broken:
        broken.setattr(welcome.welcome, "mark_welcomed", cut)
        with pytest.raises(PowerCut):
            send_welcomes(SENDING, now)
    assert len(due_welcomes()) == 1
    back = later(now, outage_s)
    ready_modem("a", back)
    send_welcomes(SENDING, back)
    assert due_welcomes() == []
    assert (Broadcast.select().count(), Part.select().count()) == (1, 2)


def test_who_cannot_be_written_to_does_not_keep_the_others_waiting(now, caplog):
    ready_modem("a", now)
    broken = newcomer(1, now)
    newcomer(2, now)
    Member.update(mobile="+3242345678").where(Member.id == broken).execute()
    assert send_welcomes(SENDING, now)
    assert set(texts()) == {mobile(2)}
    assert f"member {broken}" in caplog.text
    assert "42345678" not in caplog.text
    assert not send_welcomes(SENDING, now)


@pytest.mark.slow
def test_more_than_one_step_s_worth_goes_in_several(now):
    ready_modem("a", now)
    for number in range(53):
        newcomer(number, now)
    settings = Settings(path=None, folder=None, sending=SENDING)
    assert not scheduler.step(settings, now)
    agree_to_all(now)
    assert [scheduler.step(settings, now) for _ in range(3)] == [True, True, False]
    assert Broadcast.select().count() == 53


def test_the_loop_beats_and_ends_when_told(database, monkeypatch):
    monkeypatch.setattr(scheduler, "SETTLED_S", 0.0)
    stop = threading.Event()
    settings = Settings(path=database.parent, folder=database.parent)
    thread = threading.Thread(target=scheduler.run, args=(settings, stop))
    thread.start()
    while thread.is_alive() and not Heartbeat.select().where(Heartbeat.process == "jobs").exists():
        stop.wait(0.005)
    stop.set()
    thread.join(30)
    assert not thread.is_alive()
    assert Heartbeat.get(process="jobs").ended_at is not None


def test_the_loop_outlives_an_absent_database(database, monkeypatch, caplog):
    stop, calls = threading.Event(), []

    def step(_settings, _now):
        calls.append(1)
        if len(calls) > 2:
            stop.set()
        raise scheduler.UNAVAILABLE[0]("disk I/O error")

    monkeypatch.setattr(scheduler, "step", step)
    monkeypatch.setattr(scheduler, "IDLE_S", 0.001)
    scheduler.run(Settings(path=database.parent, folder=database.parent), stop)
    assert len(calls) == 3
    assert caplog.text.count("the database is away") == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_gets_no_mail_is_told_of_their_rights_in_two_parts(language):
    text = welcome_text(owed(language), zone(), whole=True)
    counted = count(text)
    assert (counted.encoding, counted.parts) == ("gsm7", 2)
    assert text.endswith("STOP.")
    assert "COC" in text
    assert text.count("04/330 40 00") == 2


def test_the_mail_spares_the_second_part_of_who_has_an_address(now):
    ready_modem("a", now)
    newcomer(1, now, email="m1@example.org")
    newcomer(2, now)
    assert send_welcomes(SENDING, now, mail=True)
    assert {number: "STOP" in text for number, text in texts().items()} == {mobile(1): False, mobile(2): True}
    newcomer(3, now, email="m3@example.org")
    send_welcomes(SENDING, now)
    assert "STOP" in texts()[mobile(3)]


def test_a_welcome_that_a_power_cut_left_half_written_is_written_anew(now, monkeypatch):
    ready_modem("a", now)
    newcomer(1, now)
    with cut_while_placing(monkeypatch):
        send_welcomes(SENDING, now)
    assert not send_welcomes(SENDING, later(now, 5))
    assert len(due_welcomes()) == 1
    ready_modem("a", later(now, 66))
    assert send_welcomes(SENDING, later(now, 66))
    assert list(texts()) == [mobile(1)]
