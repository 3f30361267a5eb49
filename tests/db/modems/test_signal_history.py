"""SIMs that are trusted or wait, requests to the daemons, signal history, storages, transcripts."""

from datetime import timedelta

import pytest

from db.models.modem_records import ModemSample
from db.models.zone import AuditEntry
from db.modems import commands, signal_history, sims
from tests.support.people import ready_modem

pytestmark = pytest.mark.usefixtures("database")

STICK, OTHER_STICK = "350000000000001", "350000000000002"
CARD, OTHER_CARD = "206010000000001", "206010000000002"


def seen(now, modem="a", imei=STICK, imsi=CARD):
    return sims.apply_seen("box", modem, imei, imsi, None, now)


def test_the_first_card_of_a_seat_is_accepted_and_stays_so(now):
    assert seen(now)
    assert seen(now)
    assert [card.accepted_by for card in sims.known_cards()] == [sims.FIRST]
    assert sims.waiting_cards() == []


def test_another_card_in_the_same_stick_waits_for_a_person(now):
    seen(now)
    assert not seen(now, imsi=OTHER_CARD)
    assert not seen(now, imsi=OTHER_CARD)
    assert not sims.accepted_since(STICK, OTHER_CARD)
    (waiting,) = sims.waiting_cards()
    sims.accept(waiting.id, "anne", now)
    assert sims.accepted_since(STICK, OTHER_CARD)
    assert seen(now, imsi=OTHER_CARD)
    assert seen(now)  # the first pair was never taken back
    actions = [(entry.actor, entry.action) for entry in AuditEntry.select().order_by(AuditEntry.id)]
    assert actions == [("plp", "sim_accepted"), ("plp", "sim_quarantined"), ("anne", "sim_accepted")]


@pytest.mark.parametrize("modem", ["a", "b"])
@pytest.mark.parametrize("stick", [STICK, OTHER_STICK])
@pytest.mark.parametrize("card", [CARD, OTHER_CARD])
def test_once_a_card_is_accepted_a_new_stick_and_a_new_card_wait(now, modem, stick, card):
    """On any seat, also a new one: whoever plugs something in may say any IMEI and any IMSI."""
    seen(now)
    assert seen(now, modem=modem, imei=stick, imsi=card) is ((stick, card) == (STICK, CARD))


def test_a_simulated_card_is_no_first_one_and_no_exception(now):
    for number in (1, 2):
        assert seen(now, f"s{number}", f"00101900000000{number}", f"00101900000000{number}")
    assert seen(now)
    assert not seen(now, "s3", "001019000000003", "001019000000003")


def test_two_sticks_that_change_cards_both_wait(now):
    seen(now)
    seen(now, modem="b", imei=OTHER_STICK, imsi=OTHER_CARD)
    assert not seen(now, imsi=OTHER_CARD)
    assert not seen(now, modem="b", imei=OTHER_STICK, imsi=CARD)


def test_a_card_that_nobody_knows_is_not_accepted(now):
    assert not sims.accept(99, "anne", now)


def test_a_request_is_asked_once_and_done_once(now):
    first = commands.ask("box", "a", "resume", "anne", now)
    assert commands.ask("box", "a", "resume", "luc", now) == first
    other = commands.ask("box", "b", "resume", "luc", now)
    assert [(r.id, r.verb) for r in commands.open_requests("box", "a")] == [(first, "resume")]
    commands.mark_done(first, now)
    assert commands.open_requests("box", "a") == []
    assert [request.id for request in commands.open_requests("box", "b")] == [other]
    assert commands.ask("box", "a", "resume", "luc", now) not in (first, other)


def test_a_transcript_replaces_the_one_before(now):
    assert commands.answer_to("box", "a", "transcript") is None
    commands.save_transcript("box", "a", "> AT\n< OK", now)
    commands.save_transcript("box", "b", "> AT", now)
    commands.save_transcript("box", "a", "> ATI", now + timedelta(hours=1))
    saved = commands.answer_to("box", "a", "transcript")
    assert (saved.text, saved.answered_at) == ("> ATI", now + timedelta(hours=1))


def sample(at, **changes):
    values = {"registered": True, "operator": "Proximus", "technology": "4G", "signal_dbm": -71} | changes
    return ModemSample(**{"host": "box", "modem": "a", "at": at} | values)


def test_a_sample_is_kept_when_it_says_something_new(now):
    assert signal_history.apply_sample(sample(now))
    assert not signal_history.apply_sample(sample(now + timedelta(minutes=4), signal_dbm=-73))
    assert signal_history.apply_sample(sample(now + timedelta(minutes=4), technology="2G"))
    assert signal_history.apply_sample(sample(now + timedelta(minutes=9), technology="2G"))
    assert signal_history.apply_sample(sample(now, modem="b"))
    told = [(s.technology, s.signal_dbm) for s in signal_history.samples("box", "a", now - timedelta(hours=1))]
    assert told == [("4G", -71), ("2G", -71), ("2G", -71)]


def test_a_clock_that_was_set_back_does_not_stop_the_history(now):
    signal_history.apply_sample(sample(now))
    assert signal_history.apply_sample(sample(now - timedelta(days=1)))


def test_old_samples_go(now):
    signal_history.apply_sample(sample(now))
    signal_history.apply_sample(sample(now, modem="b"))
    signal_history.apply_sample(sample(now + timedelta(days=31)))
    assert [(row.modem, row.at) for row in ModemSample.select().order_by(ModemSample.modem)] == [
        ("a", now + timedelta(days=31)),
        ("b", now),
    ]


def test_storages_are_those_that_the_modem_names_now(now):
    ready_modem("a", now)
    signal_history.apply_storages("box", "a", [("SM", 7, 10), ("ME", 0, 0)], now)
    signal_history.apply_storages("box", "a", [("SM", 8, 10)], now)
    (card,) = signal_history.storages("box", "a")
    assert (card.name, card.used, card.total, card.nearly_full) == ("SM", 8, 10, True)
    assert not signal_history.StorageCard("SM", 7, 10, now).nearly_full
    assert not signal_history.StorageCard("SR", 0, 0, now).nearly_full
    assert signal_history.storages("box", "b") == []


def test_asking_for_a_transcript_is_no_affair_of_the_journal(now):
    commands.ask("box", "a", "transcript", "anne", now)
    assert not AuditEntry.select().exists()
    commands.ask("box", "a", "restart", "anne", now)
    assert [entry.action for entry in AuditEntry.select()] == ["modem_restart"]
