"""When the reports of a SIM's texts stay away: what is found within a minute, and what is no alarm."""

import random
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest

from rules.readiness import TextSent, silence

AT = datetime(2026, 11, 24, 20, 40, tzinfo=UTC)
PACE_S = 4.0
# One text in three goes to the operator that drops its own: a modem takes one to six seconds for each.
FAST_S = 1.0
OFF, NEVER = 0.1, 0.02


def s(seconds):
    return timedelta(seconds=seconds)


def delay_s(dice, slow=1.0, off=OFF):
    """Seconds to a report as a network gives them: about five, hours where the phone is off, never for a few."""
    if dice.random() < NEVER:
        return None
    return dice.uniform(600, 30_000) if dice.random() < off else slow * dice.lognormvariate(1.6, 0.6)


def usual(dice, texts=300):
    delays = (delay_s(dice, dice.choice([1, 1, 1.5])) for _ in range(texts))
    return [None if delay is None else s(delay) for delay in delays]


def sent(dice, texts=58, pace_s=PACE_S, dropped=lambda n, number: False, **conduct):
    """(number, seconds from the beginning, seconds to its report) of each text; a third to each range."""
    for n in range(texts):
        number = f"+324{dice.choice('789')}0{n:06}"
        delay = delay_s(dice, **conduct)
        yield number, n * pace_s, None if dropped(n, number) else delay


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
    "all": (lambda n, number: True, 0, ""),
    "after twenty": (lambda n, number: n >= 20, 20, ""),
    "one operator": (lambda n, number: number.startswith("+3249"), 0, "Orange"),
    "nineteen of twenty": (lambda n, number: n % 20 != 3, 0, ""),
}


@pytest.mark.parametrize("kind", DROPPED)
@pytest.mark.parametrize("seed", range(10))
def test_what_an_operator_drops_is_found_within_a_minute(kind, seed):
    dropped, first, operator = DROPPED[kind]
    dice = random.Random(seed)
    pace_s = FAST_S if operator else PACE_S
    at_s, lasting = found_at(list(sent(dice, 120, pace_s, dropped)), usual(dice))
    assert at_s is not None
    assert at_s - first * pace_s <= 60
    assert lasting.operator == operator


def test_one_operator_of_three_is_found_in_two_minutes_at_the_pace_of_one_modem():
    """Not within one: five texts go to it in that time (docs/adr/0098-reports-that-stay-away.md)."""
    dropped, found = DROPPED["one operator"][0], []
    for seed in range(20):
        dice = random.Random(seed)
        at_s, _lasting = found_at(list(sent(dice, 120, PACE_S, dropped)), usual(dice))
        found.append(at_s)
    assert 60 < median(found) <= 120
    assert max(found) <= 200


@pytest.mark.slow
def test_a_hundred_alerts_with_ordinary_losses_are_no_alarm():
    """By day and at night, over a network that is slow, or very slow, today."""
    alarmed = []
    for seed in range(100):
        dice = random.Random(seed)
        conduct = {"slow": dice.choice([1, 1, 1, 2, 3]), "off": dice.choice([0.05, OFF, 0.15, 0.3])}
        at_s, lasting = found_at(list(sent(dice, **conduct)), usual(dice), until_s=900, every_s=10)
        if lasting is not None:
            alarmed.append((seed, conduct, at_s, lasting.operator))
    assert alarmed == []


def test_a_sim_that_never_gave_reports_is_never_silent():
    dice = random.Random(1)
    assert found_at(list(sent(dice, dropped=lambda n, number: True)), [None] * 300) == (None, None)
    assert found_at(list(sent(dice, dropped=lambda n, number: True)), []) == (None, None)


def test_a_network_that_gives_none_any_more_alarms_ever_less():
    """Of three hundred texts before, those without a report count too: after two alerts it is how this SIM is."""
    dice = random.Random(1)
    rows = list(sent(dice, dropped=lambda n, number: True))
    assert found_at(rows, usual(dice, 240) + [None] * 60)[0]
    assert found_at(rows, usual(dice, 30) + [None] * 270) == (None, None)


def test_a_few_proofs_tell_what_is_usual_of_a_new_sim():
    dice = random.Random(2)
    rows = list(sent(dice, dropped=lambda n, number: True))
    at_s, lasting = found_at(rows, [s(4)] * 5)
    assert at_s < 90
    assert lasting.since == AT


def test_reports_that_come_after_all_end_it():
    dice = random.Random(3)
    rows = [(f"+32470{n:06}", n * PACE_S, 150.0) for n in range(30)]
    known = usual(dice)
    assert silence(seen(rows, 100), known, AT + s(100))
    assert silence(seen(rows, 290), known, AT + s(290)) is None
