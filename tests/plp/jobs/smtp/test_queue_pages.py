"""The pages of the queue of mail."""

from datetime import timedelta

import pytest

from db.engine.base import database
from db.mail.claim import claim_mail, mark_accepted, mark_refused
from db.mail.listing import mail_counts, mails
from db.mail.readers import erase_newest_mail
from db.mail.values import Enclosure
from db.models.mail import Mail, MailEnclosure
from tests.plp.jobs.smtp.letters import copy, post
from tests.plp.jobs.smtp.looks import card
from tests.support.people import later

pytestmark = pytest.mark.usefixtures("database")
NO_PACE = timedelta(0)
MINUTE = timedelta(minutes=1)


def claim(now, host="box", pace=NO_PACE):
    return claim_mail(host, now, pace)


def test_the_last_mail_keeps_its_number_and_nothing_else(now):
    assert not erase_newest_mail(now)
    kept, old = post(now, 1, 2, enclosures=(Enclosure("a", "image/png", b"x"),), subject="Vol")
    for _ in range(2):
        assert not erase_newest_mail(now + MINUTE)
        mark_accepted(claim(now), "250 ok for <c2@example.org>", now)
    assert not erase_newest_mail(now)
    assert erase_newest_mail(now + MINUTE)
    row = Mail.get_by_id(old)
    assert (row.address, row.name, row.text, row.html, row.domain, row.reply) == ("", "", "", "", "", "")
    assert (card(old).state, card(old).letter.subject, card(kept).address) == ("accepted", "Vol", copy(1).address)
    Mail.delete().where(Mail.id == kept).execute()
    assert erase_newest_mail(now + MINUTE)
    assert card(old).letter.subject == ""
    assert MailEnclosure.select().count() == 0


@pytest.mark.sqlite
@pytest.mark.parametrize("view", ["accepted", "all"])
def test_a_page_is_found_without_reading_the_history(now, monkeypatch, view):
    post(now, 1, 2)
    opened, asked = database.obj, []
    ask = opened.execute_sql
    monkeypatch.setattr(opened, "execute_sql", lambda *said: asked.append(said) or ask(*said))
    mails(view, 1, mail_counts())
    (found,) = [said for said in asked if "LIMIT" in said[0]]
    (plan,) = [row[3] for row in ask("EXPLAIN QUERY PLAN " + found[0], found[1]).fetchall()]
    assert "COVERING INDEX" in plan


def test_pages_of_the_queue(now):
    ids = post(now, *range(60))
    mark_refused(claim(now), "unknown", "550", later(now, 1))
    shown = mails("waiting", 1, mail_counts())
    assert (len(shown.rows), shown.pages, shown.rows[0].id) == (50, 2, ids[1])
    assert len(mails("waiting", 2, mail_counts()).rows) == len(mails("waiting", 9, mail_counts()).rows) == 9
    assert [each.id for each in mails("trouble", 1, mail_counts()).rows] == [ids[0]]
    assert mails("accepted", 1, mail_counts()).rows == []
    assert mails("?", 1, mail_counts()).pages == 2
