"""A modem that nobody accepted is heard, and nothing comes of what it heard: anybody may have plugged it in."""

from datetime import timedelta

import pytest

from db.inbound.inbox.threads import threads
from db.inbound.received import apply_inbound
from db.modems import sims
from plp.jobs.autoreply import answer_texts
from tests.plp.jobs.answering import SETTINGS, members_alerted, wants_texts, went_back
from tests.support.inbox import Concatenated, Text
from tests.support.people import later, mobile

CARD, STICK, OTHER_STICK = "206010000000001", "350000000000001", "350000000000002"


@pytest.fixture
def house(database, now):
    members_alerted(now)
    assert sims.apply_seen("box", "a", STICK, CARD, None, now)


@pytest.mark.parametrize("card", [CARD, "206010000000099"])
def test_a_stop_counts_once_its_modem_is_accepted(house, now, card):
    """Another stick may say the IMSI of a card of ours."""
    assert not sims.apply_seen("box", "b", OTHER_STICK, card, None, now)
    assert apply_inbound(card, Text(mobile(1), "STOP", now, None), False, now, OTHER_STICK)
    assert not answer_texts(SETTINGS, now)
    assert (wants_texts(mobile(1)), went_back()) == ([True], [])
    assert [thread.last.text for thread in threads().rows] == ["STOP"]  # an officer reads it all the same
    (waiting,) = sims.waiting_cards()
    sims.accept(waiting.id, "anne", later(now, 60))
    assert answer_texts(SETTINGS, later(now, 60))
    assert wants_texts(mobile(1)) == [False]


def test_a_part_that_an_unaccepted_modem_heard_completes_no_text_of_ours(house, now):
    sims.apply_seen("box", "b", OTHER_STICK, CARD, None, now)
    parts = [Text(mobile(1), text, now, Concatenated(7, seq, 2)) for seq, text in ((1, "ST"), (2, "OP"))]
    apply_inbound(CARD, parts[0], False, now)
    apply_inbound(CARD, parts[1], False, now, OTHER_STICK)
    answer_texts(SETTINGS, now + timedelta(hours=1))
    assert wants_texts(mobile(1)) == [True]
