"""Into the queue: once per key, whole or not at all, whatever was typed."""

import pytest

from db.engine.connection import writing
from db.mail.claim import apply_bounce
from db.mail.enqueue import enqueue_letter, send_as
from db.mail.listing import mail_cards, mail_of_message_id
from db.mail.values import Enclosure
from db.models.mail import Mail, MailEnclosure, MailLetter
from rules.mail import address_trouble, file_name, header_line, media_type
from tests.plp.jobs.smtp.letters import copy, letter, post, settings
from tests.support.people import later

pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("database")]


def test_ids_come_in_the_order_of_the_copies(now):
    first = post(now, 3, 1)
    again = enqueue_letter(letter(), [copy(1), copy(2), copy(3)], now)
    assert again == [first[1], again[1], first[0]]
    assert Mail.select().count() == 3
    cards = mail_cards(again)
    assert [cards[each].address for each in again] == [f"coordinateur{n}@example.org" for n in (1, 2, 3)]
    assert cards[again[0]].letter.kind == "bulletin"
    assert (cards[again[0]].state, cards[again[0]].attempts, cards[again[0]].reason) == ("queued", 0, "")


def test_a_key_that_exists_writes_nothing(now):
    post(now, 1)
    post(now, 1, subject="Autre chose")
    assert (MailLetter.select().count(), Mail.select().count()) == (1, 1)


def test_the_same_key_twice_in_one_letter_is_one_mail(now):
    ids = enqueue_letter(letter(), [copy(1), copy(1)], now)
    assert ids[0] == ids[1]
    assert Mail.select().count() == 1


def test_it_joins_the_caller_s_transaction(now):
    class PowerCut(Exception):
        pass

    def cut():
        with writing():
            post(now, 1)
            raise PowerCut

    with pytest.raises(PowerCut):
        cut()
    assert MailLetter.select().count() == 0


def test_enclosures_are_stored_once_per_letter(now):
    post(now, 1, 2, enclosures=(Enclosure("a.pdf", "application/pdf", bytes(range(256))),))
    assert [bytes(row.content) for row in MailEnclosure.select()] == [bytes(range(256))]


def test_a_letter_in_several_calls_is_one_letter(now):
    """One later on is another: what the first one enclosed may be forgotten by then."""
    files = (Enclosure("a.pdf", "application/pdf", b"x"),)
    post(now, 1, enclosures=files)
    post(now, 1, 2, 3, enclosures=files)
    assert (MailLetter.select().count(), MailEnclosure.select().count(), Mail.select().count()) == (1, 1, 3)
    post(later(now, 1), 1, 4, enclosures=files)
    assert (MailLetter.select().count(), MailEnclosure.select().count(), Mail.select().count()) == (2, 2, 4)


def test_without_a_sender_nothing_is_written(now):
    send_as(settings(sender=""))
    with pytest.raises(RuntimeError, match="from is empty"):
        post(now, 1)
    assert MailLetter.select().count() == 0


def test_a_bad_address_is_refused_and_keeps_nobody(now):
    bad, good = enqueue_letter(letter(), [copy(1, address="jean\r\nBcc: x@example.org"), copy(2)], now)
    cards = mail_cards([bad, good])
    assert (cards[bad].state, cards[good].state) == ("refused", "queued")
    assert cards[bad].reason == "bad_address"


def test_message_ids_are_the_zone_s_own_and_found_again(now):
    one, two = post(now, 1, 2)
    cards = mail_cards([one, two])
    assert cards[one].message_id != cards[two].message_id
    assert cards[one].message_id.endswith("@zone.example.be>")
    for written in (cards[one].message_id, cards[one].message_id.strip("<>"), f"  {cards[one].message_id} (x)"):
        assert mail_of_message_id(written) == one
    for strange in ("", "<>", "<a@b>", "hello", "\0"):
        assert mail_of_message_id(strange) is None


def test_a_bounce_is_for_what_a_server_may_have(now):
    mail_id = post(now, 1)[0]
    assert not apply_bounce(mail_id, True, "550 no", now)
    Mail.update(perhaps_twice=True).execute()
    assert apply_bounce(mail_id, False, "421 <jean@example.org> later", now)
    assert (mail_cards([mail_id])[mail_id].state, mail_cards([mail_id])[mail_id].reason) == ("queued", "delayed")
    assert "jean" not in mail_cards([mail_id])[mail_id].reply
    assert apply_bounce(mail_id, True, "550 5.1.1 no such user", now)
    assert not apply_bounce(mail_id, True, "550 5.1.1 no such user", now)
    card = mail_cards([mail_id])[mail_id]
    assert (card.reason, card.reply) == ("bounced", "550 5.1.1 no such user")
    assert not apply_bounce(99, True, "x", now)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("Vol\r\nBcc: x@example.org", "Vol Bcc: x@example.org"),
        ("Vol\u2028à\x00 Ehein\x85", "Vol à Ehein"),
        ("\u202eexe.fdp", "exe.fdp"),
        ("🚨 Vol 🚨", "🚨 Vol 🚨"),
        ("\ud800x", "x"),
        ("e\u0301", "é"),
        ("=?utf-8?q?a=0D=0ABcc:_x@example.org?=", "= ?utf-8?q?a=0D=0ABcc:_x@example.org?="),
        ("x" * 300, "x" * 149 + "…"),
        (" \t ", ""),
    ],
)
def test_a_header_is_one_line_without_tricks(now, typed, line):
    assert header_line(typed) == line
    mail_id = post(now, 1, subject=typed)[0]
    assert mail_cards([mail_id])[mail_id].letter.subject == line


def test_names_of_files_and_their_types():
    assert file_name("../../etc/passwd") == "_.._etc_passwd"
    assert file_name("\r\n") == "annexe"
    assert file_name("constat n°3.pdf") == "constat n°3.pdf"
    assert media_type("Image/PNG") == "image/png"
    for strange in ("", "text", "text/html; charset=x", "a/b\r\nX: y", "message/rfc822", "multipart/mixed"):
        assert media_type(strange) == "application/octet-stream"


@pytest.mark.parametrize("address", ["a@example.org", "a+b@sub.exämple.be", "o'neil@example.be"])
def test_addresses_that_a_server_may_be_asked_about(address):
    assert address_trouble(address) == ""


@pytest.mark.parametrize(
    "address", ["", "a", "a@", "@b.be", "a b@c.be", "a@b.be\n", "a@b..be", "a@-b.be", "<a@b.be>", "a@b.be, c@d.be"]
)
def test_addresses_that_are_none(address):
    assert address_trouble(address) == "bad_address"


def test_an_address_whose_name_has_accents_is_told_apart():
    assert address_trouble("é.à@example.org") == "accents"
