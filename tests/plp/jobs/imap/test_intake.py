"""Whatever lies in the mailbox becomes one row, in either database, and nothing of it reaches the log."""

import logging

import pytest

from db.inbound.mailbox import MailPosition, mailbox_position, mark_generation
from db.mail.enqueue import enqueue_letter
from db.mail.listing import mail_cards
from db.mail.values import Copy, Letter
from db.models.mail import InboundMail, Mail
from plp.jobs.imap.intake import take_in, take_in_unreadable
from plp.jobs.imap.reading import letter_of
from plp.jobs.imap.session import Fetched
from rules.mail import MailState
from tests.plp.jobs.imap.hostile import HOSTILE
from tests.plp.jobs.imap.mails import report, written

pytestmark = pytest.mark.usefixtures("database")

OWN = frozenset({"plp@example.be"})


def comes(raw, now, uid=1, size=None):
    mark_generation("box", 1)
    take_in(Fetched(raw, size or len(raw), now), MailPosition("box", 1, uid), OWN, now)


@pytest.mark.slow
def test_hostile_mails_are_stored_one_by_one(now):
    for uid, raw in enumerate(HOSTILE.values(), 1):
        comes(raw, now, uid)
        assert mailbox_position("box").last_uid == uid
    rows = list(InboundMail.select())
    assert len(rows) == len({letter_of(raw).digest for raw in HOSTILE.values()}) > 10
    assert {row.kind for row in rows} == {"message", "automatic"}


def test_the_same_bytes_that_nothing_can_read_count_once(now, monkeypatch):
    monkeypatch.setitem(take_in.__globals__, "letter_of", lambda *_: 1 / 0)
    for uid in (1, 2):
        comes(written(), now, uid)
    take_in_unreadable(None, MailPosition("box", 1, 3), now)
    take_in_unreadable(None, MailPosition("box", 1, 3), now)
    assert [(row.kind, row.sender) for row in InboundMail.select().order_by(InboundMail.id)] == [
        ("unreadable", "luc@example.be"),
        ("unreadable", ""),
    ]


def test_a_report_is_believed_about_whoever_the_mail_was_for(now, posting):
    (ours,) = enqueue_letter(Letter("bulletin", "Bulletin"), [Copy("a", "Anne@example.org", "Anne", "…")], now)
    Mail.update(state=MailState.ACCEPTED).execute()
    raw = report(mail_cards([ours])[ours].message_id)
    comes(raw.replace(b"anne@example.org", b"nobody@evil.example").replace(b"report5", b"forged5"), now)
    assert mail_cards([ours])[ours].state == "accepted"
    assert [row.kind for row in InboundMail.select()] == ["message"], "an officer sees it"
    comes(raw, now, 2)
    assert mail_cards([ours])[ours].state == "bounced"
    assert [row.kind for row in InboundMail.select().order_by(InboundMail.id)] == ["message", "bounce"]


def test_a_cut_mail_says_so(now):
    comes(written(), now, size=10_000_000)
    row = InboundMail.get()
    assert (row.is_shortened, row.size_bytes, row.received_at) == (True, 10_000_000, now)


def test_nothing_of_a_mail_reaches_the_log(now, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "peewee")  # as plp does: at debug it tells each query
    comes(written("un secret", subject="un secret"), now)

    def fails(raw, *_):
        raise ValueError(raw)

    monkeypatch.setitem(take_in.__globals__, "letter_of", fails)
    comes(written("un autre secret"), now, 2)
    assert "mail 2 cannot be read: ValueError" in caplog.text
    assert "secret" not in caplog.text
    assert "luc@example.be" not in caplog.text
