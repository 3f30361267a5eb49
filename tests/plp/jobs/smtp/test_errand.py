"""The errand of mail within `plp jobs`: one at a time per host, and nothing else waits for it."""

import os
import threading
import time
from contextlib import nullcontext
from dataclasses import replace

import pytest

from base.settings.values import DatabaseSettings, MailSettings, Settings
from db.engine.base import database as base
from db.engine.connection import Taken, alone, connected
from db.mail.listing import mail_cards
from db.models.broadcasts import Broadcast
from db.models.people import Member
from db.operations.installation import Installation
from plp.jobs import scheduler
from plp.jobs.smtp.postman import carry_mail
from plp.jobs.welcome import send_welcomes
from tests.conftest import ON_POSTGRES
from tests.plp.jobs.smtp.letters import post, settings
from tests.plp.jobs.smtp.server import SILENT
from tests.support.people import SENDING, person, ready_modem

pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("database")]


@pytest.fixture
def house(database):
    """The settings of this test's database, with an SMTP server at a port."""

    def at(port=25, **changes):
        url = os.environ["PLP_TEST_URL"]
        return Settings(
            path=database,
            folder=database.parent,
            database=DatabaseSettings(url, "box"),
            sending=SENDING,
            mail=settings(port, domain_per_minute=0, **changes),
        )

    return at


def until(holds, within_s=10.0):
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_it_sends_until_it_is_told_to_stop(house, office, now):
    ids, stop = post(now, 1, 2, 3), threading.Event()
    thread = threading.Thread(target=_connected, args=(house(office.port), stop))
    thread.start()
    until(lambda: len(office.mails) == 3)
    stop.set()
    thread.join(30)
    assert not thread.is_alive()
    assert {card.state for card in mail_cards(ids).values()} == {"accepted"}


def _connected(settings, stop):
    with connected():
        carry_mail(settings, stop)


def test_without_a_sender_it_only_waits(house, office, now):
    ids, stop = post(now, 1), threading.Event()
    stop.set()
    carry_mail(house(office.port, sender=""), stop)
    assert mail_cards(ids)[ids[0]].state == "queued"
    assert office.connections == 0


def test_another_process_of_this_host_has_the_turn(house, office, now):
    ids = post(now, 1)
    with alone("post", house(), base.obj) as turn:
        assert turn.is_held()
        with pytest.raises(Taken), alone("post", house(), base.obj):
            pass
        with alone("mailbox", house(), base.obj):
            pass
        carry_mail(house(office.port), threading.Event())  # returns at once, to be begun anew
    assert mail_cards(ids)[ids[0]].state == "queued"
    with alone("post", house(), base.obj):
        pass


def test_another_host_has_a_turn_of_its_own_where_hosts_share_a_database(house):
    there = replace(house(), database=replace(house().database, host="other"))
    refused = nullcontext() if ON_POSTGRES else pytest.raises(Taken)
    with alone("post", house(), base.obj), refused, alone("post", there, base.obj):
        pass


def test_a_silent_mail_server_keeps_no_welcome_waiting(house, office, now, monkeypatch):
    monkeypatch.setattr(scheduler, "ERRANDS", (("mail", carry_mail),))
    monkeypatch.setattr(scheduler, "STEPS", (("welcome", lambda settings, now: send_welcomes(settings.sending, now)),))
    monkeypatch.setattr(scheduler, "IDLE_S", 0.001)
    monkeypatch.setattr(scheduler, "utc_now", lambda: now)  # for the modem to be fresh
    office.answers["connect"] = SILENT
    post(now, 1)
    stop = threading.Event()
    thread = threading.Thread(target=scheduler.run, args=(house(office.port), stop))
    thread.start()
    until(lambda: office.connections == 1)
    ready_modem("a", now)
    Member.update(welcome_requested_at=now).where(Member.id == person(1, now)).execute()
    until(lambda: Broadcast.select().count() == 1)
    assert office.mails == []
    stop.set()
    office.stop()
    thread.join(30)
    assert not thread.is_alive()


def test_a_demonstration_writes_to_nobody_and_reads_no_mailbox(tmp_path):
    config = tmp_path / "config.ini"
    config.write_text("[mail]\nfrom = plp@zone.example.be\nimap = imap.example.be\n")
    assert Installation(config).settings().mail.sender == "plp@zone.example.be"
    assert Installation(config, demo=True).settings().mail == MailSettings()
