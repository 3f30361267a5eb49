"""Texts that come in: known again, joined in any order, given up with their gap, handed over once."""

import itertools
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.inbound import received
from db.models.modem_records import InboundMessage, InboundPart, UnreadablePdu
from db.models.zone import AuditEntry
from tests.support.inbound import received_texts, unhandled

pytestmark = pytest.mark.usefixtures("database")

CARD, OTHER_CARD = "206010000000001", "206010000000002"
SENDER, OTHER_SENDER = "+32470000001", "+32470000002"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Place:
    reference: int
    seq: int
    total: int


@dataclass(frozen=True)
class Delivered:
    text: str
    sent_at: datetime | None
    concatenation: Place | None = None
    sender: str = SENDER
    is_push: bool = False
    stamp: str = ""


def part(seq, now, text=None, reference=7, total=3, sender=SENDER):
    return Delivered(text or f"<{seq}>", now, Place(reference, seq, total), sender)


def take(deliver, now, imsi=CARD, simulated=False):
    return received.apply_inbound(imsi, deliver, simulated, now)


def texts():
    """What the console shows, oldest first."""
    return [card.text for card in reversed(received_texts())]


def test_a_text_of_one_part_is_whole_at_once(now):
    sent_at = now - MINUTE
    assert take(Delivered("STOP", sent_at), now)
    (card,) = received_texts()
    assert (card.imsi, card.sender, card.text, card.total) == (CARD, SENDER, "STOP", 1)
    assert (card.sent_at, card.received_at, card.completed_at) == (sent_at, now, now)
    assert (card.given_up_at, card.handled_at, card.simulated) == (None, None, False)
    assert unhandled() == [card]


def test_a_reference_without_other_parts_is_a_text_of_one_part(now):
    take(part(1, now, "seul", total=1), now)
    assert [card.text for card in unhandled()] == ["seul"]


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
def test_three_parts_in_any_order_are_one_text(now, order):
    for minutes, seq in enumerate(order):
        assert unhandled() == []
        assert take(part(seq, now + minutes * MINUTE), now + HOUR + minutes * MINUTE)
    (card,) = unhandled()
    assert card.text == "<1><2><3>"
    assert (len(card.parts), card.total) == (3, 3)
    assert (card.sent_at, card.received_at, card.completed_at) == (now, now + HOUR, now + HOUR + 2 * MINUTE)


def test_what_is_read_twice_is_stored_once(now):
    assert take(Delivered("STOP", now), now)
    assert not take(Delivered("STOP", now), now + HOUR)
    for seq in (2, 1, 3):
        assert take(part(seq, now), now)
        assert not take(part(seq, now), now + HOUR)
    for seq in (1, 2, 3):  # again, when the text is whole
        assert not take(part(seq, now), now + HOUR)
    assert texts() == ["STOP", "<1><2><3>"]
    assert InboundPart.select().count() == 4


def test_half_a_character_does_not_stop_a_text(now):
    for seq, words in ((1, "Feu \ud83d"), (2, "\udd25 ici")):
        assert take(part(seq, now, words, total=2), now)
        assert not take(part(seq, now, words, total=2), now)
    assert texts() == ["Feu \ufffd\ufffd ici"]


@pytest.mark.parametrize(
    "change",
    [
        {"sender": OTHER_SENDER},
        {"text": "<other>"},
        {"sent_at": datetime.fromisoformat("2026-11-24T20:41:00+00:00")},
        {"concatenation": Place(7, 2, 3)},
        {"concatenation": Place(8, 1, 3)},
        {"concatenation": None},
    ],
)
def test_what_differs_in_anything_is_another_part(now, change):
    take(part(1, now), now)
    assert take(replace(part(1, now), **change), now)


def test_the_same_text_to_another_card_is_another_text(now):
    take(Delivered("STOP", now), now)
    assert take(Delivered("STOP", now), now, imsi=OTHER_CARD)
    assert texts() == ["STOP", "STOP"]


