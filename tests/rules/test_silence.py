"""When the reports of a SIM's texts stay away: what is found within a minute, and what is no alarm."""

import random
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest

from db.alerts.queue.choosing import LOOK_FAR
from rules.numbers import range_of
from rules.orders.silence import NEWEST, TextSent, range_to_try, silence

AT = datetime(2026, 11, 24, 20, 40, tzinfo=UTC)
# A modem takes one to six seconds for each.
PACE_S, FAST_S = 4.0, 1.0
OFF, NEVER = 0.1, 0.02


def s(seconds):
    return timedelta(seconds=seconds)


def delay_s(dice, slow=1.0, off=OFF):
    """Seconds to a report as a network gives them: about five, hours where the phone is off, never for a few."""
    if dice.random() < NEVER:
        return None
    return dice.uniform(600, 30_000) if dice.random() < off else slow * dice.lognormvariate(1.6, 0.6)


def earlier(delays_s):
    """Texts of yesterday, a third to each range, with their reports after so many seconds."""
    at = AT - timedelta(days=1)
    return [
        TextSent(f"+324{'789'[n % 3]}1{n:06}", at, None if delay is None else at + s(delay))
        for n, delay in enumerate(delays_s)
    ]


def usual(dice, texts=300):
    return earlier(delay_s(dice, dice.choice([1, 1, 1.5])) for _ in range(texts))


def sent(dice, texts=58, pace_s=PACE_S, dropped=lambda n, number: False, **conduct):
    """(number, seconds from the beginning, seconds to its report) of each text, in the order in which one modem claims
    them; of the numbers a third are of each range.
    """
    waiting, rows = [f"+324{dice.choice('789')}0{n:06}" for n in range(texts)], []
    for n in range(texts):
        reported = [(text.msisdn, text.reported_at is not None) for text in seen(rows[-NEWEST:], n * pace_s)]
        tried = range_to_try(reported)
        number = next((number for number in waiting[:LOOK_FAR] if range_of(number) == tried), waiting[0])
        waiting.remove(number)
        delay = delay_s(dice, **conduct)
        rows.append((number, (n + 1) * pace_s, None if dropped(n, number) else delay))
    return rows


def seen(rows, at_s):
    return [
        TextSent(number, AT + s(began), AT + s(began + delay) if delay is not None and began + delay <= at_s else None)
        for number, began, delay in rows
        if began <= at_s
    ]


def found_at(rows, known, until_s=600, every_s=2):
    """The first look that finds a silence, and what it finds."""
    for at_s in range(0, until_s, every_s):
        if lasting := silence(seen(rows, at_s), known, AT + s(at_s)):
            return at_s, lasting
    return None, None


DROPPED = {
    "all": lambda n, number: True,
    "after twenty": lambda n, number: n >= 20,
    "one operator": lambda n, number: number.startswith("+3249"),
    "nineteen of twenty": lambda n, number: n % 20 != 3,
}


def found_after(kind, seed, pace_s):
    """Seconds from the first text that was dropped, and what is found."""
    dice, dropped = random.Random(seed), DROPPED[kind]
    rows = sent(dice, 120, pace_s, dropped)
    at_s, lasting = found_at(rows, usual(dice))
    assert lasting is not None
    return at_s - next(began for n, (number, began, _delay) in enumerate(rows) if dropped(n, number)), lasting


@pytest.mark.parametrize("pace_s", [PACE_S, FAST_S])
@pytest.mark.parametrize("kind", DROPPED)
@pytest.mark.parametrize("seed", range(4))
def test_what_an_operator_drops_is_found_within_a_minute(kind, seed, pace_s):
    after_s, lasting = found_after(kind, seed, pace_s)
    assert after_s <= 60
    assert lasting.operator == ("Orange" if kind == "one operator" else "")


@pytest.mark.slow
def test_one_operator_of_three_is_found_within_a_minute_in_99_alerts_of_100():
    found = [found_after("one operator", seed, PACE_S) for seed in range(100)]
    after = sorted(after_s for after_s, _lasting in found)
    assert median(after) <= 52
    assert after[98] <= 60
    assert after[99] <= 66
    assert sum(lasting.operator == "Orange" for _after_s, lasting in found) >= 95


@pytest.mark.slow
def test_a_range_that_never_gave_reports_is_never_silent():
    """As of an operator whose network returns none to this SIM: what is usual is told by its own earlier texts."""
    dice, dropped = random.Random(4), DROPPED["one operator"]
    known = [text._replace(reported_at=None) if dropped(0, text.msisdn) else text for text in usual(dice)]
    assert found_at(sent(dice, 120, dropped=dropped), known) == (None, None)


@pytest.mark.slow
def test_a_hundred_alerts_with_ordinary_losses_are_no_alarm():
    """By day and at night, over a network that is slow, or very slow, today."""
    alarmed = []
    for seed in range(100):
        dice = random.Random(seed)
        conduct = {"slow": dice.choice([1, 1, 1, 2, 3]), "off": dice.choice([0.05, OFF, 0.15, 0.3])}
        at_s, lasting = found_at(sent(dice, **conduct), usual(dice), until_s=900, every_s=10)
        if lasting is not None:
            alarmed.append((seed, conduct, at_s, lasting.operator))
    assert alarmed == []


@pytest.mark.slow
def test_a_sim_that_never_gave_reports_is_never_silent():
    dice = random.Random(1)
    assert found_at(sent(dice, dropped=lambda n, number: True), earlier([None] * 300)) == (None, None)
    assert found_at(sent(dice, dropped=lambda n, number: True), []) == (None, None)


@pytest.mark.slow
def test_a_network_that_gives_none_any_more_alarms_ever_less():
    """Of three hundred texts before, those without a report count too: after two alerts it is how this SIM is."""
    dice = random.Random(1)
    rows = sent(dice, dropped=lambda n, number: True)
    assert found_at(rows, usual(dice, 240) + earlier([None] * 60))[0]
    assert found_at(rows, usual(dice, 30) + earlier([None] * 270)) == (None, None)


def test_a_few_proofs_tell_what_is_usual_of_a_new_sim():
    dice = random.Random(2)
    rows = sent(dice, dropped=lambda n, number: True)
    at_s, lasting = found_at(rows, earlier([4] * 5))
    assert at_s < 90
    assert lasting.since == AT + s(PACE_S)


def test_reports_that_come_after_all_end_it():
    dice = random.Random(3)
    rows = [(f"+32470{n:06}", n * PACE_S, 150.0) for n in range(30)]
    known = usual(dice)
    assert silence(seen(rows, 100), known, AT + s(100))
    assert silence(seen(rows, 290), known, AT + s(290)) is None
