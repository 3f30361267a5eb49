"""What the alarms look at: silence, a queue that stands, work that waits for a person."""

from datetime import timedelta

import pytest

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_failed, mark_sent
from db.mail.claim import mail_servers
from db.models.broadcasts import Broadcast, Part
from db.models.mail import Mail, MailLetter, MailServer
from db.operations.monitoring import (
    FORGOTTEN,
    STILL_ASKED,
    StandingRefusal,
    held,
    last_taken,
    mail_day,
    mail_overdue_since,
    ordered_since,
    standing_refusals,
    standstill,
    unconfirmed,
)
from rules.states import PartState, Stage
from tests.support.people import later, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

MINUTE, FIVE = timedelta(minutes=1), timedelta(minutes=5)


def test_the_queue_stands_while_nothing_is_taken(now):
    modem = ready_modem("a", now)
    person(1, now)
    person(2, now)
    assert standstill(now, FIVE) is None
    order(now)
    assert standstill(now + FIVE, FIVE) is None
    assert standstill(later(now, 301), FIVE) == (2, now)
    claim_part(modem, later(now, 310))
    assert standstill(later(now, 311), FIVE) is None
    assert standstill(later(now, 700), FIVE) == (1, later(now, 310))


def test_what_waits_for_its_time_or_for_a_person_does_not_stand(now):
    person(1, now)
    ready_modem("a", now)
    order(now)
    Part.update(not_before_at=later(now, 3600)).execute()
    assert standstill(later(now, 600), FIVE) is None
    Part.update(not_before_at=None).execute()
    assert standstill(later(now, 600), FIVE)[0] == 1
    Broadcast.update(stage=Stage.PAUSED).execute()
    assert standstill(later(now, 600), FIVE) is None


def test_held_and_unconfirmed_work_is_counted_in_people(now):
    ready_modem("a", now)
    person(1, now)
    person(2, now)
    placed = order(now)
    assert (held(), unconfirmed(now)) == ([], [])
    Broadcast.update(stage=Stage.HELD).execute()
    assert held() == [(placed.id, 2)]
    Part.update(state=PartState.UNCONFIRMED).execute()
    assert held() == []
    assert unconfirmed(now) == [(placed.id, 2)]
    assert unconfirmed(now + STILL_ASKED) == []


def test_the_last_proof_and_orders(now):
    modem = ready_modem("a", now)
    person(1, now)
    assert (last_taken("box", "a"), ordered_since(later(now, -1))) == (None, 0)
    order(now, kind="drill")
    claim = claim_part(modem, now)
    mark_sent(claim, 7, modem, later(now, 3))
    assert last_taken("box", "a") == later(now, 3)
    assert last_taken("box", "b") is None
    assert ordered_since(later(now, -1)) == 1
    assert ordered_since(now) == 0


def test_refusals_since_a_message_was_taken(now):
    modem = ready_modem("a", now)
    for number in range(4):
        person(number, now)
    order(now)
    for minute, reason in enumerate(("CMS 38", None, "CMS 21", "CMS 21"), 1):
        claim = claim_part(modem, later(now, minute))
        if reason is None:
            mark_sent(claim, 7, modem, later(now, minute))
        else:
            mark_failed(claim, reason, later(now, minute))
    assert standing_refusals("box", "a", later(now, 5)) == [StandingRefusal(21, 2, later(now, 4))]
    assert standing_refusals("box", "a", later(now, 5) + timedelta(days=1)) == []
    assert standing_refusals("box", "b", now) == []


def test_mails_that_wait_and_what_became_of_the_others(now):
    letter = MailLetter.create(kind="daily", subject="x", created_at=now)

    def mail(number, state, next_at):
        values = {"address": "a@example.org", "domain": "example.org", "name": "", "text": "", "lane": 2}
        times = {"queued_at": later(now, number), "next_at": next_at, "expires_at": later(now, 86400)}
        Mail.create(letter=letter, key=number, message_id=number, state=state, changed_at=now, **values, **times)

    assert mail_overdue_since(later(now, 9999), FIVE) is None
    mail(1, "queued", later(now, 100))
    mail(2, "queued", now)
    mail(3, "accepted", now)
    mail(4, "bounced", now)
    assert mail_overdue_since(now + FIVE, FIVE) is None
    assert mail_overdue_since(later(now, 301), FIVE) == now
    assert mail_day(later(now, -1)) == (1, 1, 2)
    assert mail_day(later(now, 1))[0] == 0


def test_a_server_that_is_down_is_told_with_its_host(now):
    MailServer.create(host="box", server="mail.example.org:25", seen_at=now)
    MailServer.create(host="other", server="mail.example.org:25", seen_at=now, down_since_at=now)
    assert [(each.host, each.server, each.down_since_at) for each in mail_servers(later(now, 60), FORGOTTEN)] == [
        ("box", "mail.example.org:25", None),
        ("other", "mail.example.org:25", now),
    ]
    assert mail_servers(later(now, 1) + FORGOTTEN, FORGOTTEN) == []