@pytest.mark.parametrize(
    "other",
    [{"sender": OTHER_SENDER}, {"reference": 8}, {"total": 2}, {"reference": 7 + 256}],
    ids=["sender", "reference", "total", "16-bit reference"],
)
def test_parts_of_different_texts_stay_apart(now, other):
    take(part(1, now), now)
    take(part(2, now, **other), now)
    assert len(texts()) == 2


def test_parts_to_different_cards_stay_apart(now):
    take(part(1, now, total=2), now)
    take(part(2, now, total=2), now, imsi=OTHER_CARD)
    assert texts() == ["<1>[…]", "[…]<2>"]


def test_sixteen_bit_references_join_too(now):
    for seq in (2, 1):
        take(part(seq, now, reference=65535, total=2), now)
    assert texts() == ["<1><2>"]


def test_a_reference_that_is_used_again_makes_another_text(now):
    for seq in (1, 2, 3):
        take(part(seq, now), now)
    later = now + HOUR
    for seq in (3, 1, 2):
        take(part(seq, later, f"[{seq}]"), later)
    assert texts() == ["<1><2><3>", "[1][2][3]"]


def test_two_open_texts_with_one_reference_each_get_what_is_nearest(now):
    later = now + HOUR
    take(part(1, now, total=2), now)
    take(part(1, later, "[1]", total=2), later)
    take(part(2, later + MINUTE, "[2]", total=2), later)
    take(part(2, now + MINUTE, total=2), later)
    assert texts() == ["<1><2>", "[1][2]"]


def test_the_same_words_twice_are_two_texts(now):
    later = now + MINUTE
    for seq, sent_at in ((1, now), (1, later), (2, now), (2, later)):
        take(part(seq, sent_at, total=2), later)
    assert texts() == ["<1><2>", "<1><2>"]


@pytest.mark.parametrize(
    ("apart", "joined"), [(DAY, True), (DAY + MINUTE, False), (-DAY, True), (-DAY - MINUTE, False)]
)
def test_parts_belong_together_within_a_day(now, apart, joined):
    take(part(1, now, total=2), now)
    take(part(2, now + apart, total=2), now)
    assert (texts() == ["<1><2>"]) is joined


def test_a_missing_part_is_shown_and_given_up_after_a_day(now):
    take(part(1, now, total=6), now)
    take(part(3, now, total=6), now)
    take(part(6, now, total=6), now + HOUR)
    assert received.give_up_incomplete(now + DAY - MINUTE) == 0
    assert unhandled() == []
    assert received.give_up_incomplete(now + DAY) == 1
    assert received.give_up_incomplete(now + DAY) == 0
    (card,) = unhandled()
    assert card.text == "<1>[…]<3>[…]<6>"
    assert (len(card.parts), card.total, card.completed_at, card.given_up_at) == (3, 6, None, now + DAY)


def test_the_first_part_missing_is_a_gap_too(now):
    take(part(2, now, total=2), now)
    assert texts() == ["[…]<2>"]


def test_a_part_that_still_comes_completes_what_was_given_up(now):
    take(part(1, now, total=2), now)
    received.give_up_incomplete(now + DAY)
    (given_up,) = unhandled()
    assert received.mark_handled(given_up.id, now + DAY)
    take(part(2, now + MINUTE, total=2), now + 3 * DAY)
    (card,) = unhandled()  # it says more than what was handled
    assert (card.text, card.completed_at, card.given_up_at) == ("<1><2>", now + 3 * DAY, now + DAY)


def test_a_text_that_is_still_waited_for_is_not_given_up_with_another(now):
    take(part(1, now), now)
    take(part(1, now + HOUR, reference=8), now + HOUR)
    assert received.give_up_incomplete(now + DAY) == 1
    assert [card.given_up_at is None for card in received_texts()] == [True, False]


def test_what_is_handled_is_handled_once(now):
    take(Delivered("STOP", now), now)
    take(Delivered("Merci", now), now + MINUTE)
    first, second = unhandled()
    assert received.mark_handled(first.id, now)
    assert not received.mark_handled(first.id, now + HOUR)
    assert unhandled() == [second]
    assert [card.handled_at for card in received_texts()] == [None, now]


