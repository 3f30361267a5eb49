"""A mail is stored once, with how far its mailbox was read."""

from contextlib import suppress
from datetime import timedelta

import pytest

from db.engine import connection
from db.engine.connection import writing
from db.inbound.mailbox import (
    KNOWN_AGAIN_FOR,
    Arrival,
    MailPosition,
    apply_mail,
    forget_mail_before,
    mailbox_position,
    mailbox_troubles,
    mark_generation,
    mark_mailbox_read,
    mark_mailbox_trouble,
    mark_skipped,
)
from db.models.mail import InboundMail, SeenMail
from rules.sentences import CodedRefusal

pytestmark = pytest.mark.usefixtures("database")

ACCOUNT = "plp@imap.example.be:993"
LARGEST = 2**32 - 1


def arrival(digest="a", **changes):
    return Arrival(kind="message", digest=digest, sender="luc@example.be", **changes)


def place(uid, uidvalidity=7):
    return MailPosition(ACCOUNT, uidvalidity, uid)


def test_a_mail_that_is_read_twice_counts_once(now):
    mark_generation(ACCOUNT, 7)
    assert apply_mail(arrival(enclosures=("photo.jpg",)), place(1), now)
    assert apply_mail(arrival(), place(1), now) is None
    assert apply_mail(arrival(), place(2), now) is None, "the same mail lies there twice"
    assert apply_mail(arrival("b"), place(3), now)
    assert InboundMail.select().count() == 2
    assert mailbox_position(ACCOUNT).last_uid == 3


def test_a_position_never_goes_back_nor_into_another_numbering(now):
    mark_generation(ACCOUNT, LARGEST)
    mark_skipped(MailPosition(ACCOUNT, LARGEST, LARGEST), now)
    mark_skipped(MailPosition(ACCOUNT, LARGEST, 5), now)
    assert mailbox_position(ACCOUNT).last_uid == LARGEST
    mark_skipped(MailPosition(ACCOUNT, 8, LARGEST + 1), now)
    assert mailbox_position(ACCOUNT).last_uid == LARGEST
    mark_generation(ACCOUNT, LARGEST)
    assert mailbox_position(ACCOUNT).last_uid == LARGEST
    mark_generation(ACCOUNT, 8)
    position = mailbox_position(ACCOUNT)
    assert (position.uidvalidity, position.last_uid, position.read_at) == (8, 0, now)


def test_what_is_not_committed_is_read_again(now):
    mark_generation(ACCOUNT, 7)
    with suppress(ZeroDivisionError), writing():
        apply_mail(arrival(), place(1), now)
        raise ZeroDivisionError
    assert mailbox_position(ACCOUNT).last_uid == 0
    assert apply_mail(arrival(), place(1), now)


def test_what_is_forgotten_is_not_taken_in_again(now):
    mark_generation(ACCOUNT, 7)
    apply_mail(arrival(), place(1), now)
    new = apply_mail(arrival("b"), place(2), now + timedelta(days=2))
    assert forget_mail_before(now + timedelta(days=1)) == 1
    assert [row.id for row in InboundMail.select()] == [new]
    mark_generation(ACCOUNT, 8)
    assert apply_mail(arrival(), place(1, 8), now) is None
    forget_mail_before(now + KNOWN_AGAIN_FOR + timedelta(days=1))
    assert [row.digest for row in SeenMail.select()] == ["b"]


def test_trouble_is_kept_until_the_mailbox_is_read(now):
    assert mailbox_position(ACCOUNT).uidvalidity is None
    wrong = CodedRefusal("mailbox_login", host="imap.example.be")
    mark_mailbox_trouble(ACCOUNT, wrong.stored)
    mark_mailbox_trouble(ACCOUNT, wrong.stored)
    assert [str(each) for each in mailbox_troubles()] == [str(wrong)]
    mark_mailbox_read(ACCOUNT, now)
    assert (mailbox_position(ACCOUNT).read_at, mailbox_troubles()) == (now, [])


def test_a_look_at_a_mailbox_without_news_is_written_down_every_ten_minutes(now, monkeypatch):
    mark_generation(ACCOUNT, 8)
    mark_mailbox_read(ACCOUNT, now)
    with monkeypatch.context() as patched:
        patched.setattr("db.inbound.mailbox.writing", lambda: pytest.fail("it writes"))
        mark_mailbox_read(ACCOUNT, now + timedelta(seconds=10))
    for at in (now + timedelta(minutes=11), now):  # and after the clock was set back
        mark_mailbox_read(ACCOUNT, at)
        assert mailbox_position(ACCOUNT).read_at == at


def test_years_of_mails_are_forgotten_a_few_at_a_time(now, monkeypatch):
    monkeypatch.setattr(connection, "CHUNK", 2)
    passes = []
    monkeypatch.setattr(connection, "give_way", lambda: passes.append(InboundMail.select().count()))
    mark_generation(ACCOUNT, 7)
    for uid in range(1, 6):
        apply_mail(arrival(f"{uid}"), place(uid), now)
    assert forget_mail_before(now + timedelta(days=1)) == 5
    assert passes == [3, 1, 0]
