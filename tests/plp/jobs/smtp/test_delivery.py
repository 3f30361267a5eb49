"""From the queue to a real server: everything arrives once, and what does not is told right."""

from datetime import timedelta

import pytest

from db.mail.claim import LEASE, apply_bounce, mail_server, mark_handed, recover_mail
from db.mail.enqueue import enqueue_letter
from db.mail.values import Enclosure
from tests.plp.jobs.smtp.letters import FROM, copy, letter, post
from tests.plp.jobs.smtp.looks import card, states
from tests.plp.jobs.smtp.server import BIG_TEXT, DROP, DROP_TAKEN, SILENT
from tests.support.people import later

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]

HOUR = timedelta(hours=1)


def test_a_letter_to_three_is_three_mails_over_one_connection(office, carry, now):
    file = Enclosure("constat n°3.png", "image/png", b"\x89PNG" * 1000)
    ids = post(now, 1, 2, 3, subject="🚨 Vol à Plainevaux", reply_to="zone@example.be", enclosures=(file,))
    assert carry(office, now) == 3
    assert states(ids) == ["accepted"] * 3
    assert office.connections == 1
    assert [mail.readers for mail in office.mails] == [(f"coordinateur{n}@example.org",) for n in (1, 2, 3)]
    first = office.mails[0]
    assert first.sender == FROM
    assert str(first.message["From"]) == f"Police locale Seraing/Neupré <{FROM}>"
    assert str(first.message["To"]) == "Prénom1 Nom <coordinateur1@example.org>"
    assert (str(first.message["Reply-To"]), first.subject) == ("zone@example.be", "🚨 Vol à Plainevaux")
    assert first.message_id == card(ids[0]).message_id
    assert first.message["Date"].datetime == now.replace(microsecond=0)
    assert (first.message["Cc"], first.message["Bcc"], first.message["Auto-Submitted"]) == (None, None, None)
    assert first.text() == "Bonjour,\nun vol à Plainevaux.\n"
    assert "<br>un vol à Plainevaux" in first.text("html")
    enclosed = list(first.message.iter_attachments())
    assert [(each.get_filename(), each.get_content()) for each in enclosed] == [("constat n°3.png", b"\x89PNG" * 1000)]
    assert b"\n" not in first.content.replace(b"\r\n", b"")
    assert max(map(len, first.content.split(b"\r\n"))) <= 998
    assert "coordinateur2" not in first.content.decode()


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ("550 5.1.1 coordinateur1: user unknown", "550 5.1.1 •••: user unknown"),
        ("550 No such user Coordinateur1 at example.org", "550 No such user ••• at example.org"),
        ("550 coordinateur12 is another", "550 coordinateur12 is another"),
    ],
)
def test_a_reader_s_name_alone_is_masked_too(office, carry, now, reply, kept):
    (mail_id,) = post(now, 1)
    office.answers["rcpt"] = reply
    carry(office, now)
    assert card(mail_id).reply == kept


def test_a_bounce_does_not_name_its_reader(office, carry, now):
    (mail_id,) = post(now, 1)
    carry(office, now)
    assert apply_bounce(mail_id, True, "550 coordinateur1 is over quota, <coordinateur1@example.org>", now)
    assert card(mail_id).reply == "550 ••• is over quota, <•••@example.org>"


def test_lines_that_begin_with_a_dot_arrive_as_they_are(office, carry, now):
    text = ".\n..\nfin.\n.\n"
    enqueue_letter(letter(), [copy(1, text=text, html="")], now)
    carry(office, now)
    assert office.mails[0].text() == text


@pytest.mark.parametrize(
    ("stage", "reply"),
    [("rcpt", "550 5.1.1 <jean@example.org>: no such user"), ("data", "554 5.5.1 no"), ("end", "554 5.7.1 spam")],
)
def test_a_permanent_refusal_is_for_one_only(office, carry, now, stage, reply):
    ids = post(now, 1, 2)
    office.answers[stage] = lambda said, left=[reply]: left.pop() if left else None
    carry(office, now)
    assert states(ids) == ["refused", "accepted"]
    assert office.readers == ["coordinateur2@example.org"]
    assert office.connections == 1
    shown = card(ids[0])
    assert "jean" not in shown.reply
    assert reply[:9] in shown.reply
    assert (shown.attempts, shown.perhaps_twice) == (1, False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("rcpt", "450 4.2.0 greylisted"),
        ("rcpt", "451 later"),
        ("data", "451 4.3.0 later"),
        ("end", "452 4.3.1 disk full"),
        ("mail", "451 4.3.0 later"),
        ("mail", "421 4.3.2 closing"),
        ("mail", "550 5.7.1 sender unknown"),
        ("rcpt", "530 5.7.0 authenticate first"),
        ("ehlo", "421 4.3.2 too busy"),
        ("connect", "554 5.3.2 not here"),
        ("connect", "421 4.3.2 too busy"),
    ],
)
def test_what_is_for_the_moment_is_tried_again_and_arrives_once(office, carry, now, stage, reply):
    ids = post(now, 1)
    office.answers[stage] = reply
    carry(office, now)
    assert states(ids) == ["queued"]
    assert office.mails == []
    assert card(ids[0]).next_at <= now + timedelta(minutes=2)
    office.answers.clear()
    assert carry(office, now) == 0
    carry(office, now + HOUR)
    assert states(ids) == ["accepted"]
    assert office.readers == ["coordinateur1@example.org"]
    assert not card(ids[0]).perhaps_twice


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["connect", "ehlo", "mail", "rcpt"])
def test_a_connection_lost_before_the_text_loses_and_doubles_nothing(office, carry, now, stage):
    ids = post(now, 1, 2)
    office.answers[stage] = lambda said, left=[DROP]: left.pop() if left else None
    carry(office, now)
    assert states(ids) == ["queued", "queued"]
    carry(office, now + HOUR)
    assert states(ids) == ["accepted", "accepted"]
    assert sorted(office.readers) == ["coordinateur1@example.org", "coordinateur2@example.org"]
    assert [card(each).perhaps_twice for each in ids] == [False, False]
    assert mail_server("box", f"127.0.0.1:{office.port}").down_since_at is None