def test_what_a_simulator_touched_stays_simulated(now):
    take(part(1, now, total=2), now, simulated=True)
    take(part(2, now, total=2), now)
    take(Delivered("STOP", now), now)
    assert [card.simulated for card in received_texts()] == [False, True]


def test_what_nothing_can_decode_is_kept_once(now):
    assert received.apply_unreadable(CARD, "0791FF", now)
    assert not received.apply_unreadable(CARD, "0791FF", now + HOUR)
    assert received.apply_unreadable(OTHER_CARD, "0791FF", now)
    assert [(row.imsi, row.pdu, row.received_at) for row in UnreadablePdu.select()] == [
        (CARD, "0791FF", now),
        (OTHER_CARD, "0791FF", now),
    ]


def test_old_texts_go_with_their_parts(now):
    for seq in (1, 2):
        take(part(seq, now), now)
    received.apply_unreadable(CARD, "0791FF", now)
    take(Delivered("STOP", now), now + DAY)
    assert received.forget_inbound_before(now) == 0
    assert received.forget_inbound_before(now + DAY) == 2
    assert texts() == ["STOP"]
    assert InboundPart.select().count() == 1
    assert not UnreadablePdu.select().exists()


def test_nothing_personal_is_logged_or_audited(now, caplog):
    caplog.set_level(logging.DEBUG, logger="db")
    take(part(1, now, "secret"), now)
    received.give_up_incomplete(now + DAY)
    received.apply_unreadable(CARD, "0791FF", now)
    assert caplog.records == []
    assert not AuditEntry.select().exists()


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_the_order_and_the_repetitions_nothing_is_lost_or_doubled(now, data):
    InboundMessage.delete().execute()
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    sent = [
        part(seq, now + text * MINUTE, f"{text}{seq} ", reference=text, total=size)
        for text, size in enumerate(sizes)
        for seq in range(1, size + 1)
    ]
    again = data.draw(st.lists(st.sampled_from(sent), max_size=5))
    fresh = sum(take(deliver, now) for deliver in data.draw(st.permutations([*sent, *again])))
    assert fresh == len(sent)
    expected = ["".join(f"{text}{seq} " for seq in range(1, size + 1)) for text, size in enumerate(sizes)]
    assert sorted(texts()) == sorted(expected)


def test_delays_tell_how_our_clock_stands_to_the_service_centres(now):
    for number, (sent, came) in enumerate(((-9, -8), (-3, -1), (1, 0))):
        text = {"imsi": CARD, "sender": SENDER, "text": str(number)}
        InboundMessage.create(**text, sent_at=now + sent * MINUTE, received_at=now + came * MINUTE)
    assert received.delays(CARD, now - 5 * MINUTE) == [-MINUTE, 2 * MINUTE]
    assert received.delays(OTHER_CARD, now - DAY) == []


def test_a_text_without_a_time_has_that_of_its_arrival_and_is_one_text(now):
    stop = Delivered("STOP", None, stamp="0" * 14)
    assert take(stop, now)
    assert not take(stop, now + HOUR)
    assert not take(stop, now + HOUR * 20)  # past midnight
    assert [(card.sent_at, card.received_at) for card in received_texts()] == [(now, now)]
    assert take(replace(stop, stamp="f" * 14), now + HOUR)


def test_the_same_words_without_a_time_are_another_text_some_days_later(now):
    stop = Delivered("STOP", None, stamp="0" * 14)
    assert take(stop, now)
    assert take(stop, now + 3 * DAY)
    assert len(received_texts()) == 2


def test_parts_without_a_time_are_joined(now):
    for seq in (2, 1):
        assert take(Delivered(f"<{seq}>", None, Place(7, seq, 2), stamp="0" * 14), now + seq * MINUTE)
    assert texts() == ["<1><2>"]
