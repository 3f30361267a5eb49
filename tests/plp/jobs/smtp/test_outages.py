"""Servers that are away, and boxes that were: what is tried again, what expires, and who does not wait for it."""

from contextlib import closing
from datetime import timedelta
from threading import Event

import pytest
from peewee import OperationalError

from db.mail.claim import LEASE, mail_server
from plp.jobs.smtp import postman
from plp.jobs.smtp.postman import Postman
from plp.services.mails import retry_mail
from tests.plp.jobs.smtp.letters import post, settings
from tests.plp.jobs.smtp.looks import card, states

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]
HOUR = timedelta(hours=1)


@pytest.mark.slow
def test_a_server_that_is_away_for_an_hour_costs_nothing_but_the_hour(office, carry, now):
    ids = post(now, *range(20))
    office.stop()
    for minute in range(60):
        carry(office, now + timedelta(minutes=minute))
    down = mail_server("box", f"127.0.0.1:{office.port}")
    assert states(ids) == ["queued"] * 20
    assert down.down_since_at == now
    assert down.reason == "unreachable"
    assert 5 < down.failures < 20
    assert [card(each).attempts for each in ids] == [0] * 20
    office.start()
    carry(office, now + timedelta(minutes=80))
    assert states(ids) == ["accepted"] * 20
    assert len(office.mails) == len(set(office.readers)) == 20
    assert mail_server("box", f"127.0.0.1:{office.port}").down_since_at is None


@pytest.mark.slow
def test_a_server_that_is_away_for_a_day_lets_mail_expire_after_a_last_try(office, carry, now):
    ids = post(now, 1)
    office.stop()
    carry(office, now)
    carry(office, now + timedelta(hours=23, minutes=59))
    assert states(ids) == ["queued"]
    carry(office, now + timedelta(hours=24, minutes=30))
    assert states(ids) == ["expired"]
    assert card(ids[0]).reason == "unreachable"


def test_a_box_that_was_off_for_two_days_still_tries(office, carry, now):
    ids = post(now, 1)
    carry(office, now + timedelta(days=2))
    assert states(ids) == ["accepted"]


def test_a_box_that_was_off_for_two_days_boots_before_its_network(office, carry, now):
    ids, boot = post(now, 1, 2), now + timedelta(days=2)
    office.stop()
    for minute in range(0, 60, 10):
        carry(office, boot + timedelta(minutes=minute))
    assert states(ids) == ["queued", "queued"]
    office.start()
    carry(office, boot + HOUR)
    assert states(ids) == ["accepted", "accepted"]


def test_a_server_that_works_between_two_troubles_was_not_away(office, carry, now):
    ids = post(now, 1)
    office.stop()
    carry(office, now + timedelta(days=2))
    office.start()
    office.answers["rcpt"] = "451 4.2.1 later"
    retry_mail(ids[0], "anne", now + timedelta(days=2, minutes=1))
    carry(office, now + timedelta(days=2, minutes=2))
    office.stop()
    carry(office, now + timedelta(days=4))
    assert states(ids) == ["queued"]


@pytest.mark.parametrize("failures", [1, 3])
def test_a_known_answer_waits_for_a_database_that_is_away(office, carry, now, monkeypatch, failures):
    ids, left = post(now, 1), [OperationalError("database is locked")] * failures
    mark = postman.queue.mark_accepted

    def locked(*values):
        if left:
            raise left.pop()
        return mark(*values)

    monkeypatch.setattr(postman.queue, "mark_accepted", locked)
    monkeypatch.setattr(postman, "IDLE_S", 0.001)
    carry(office, now)
    assert states(ids) == ["accepted"]
    assert (len(office.mails), left) == (1, [])
    carry(office, now + LEASE)
    assert len(office.mails) == 1
    assert not card(ids[0]).perhaps_twice


def test_who_is_told_to_stop_waits_for_no_database(office, now, monkeypatch):
    (mail_id,), stop = post(now, 1), Event()

    def away(*values):
        raise OperationalError("database is locked")

    stop.set()
    monkeypatch.setattr(postman.queue, "mark_accepted", away)
    with closing(Postman(settings(office.port), "box", stop)) as one, pytest.raises(OperationalError):
        one.step(now)
    assert card(mail_id).state == "sending"


@pytest.mark.slow
def test_refused_for_a_day_is_expired(office, carry, now):
    ids = post(now, 1)
    office.answers["rcpt"] = "451 4.7.1 greylisted for ever"
    for minute in range(0, 26 * 60, 20):
        carry(office, now + timedelta(minutes=minute))
    assert states(ids) == ["expired"]
    assert 20 < card(ids[0]).attempts < 40
    assert (card(ids[0]).reason, card(ids[0]).reply) == ("busy", "451 4.7.1 greylisted for ever")