@pytest.mark.parametrize(
    ("stage", "drop", "arrived"), [("data", DROP, 1), ("text", DROP, 1), ("end", DROP, 1), ("end", DROP_TAKEN, 2)]
)
def test_a_connection_lost_within_or_after_the_text_may_double_and_is_shown_so(
    office, carry, now, stage, drop, arrived
):
    ids = enqueue_letter(letter(), [copy(1, text=BIG_TEXT)], now)
    office.answers[stage] = drop
    carry(office, now)
    assert states(ids) == ["queued"]
    assert card(ids[0]).perhaps_twice
    assert card(ids[0]).reason == "doubt"
    office.answers.clear()
    carry(office, now + HOUR)
    assert states(ids) == ["accepted"]
    assert card(ids[0]).perhaps_twice
    assert len(office.mails) == arrived
    assert {mail.message_id for mail in office.mails} == {card(ids[0]).message_id}
    assert len({mail.message["Date"] for mail in office.mails}) == 1


@pytest.mark.slow
def test_one_that_always_breaks_the_connection_keeps_nobody_for_long(office, carry, now):
    bad, *good = post(now, 1, 2, 3)
    office.answers["rcpt"] = lambda said: DROP if said.startswith("coordinateur1@") else None
    for second in range(0, 300, 10):
        carry(office, later(now, second))
    assert states(good) == ["accepted", "accepted"]
    assert states([bad]) == ["queued"]


def test_a_domain_that_refuses_for_the_moment_keeps_only_its_own_waiting(office, carry, now):
    there = enqueue_letter(letter(), [copy(n, address=f"n{n}@slow.example") for n in range(5)], now)
    here = post(now, 6, 7)
    office.answers["rcpt"] = lambda said: "451 4.7.0 too fast" if said.endswith("slow.example") else None
    carry(office, now)
    assert states(here) == ["accepted", "accepted"]
    assert [line for line in office.said if "slow" in line] == ["rcpt n0@slow.example"]
    office.answers.clear()
    carry(office, now + HOUR)
    assert states(there) == ["accepted"] * 5


def test_a_full_mailbox_keeps_no_neighbour_waiting(office, carry, now):
    ids = post(now, 1, 2)
    office.answers["rcpt"] = lambda said: "452 4.2.2 over quota" if said.startswith("coordinateur1@") else None
    carry(office, now)
    assert states(ids) == ["queued", "accepted"]
    assert card(ids[0]).reason == "full"


def test_a_domain_is_written_to_at_its_pace(office, carry, now):
    ids = post(now, 1, 2, 3)
    assert carry(office, now, domain_per_minute=30) == 1
    assert carry(office, later(now, 1)) == 0
    assert carry(office, later(now, 2)) == 1
    assert carry(office, later(now, 4)) == 1
    assert states(ids) == ["accepted"] * 3


@pytest.mark.slow
def test_a_silent_server_costs_its_time_out_and_nothing_more(office, carry, now, monkeypatch):
    monkeypatch.setattr("plp.jobs.smtp.connection.STEP_S", 0.05)
    ids = post(now, 1)
    office.answers["rcpt"] = SILENT
    carry(office, now)
    assert states(ids) == ["queued"]
    assert card(ids[0]).reason == "silent"
    assert not card(ids[0]).perhaps_twice


@pytest.mark.slow
def test_silence_after_the_text_is_in_doubt(office, carry, now, monkeypatch):
    monkeypatch.setattr("plp.jobs.smtp.connection.TEXT_S", 0.05)
    ids = post(now, 1)
    office.answers["end"] = SILENT
    carry(office, now)
    assert card(ids[0]).perhaps_twice


def test_a_mail_larger_than_the_server_takes_is_refused_before_its_text(offices, carry, now):
    office = offices(largest_bytes=50_000)
    file = Enclosure("film.bin", "application/octet-stream", bytes(50_000))
    ids = post(now, 1, enclosures=(file,))
    carry(office, now)
    assert states(ids) == ["refused"]
    assert card(ids[0]).reason == "too_big"
    assert card(ids[0]).reply.startswith("552 ")
    assert office.said[-1].startswith("ehlo")  # told by its size, before the text


def test_a_claim_that_was_lost_on_the_way_sends_no_text(office, carry, now, monkeypatch, caplog):
    def after_a_long_sleep(claim, at):
        recover_mail(at + LEASE)
        return mark_handed(claim, at)

    ids = post(now, 1)
    monkeypatch.setattr("plp.jobs.smtp.postman.queue.mark_handed", after_a_long_sleep)
    carry(office, now)
    assert office.mails == []
    assert (states(ids), card(ids[0]).perhaps_twice) == (["queued"], False)
    assert f"mail {ids[0]} was taken up by another process" in caplog.text
    monkeypatch.undo()
    carry(office, now + HOUR)
    assert office.readers == ["coordinateur1@example.org"]
