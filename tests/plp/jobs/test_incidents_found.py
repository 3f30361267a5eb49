"""Which troubles are found, and when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from base.settings.values import SendingSettings
from db.models.broadcasts import Broadcast, Part
from db.models.incidents import DiskDay
from db.models.mail import Mail
from db.models.zone import AuditEntry
from db.modems import signal_history, status
from db.modems.budgets import apply_configured
from db.operations.incidents import open_incident, open_incidents
from db.operations.machine import note_time
from plp.jobs.alarms import telling as alarms
from plp.jobs.alarms import trouble
from plp.jobs.alarms.telling import look
from plp.services import machine
from plp.services.modems import set_limits
from rules.orders.budgets import Limits
from rules.states import PartState, Stage
from tests.plp.jobs.alarm_looks import alive, box_in_order, kinds, subjects, texts
from tests.support.journal import take_guards_away
from tests.support.people import later, mobile, order, person, ready_modem


@pytest.fixture
def house(database, now):
    with box_in_order(database.parent, now) as settings:
        yield settings


@pytest.mark.slow
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
    signal_history.apply_storages("box", "a", [("SM", 18, 20)], at)
    assert kinds(house, at) == {"storage"}
    signal_history.apply_storages("box", "a", [], at)
    take_guards_away()
    AuditEntry.create(at=at, actor="plp", action="journal_damaged")
    assert kinds(house, at) == {"database"}
    AuditEntry.delete().execute()
    monkeypatch.setattr(machine, "LEAST_FREE_BYTES", 2**63)
    assert kinds(house, at) == {"disk"}


@pytest.mark.parametrize(("limit", "kind"), [(10, set()), (5, {"budget_near"}), (4, {"budget"})])
def test_budgets_near_and_at_their_end(house, now, limit, kind):
    from db.modems.budgets import count_sent

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


@pytest.mark.parametrize(
    ("state", "opens"), [("absent", True), ("suspended", True), ("paused", True), ("pin", True), ("starting", False)]
)
def test_an_incident_opens_at_once_while_an_alert_waits(house, now, state, opens):
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


def test_a_service_that_only_starts_is_no_incident_and_one_that_does_not_is(house, now):
    alive(now)
    person(1, now)
    order(now)
    for after, expected in ((11, set()), (36, set()), (41, {"no_modem"})):
        look(house, later(now, after))
        assert {card.kind for card in open_incidents()} == expected, after


def test_one_of_two_that_is_unplugged_is_an_incident_while_an_alert_waits(house, now):
    alive(now)
    ready_modem("b", now, imsi="206010000000002", state="absent", sentence="Débranché.")
    look(house, now)
    assert open_incidents() == []
    person(1, now)
    order(now)
    look(house, now)
    assert [(card.kind, card.subject) for card in open_incidents()] == [("modem", "box/b")]


def test_the_watch_looks_within_seconds_when_sending_stops(house, now, monkeypatch):
    looked = []
    monkeypatch.setattr(alarms, "look", lambda _settings, at: looked.append(at))
    watch = alarms.Watch()
    alive(now)
    watch.step(house, now)
    watch.step(house, later(now, 2))
    alive(now, "absent", "Débranché.")
    for seconds in (4, 6, 24, 0):
        watch.step(house, later(now, seconds))
    assert looked == [now, later(now, 4), later(now, 24), now]


def test_a_box_that_wakes_up_after_a_power_cut_raises_no_alarm(house, now):
    ready_modem("a", now)
    person(1, now)
    Mail.delete().execute()  # about the new neighbourhood
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


def test_two_modems_with_one_imsi_are_an_incident(house, now):
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


@pytest.mark.tuesday
def test_a_disk_that_will_be_full_within_a_month_is_told_by_mail_alone(house, now):
    alive(now)
    person(1, now)
    for number in range(8):
        day = now - timedelta(days=7 - number)
        free = (30 - 2 * number) * 1024**3
        DiskDay.create(host="box", day=f"{day:%Y-%m-%d}", measured_at=day, total_bytes=2 * free, free_bytes=free)
    look(house, now)
    (card,) = open_incidents()
    assert card.kind == "disk_fills"
    assert "Au rythme actuel, il sera plein vers le 02/12/2026." in card.sentence
    assert texts() == []
    DiskDay.update(free_bytes=30 * 1024**3).execute()
    look(house, now)
    assert open_incidents() == []


@pytest.mark.tuesday
def test_a_clock_that_is_behind_is_told_until_it_is_right(house, now):
    note_time(now + timedelta(days=30))
    alive(now)
    person(1, now)
    look(house, now)
    assert open_incidents() == []  # a time server may set it in a moment
    at = now + timedelta(minutes=2)
    alive(at)
    look(house, at)
    (card,) = open_incidents()
    assert "elle indique une heure antérieure au 24/12/2026" in card.sentence
    assert texts() == []
    later_on = now + timedelta(days=30)
    alive(later_on)
    look(house, later_on)
    assert "clock" not in {card.kind for card in open_incidents()}
