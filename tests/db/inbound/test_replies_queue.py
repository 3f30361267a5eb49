"""What is read, judged and answered: each text once, and the house within its ceiling."""

from datetime import timedelta

import pytest
from peewee import SqliteDatabase

from db.alerts.queue.claim import claim_part
from db.engine.base import database
from db.inbound.received import apply_inbound, forget_inbound_before, give_up_incomplete
from db.inbound.replies.judging import (
    answer_key,
    answers_since,
    begin_verdict,
    mark_answered,
    mark_silent,
    owed_answers,
    save_verdict,
    unheard,
    unjudged,
    verdicts,
    was_answered,
)
from db.inbound.replies.leaving import apply_stop
from db.models.broadcasts import Message
from db.models.modem_records import InboundMessage, InboundVerdict
from plp.services.orders.automatic import place_answer
from rules.refusals import Refusal
from rules.replies.values import Answer, Meaning, Silence
from tests.support.inbox import CARD, Concatenated, comes
from tests.support.inbox import Text as Delivered
from tests.support.people import Text, mobile, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STRANGER = "+32470099001"
NOT_READ = (Meaning.OTHER, "fr", Answer.NOT_READ)


def text(now, sender=STRANGER, words="Bonjour"):
    comes(now, sender, words)
    return unjudged()[-1]


def test_a_text_waits_for_one_verdict(now):
    card = text(now)
    assert begin_verdict(card, now)
    save_verdict(card.id, now, *NOT_READ)
    assert unjudged() == []
    assert not begin_verdict(card, now)
    assert verdicts([card.id, 999])[card.id].meaning is Meaning.OTHER


def test_a_text_with_a_gap_is_judged_when_given_up_and_again_when_whole(now):
    def part(seq, at):
        assert apply_inbound(CARD, Delivered(STRANGER, f"<{seq}>", now, Concatenated(7, seq, 2)), False, at)

    part(1, now)
    assert unjudged() == []
    give_up_incomplete(now + DAY)
    (card,) = unjudged()
    assert begin_verdict(card, now + DAY)
    save_verdict(card.id, now + DAY, *NOT_READ)
    mark_answered(card.id, now + DAY)
    assert unjudged() == []
    part(2, now + 2 * DAY)
    (whole,) = unjudged()
    assert (whole.id, whole.text) == (card.id, "<1><2>")
    assert not begin_verdict(card, now + 2 * DAY)
    assert begin_verdict(whole, now + 2 * DAY)
    save_verdict(card.id, now + 2 * DAY, Meaning.ALARM, "fr", Answer.NOT_READ, Silence.REPEATED)
    found = verdicts([card.id])[card.id]
    # what went out stays said
    assert (found.meaning, found.silence, found.answered_at) == (Meaning.ALARM, Silence.NONE, now + DAY)
    assert unjudged() == []


def test_a_text_that_misses_a_part_is_looked_into_once_per_part_and_judged_in_the_end(now):
    def part(seq, at):
        assert apply_inbound(CARD, Delivered(STRANGER, f"<{seq}>", now, Concatenated(7, seq, 3)), False, at)

    part(1, now)
    assert unheard(now + 59 * SECOND) == []
    (half,) = unheard(now + MINUTE)
    assert begin_verdict(half, now + MINUTE)
    assert unheard(now + MINUTE) == []
    part(2, now + HOUR)
    assert not begin_verdict(half, now + HOUR)
    (more,) = unheard(now + HOUR)
    assert unjudged() == []
    give_up_incomplete(now + DAY)
    assert not begin_verdict(more, now + DAY)
    assert unheard(now + DAY) == []
    assert [card.id for card in unjudged()] == [more.id]


