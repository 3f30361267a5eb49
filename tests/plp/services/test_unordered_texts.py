"""Texts that nobody orders, as `docs/doors.md` has them: every cell of the table is tried."""

import pytest

from db.models.broadcasts import Broadcast
from db.people.audience import Audience
from rules.refusals import AgreementWanted, Duplicate, OverLimit, Refusal
from rules.states import AUTOMATIC, OF_ONE_SIM
from tests.plp.services.doors import UNORDERED, table
from tests.support.people import SENDING, Text, mobile, order, people, ready_modem

pytestmark = pytest.mark.usefixtures("database")

CELLS = table(UNORDERED)


@pytest.fixture(autouse=True)
def zone(database, now):
    ready_modem("a", now)
    people(12, now)


def send(kind, number, now, text=None, sending=SENDING):
    audience = Audience(numbers=(mobile(number),))
    order(now, text, sending, audience=audience, kind=kind, priority="normal", by="plp")


def asks_agreement(kind, now):
    try:
        for number in range(11):
            send(kind, number, now)
    except Refusal as refusal:
        return isinstance(refusal, AgreementWanted) and Broadcast.select().count() == 10
    return False


def asks_ceiling(kind, now):
    """`place_composed` brings the ceiling; answers and alarms are placed without one."""
    if kind in ("answer", "alarm"):
        return False
    least = type(SENDING)(undo_seconds=0, hourly_ceiling=1)
    send(kind, 1, now, sending=least)
    with pytest.raises(OverLimit):
        send(kind, 2, now, sending=least)
    return True


def asks_repeats(kind, now):
    send(kind, 1, now)
    try:
        send(kind, 1, now)
    except Duplicate:
        return True
    return False


TRIES = {"agreement": asks_agreement, "ceiling": asks_ceiling, "repeats": asks_repeats}


def test_the_table_has_every_kind_but_those_of_one_sim():
    assert {kind for kind, _rule in CELLS} == set(AUTOMATIC) - set(OF_ONE_SIM)


@pytest.mark.parametrize(("kind", "rule"), CELLS)
def test_a_cell_is_what_happens(now, kind, rule):
    assert TRIES[rule](kind, now) == (CELLS[kind, rule] == "asked")


def test_an_alert_is_not_kept_back_by_what_nobody_ordered(now):
    least = type(SENDING)(undo_seconds=0, hourly_ceiling=12)
    for number in range(10):
        send("welcome", number, now, sending=least)
    assert order(now, Text("Autre", segments=("Autre",)), least).recipients == 12
