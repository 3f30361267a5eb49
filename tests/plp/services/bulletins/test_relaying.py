"""Tokens that say « relayed » without a login, and every way of marking it."""

from datetime import timedelta

import pytest
from itsdangerous import URLSafeSerializer

from db.bulletins.relay import bulletin_of_mail, mark_written, owed_mails, relay, relays, signed, tallies
from db.journal import audit
from db.mail.listing import mail_cards
from db.models.bulletins import Bulletin, SigningKey
from db.models.people import Member
from plp.services.bulletins.relaying import apply_relay, enqueue_nudge, mark_relayed, relay_of_token, unmark_relayed
from rules.refusals import Refusal
from tests.plp.services.bulletins.conftest import mail_on
from tests.support.bulletins import coordinator, sent, written
from tests.support.people import later

__all__ = ["mail_on"]

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def bulletin_id(now):
    coordinator(1, now, "A")
    coordinator(2, now, "B")
    return sent(now)


def test_a_token_names_one_relay_and_works_once(bulletin_id, now):
    first, second = relays(bulletin_id)
    token = signed("relay", first.id)
    assert token == signed("relay", first.id)
    assert token != signed("relay", second.id)
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    assert relay_of_token(token, now).relayed_at is None
    marked = apply_relay(token, "link", later(now, 60))
    assert (marked.id, marked.relayed_at) == (first.id, None)
    again = apply_relay(token, "mail", later(now, 120))
    assert (again.relayed_how, again.relayed_at) == ("link", later(now, 60))
    assert [entry.action for entry in audit.entries()].count("bulletin_relayed") == 1
    assert relays(bulletin_id)[1].relayed_at is None


def test_forged_tokens_mark_nothing(bulletin_id, now):
    (first, _) = relays(bulletin_id)
    good = signed("relay", first.id)
    head, dot, signature = good.rpartition(".")
    other = URLSafeSerializer("another key", salt="plp relay").dumps(first.id)
    key = SigningKey.get().key
    wrong_salt = URLSafeSerializer(key, salt="else").dumps(first.id)
    no_number = URLSafeSerializer(key, salt="plp relay").dumps("1 OR 1=1")
    nobody = signed("relay", 999_999)
    flipped = head + dot + ("A" if signature[0] != "A" else "B") + signature[1:]
    for token in ("", "x", "a.b.c", "é", "\x00", "x" * 5000, good[:-1], flipped, other, wrong_salt, no_number, nobody):
        assert apply_relay(token, "link", now) is None
    assert not any(row.relayed_at for row in relays(bulletin_id))


def test_a_token_ends_after_thirty_days(bulletin_id, now):
    token = signed("relay", relays(bulletin_id)[0].id)
    assert relay_of_token(token, now + timedelta(days=30)) is None
    assert apply_relay(token, "link", now + timedelta(days=31)) is None
    assert relay_of_token(token, now + timedelta(days=29)) is not None


def test_a_token_of_a_bulletin_that_is_gone(bulletin_id, now):
    token = signed("relay", relays(bulletin_id)[0].id)
    Bulletin.delete().execute()
    assert apply_relay(token, "link", now) is None


def test_what_an_officer_marked_can_be_taken_back(bulletin_id, now):
    (first, second) = relays(bulletin_id)
    mark_relayed(first.id, "officer", "anne", now)
    assert relay(first.id).relayed_by == "anne"
    unmark_relayed(first.id, "luc", now)
    assert relays(bulletin_id)[0].relayed_at is None
    mark_relayed(second.id, "mail", "", now)
    unmark_relayed(second.id, "luc", now)
    assert relays(bulletin_id)[1].relayed_at == now
    mark_relayed(999, "officer", "anne", now)
    assert relay(999) is None


def test_a_reminder_at_most_every_four_hours_and_never_after_the_relay(bulletin_id, now):
    written(now)
    (first, _) = relays(bulletin_id)
    with pytest.raises(Refusal, match="moins de 4 heures"):
        enqueue_nudge(first.id, "anne", now + timedelta(hours=3))
    enqueue_nudge(first.id, "anne", now + timedelta(hours=4))
    (owed,) = owed_mails()
    assert (owed.kind, owed.nudges, owed.in_reply_to) == ("nudge", 1, first.mail_id)
    written(now)
    with pytest.raises(Refusal, match="moins de 4 heures"):
        enqueue_nudge(first.id, "anne", now + timedelta(hours=7))
    enqueue_nudge(first.id, "anne", now + timedelta(hours=8))
    mark_relayed(first.id, "link", "", now + timedelta(hours=8))
    assert owed_mails() == []
    with pytest.raises(Refusal, match="déjà relayé"):
        enqueue_nudge(first.id, "anne", now + timedelta(hours=30))
    with pytest.raises(Refusal, match="n'existe plus"):
        enqueue_nudge(999, "anne", now)


def test_a_reminder_that_waits_does_not_go_to_who_relayed_meanwhile(bulletin_id, now):
    first_mails = written(now)
    first, second = relays(bulletin_id)
    at = now + timedelta(hours=4)
    enqueue_nudge(first.id, "anne", at)
    enqueue_nudge(second.id, "anne", at)
    nudges = written(at)
    apply_relay(signed("relay", first.id), "link", later(at, 60))
    states = {card.id: card.state for card in mail_cards([*first_mails, *nudges]).values()}
    assert states == dict.fromkeys([*first_mails, nudges[1]], "queued") | {nudges[0]: "cancelled"}


def test_a_reminder_without_an_address_is_none(bulletin_id, now):
    written(now)
    first, _ = relays(bulletin_id)
    at = now + timedelta(hours=4)
    enqueue_nudge(first.id, "anne", at)
    Member.update(email=None).where(Member.email == "c1@example.org").execute()
    assert owed_mails()[0].address == ""
    mark_written(first.id, None, "nudge")
    row = relays(bulletin_id)[0]
    assert (row.owed, row.nudges, row.nudged_at, row.reachable) == ("", 0, None, False)
    with pytest.raises(Refusal, match="n'a plus d'adresse"):
        enqueue_nudge(first.id, "anne", at)
    Member.update(email="new@example.org").where(Member.email.is_null()).execute()
    enqueue_nudge(first.id, "anne", at)
    assert [(owed.address, owed.nudges) for owed in owed_mails()] == [("new@example.org", 1)]


def test_an_answer_finds_its_bulletin(bulletin_id, now):
    (mail_id, _) = written(now)
    assert bulletin_of_mail(mail_id).bulletin_id == bulletin_id
    assert bulletin_of_mail(999) is None


def test_how_many_relayed_and_how_fast(now):
    for number, where in enumerate(("A", "A", "B", "C", "D")):
        coordinator(number, now, where)
    made = sent(now)
    rows = {(row.place, row.name): row.id for row in relays(made)}
    ids = list(rows.values())
    assert tallies([made])[made].median_s is None
    mark_relayed(ids[0], "link", "", later(now, 600))
    mark_relayed(ids[1], "mail", "", later(now, 60))
    mark_relayed(ids[2], "mail", "", later(now, 120))
    mark_relayed(ids[3], "mail", "", later(now, 6000))
    tally = tallies([made])[made]
    assert (tally.places, tally.relayed, tally.median_s) == (4, 3, 120)
    assert tallies([]) == {}