def test_texts_are_found_by_an_index_however_many_were_judged(now):
    if not isinstance(database.obj, SqliteDatabase):
        pytest.skip("PostgreSQL reads a small table whole")
    query = InboundMessage.select(InboundMessage.id).where(InboundMessage.judged_at.is_null())
    plan = database.execute_sql(f"EXPLAIN QUERY PLAN {query.sql()[0]}").fetchall()
    assert "inbound_unjudged" in str(plan)


def test_one_answer_of_a_kind_in_a_day_and_how_many_in_the_house(now):
    first, second = text(now), None
    save_verdict(first.id, now, *NOT_READ)
    second = text(now + HOUR, words="Encore moi")
    assert was_answered(STRANGER, Answer.NOT_READ, now + HOUR, apart_from=second.id)
    assert not was_answered(STRANGER, Answer.NOT_READ, now + HOUR, apart_from=first.id)
    assert not was_answered(STRANGER, Answer.STOPPED, now + HOUR, apart_from=second.id)
    assert not was_answered(mobile(1), Answer.NOT_READ, now + HOUR, apart_from=second.id)
    assert not was_answered(STRANGER, Answer.NOT_READ, now + DAY, apart_from=second.id)
    save_verdict(second.id, now + HOUR, Meaning.OTHER, "fr", Answer.NOT_READ, Silence.REPEATED)
    assert [answers_since(now + later) for later in (-HOUR, HOUR)] == [1, 0]


def test_an_answer_is_owed_until_it_is_out_or_given_up(now):
    first, second, third = (text(now + number * MINUTE, f"+3247009900{number}") for number in range(3))
    for card in (first, second):
        save_verdict(card.id, now, *NOT_READ)
    save_verdict(third.id, now, Meaning.OTHER, "fr", Answer.NOT_READ, Silence.OLD)
    assert [(owed.inbound_id, answer_key(owed.inbound_id, owed.inbound.received_at)) for owed in owed_answers()] == [
        (first.id, f"answer:{first.id}:{now.isoformat()}"),
        (second.id, f"answer:{second.id}:{(now + MINUTE).isoformat()}"),
    ]
    mark_answered(first.id, now)
    mark_silent(second.id, Silence.REFUSED)
    mark_silent(first.id, Silence.REFUSED)
    assert owed_answers() == []
    assert [verdicts([card.id])[card.id].silence for card in (first, second)] == [Silence.NONE, Silence.REFUSED]


def test_retention_takes_the_verdicts_along(now):
    card = text(now)
    save_verdict(card.id, now, *NOT_READ)
    forget_inbound_before(now + DAY)
    assert not InboundVerdict.select().exists()


def test_an_answer_goes_to_whoever_wrote_and_is_known_again(now):
    modem = ready_modem("a", now)
    card = text(now)
    answer = Text("Non lu.", "gsm7", ("Non lu.",))
    first = place_answer(card.id, answer, "answer:1", HOUR, now)
    assert place_answer(card.id, answer, "answer:1", HOUR, now) == first
    claim = claim_part(modem, now)
    assert (claim.broadcast_id, claim.msisdn, claim.text) == (first, STRANGER, "Non lu.")
    assert claim_part(modem, now) is None


def test_who_left_is_still_told_so(now):
    person(1, now - DAY)
    modem = ready_modem("a", now)
    card = text(now, mobile(1), "STOP")
    apply_stop(mobile(1), now, now, now)
    place_answer(card.id, Text(), "answer:1", HOUR, now)
    assert claim_part(modem, now).msisdn == mobile(1)
    assert Message.get().member_id is not None


@pytest.mark.parametrize("sender", ["8850", "Proximus", "+33612345678", "0470000001", "+3243304000"])
def test_no_other_number_is_ever_answered(now, sender):
    ready_modem("a", now)
    card = text(now, sender)
    with pytest.raises(Refusal):
        place_answer(card.id, Text(), "answer:1", HOUR, now)
    with pytest.raises(Refusal, match="n'existe plus"):
        place_answer(card.id + 1, Text(), "answer:2", HOUR, now)
