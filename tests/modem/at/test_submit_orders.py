"""Every order in which the PDUs and the results of two and of three submits may come."""

from itertools import product

import pytest

from modem.at.commands import Final
from modem.at.engine import AtEngine
from modem.at.events import Late, Response
from tests.modem.at.submits import give_up, start, taken

RESULTS = ("taken", "refused", "refused, counted")


def timelines(submits):
    """Every order of this many PDUs (their numbers) and results (those below 0); a result never comes, or after its PDU
    and while that or a newer one is out, or after that was given up (0 after a PDU).
    """
    places = [number for pdu in range(1, submits + 1) for number in (pdu, 0)]
    orders = [tuple(places)]
    for number in range(1, submits + 1):
        orders += [
            (*order[:place], -number, *order[place:])
            for order in orders
            for place in range(order.index(number) + 1, len(order) + 1)
        ]
    return orders


def run(timeline, results):
    """Let the engine hear it; no submit may get the result of another. Returns how many got their own."""
    engine, got = AtEngine(), 0
    for happens in timeline:
        if happens > 0:
            start(engine)
            continue
        if happens == 0:
            if engine.in_flight:
                give_up(engine)
            continue
        lines, final = results[-happens - 1]
        for event in engine.feed("".join(f"\r\n{line}\r\n" for line in (*lines, final.text)).encode()):
            if isinstance(event, Response | Late):
                owner = engine.submits if isinstance(event, Response) else event.submit
                assert owner is None or (event.lines, event.final) == results[owner - 1], (timeline, results)
                got += owner is not None
    return got


@pytest.mark.parametrize("first", [10, None], ids=["reference known", "first after opening"])
@pytest.mark.parametrize("submits", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_results_late_lost_or_refused_in_every_order(submits, first):
    """Certain or in doubt, but never wrong: a refusal given to the wrong one would send its text a second time."""
    known = (1, -1, 0) if first else ()
    runs = certain = 0
    for kinds in product(RESULTS, repeat=submits):
        results = [taken(first)] if first else []
        reference = first or 76
        for number, kind in enumerate(kinds):
            reference += kind != "refused"
            refused = Final("CMS", 500 + number, f"+CMS ERROR: {500 + number}")
            results.append(taken(reference) if kind == "taken" else ((), refused))
        for timeline in timelines(submits):
            shift = 1 if first else 0
            later = [happens and happens + (shift if happens > 0 else -shift) for happens in timeline]
            certain += run((*known, *later), results) - bool(first)
            runs += 1
    assert runs == {2: 9 * 17, 3: 27 * 145}[submits]
    assert certain > runs / 2
