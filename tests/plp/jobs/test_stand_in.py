"""When the jobs are gone, the modems' process tells whoever is on duty, once; their return ends the incident."""

from types import SimpleNamespace

import pytest

from base.settings.values import SendingSettings, Settings
from db.models.broadcasts import Broadcast, Message
from db.modems.status import beat, stop_beating
from db.operations.incidents import close_incident, incidents, open_incidents
from db.people.duty import create_shift
from plp.jobs.alarms import stand_in
from plp.jobs.alarms.calling import causes
from plp.jobs.alarms.stand_in import LOOK_EVERY_S, PATIENCE_S, StandIn
from plp.jobs.alarms.telling import look
from plp.services.accounts.rights import add_account
from tests.support.people import later, ready_modem

pytestmark = pytest.mark.usefixtures("database")

PHONE, ON_DUTY, OTHER = "+32470111111", "+32470222222", "+32470333333"


class Box:
    """A box whose modems' process lives; `pass_s` lets time pass, with the jobs or without."""

    def __init__(self, now, monkeypatch, phone=None):
        self.now, self.clock_s = now, 1000.0
        self.settings = Settings(path=None, folder=None, sending=SendingSettings(duty_phone=phone))
        monkeypatch.setattr(stand_in, "time", SimpleNamespace(monotonic=lambda: self.clock_s))
        self.begin()

    def begin(self):
        self.stand_in = StandIn(self.settings)

    def pass_s(self, seconds, *beating):
        for _ in range(round(seconds / LOOK_EVERY_S)):
            self.now, self.clock_s = later(self.now, LOOK_EVERY_S), self.clock_s + LOOK_EVERY_S
            for process in ("console", "modem", *beating):
                beat("box", process, 1, self.now)
            self.stand_in.step(self.now)


@pytest.fixture
def box(now, monkeypatch):
    ready_modem("a", now)
    add_account("luc", ["technician"], None, "test", now, mobile=OTHER)
    person = add_account("anne", ["officer"], None, "test", now, mobile=ON_DUTY)
    create_shift(person, turn=1, days="1234567", from_minute=0, until_minute=1440)
    made = Box(now, monkeypatch, PHONE)
    made.pass_s(60, "jobs")
    return made


def told():
    return sorted(message.msisdn for message in Message.select())


@pytest.mark.parametrize("stopped", [False, True])
def test_the_person_on_duty_and_the_duty_phone_are_told_once(box, stopped):
    if stopped:
        stop_beating("box", "jobs", box.now)
    box.pass_s(40 + PATIENCE_S - 20)
    assert told() == []
    box.pass_s(60)
    assert told() == [PHONE, ON_DUTY]
    assert {order.kind for order in Broadcast.select()} == {"alarm"}
    [incident] = open_incidents()
    assert (incident.kind, incident.subject) == ("process", "box/jobs")
    box.begin()  # the modems' process starts anew
    box.pass_s(3600)
    assert told() == [PHONE, ON_DUTY]


def test_a_restart_or_an_upgrade_is_no_news(box):
    for _ in range(5):
        stop_beating("box", "jobs", box.now)
        box.pass_s(120)
        box.pass_s(60, "jobs")
    assert told() == []
    assert incidents() == []


def test_after_a_reboot_all_have_time_to_begin(box):
    box.now = later(box.now, 3600)
    box.begin()
    box.pass_s(100)
    box.pass_s(600, "jobs")
    assert told() == []


def test_the_return_of_the_jobs_ends_it_and_wakes_nobody_again(box, monkeypatch):
    box.pass_s(300)
    assert told() == [PHONE, ON_DUTY]
    close_incident("process", "box/jobs", box.now)  # as plp.jobs.scheduler.settle does
    assert causes(box.now)["incident"] == set()
    box.pass_s(60, "jobs")
    monkeypatch.setattr("plp.jobs.alarms.trouble.machine_troubles", lambda *_: [])
    look(box.settings, box.now)
    assert [card.kind for card in open_incidents() if card.kind == "process"] == []


def test_where_nobody_is_on_duty_a_technician_is_told(now, monkeypatch):
    ready_modem("a", now)
    add_account("luc", ["technician"], None, "test", now, mobile=OTHER)
    add_account("eve", ["admin"], None, "test", now, mobile=ON_DUTY)
    box = Box(now, monkeypatch)
    box.pass_s(60, "jobs")
    box.pass_s(300)
    assert told() == [OTHER]


def test_another_host_s_jobs_do_it_themselves(box):
    for _ in range(30):
        beat("mill", "jobs", 1, box.now)
        box.pass_s(10)
    assert told() == []


def test_a_defect_of_it_stops_no_modem(box, monkeypatch, caplog):
    monkeypatch.setattr(stand_in, "_tell", lambda *_: 1 / 0)
    box.pass_s(300)
    assert caplog.text.count("nobody could be told that the jobs are gone") == 1
