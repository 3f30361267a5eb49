"""Counts that pages ask for every second: right, and without looking at what they need not."""

import logging
import random
import threading

import pytest

from db.alerts.progress.counts import tallies
from db.alerts.progress.history import newest
from db.alerts.progress.progress import progress, running
from db.engine.base import database
from db.engine.connection import connected, reading
from db.models.broadcasts import Broadcast, Part
from db.models.people import Member
from rules.states import WORST_FIRST, PartState, Stage
from tests.support.people import LONG, Text, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")


class Statements(logging.Handler):
    """What was asked of the database."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def emit(self, record):
        self.seen.append(record.msg[0])


@pytest.fixture
def asked(monkeypatch):
    logger = logging.getLogger("peewee")
    handler = Statements()
    logger.addHandler(handler)
    before = logger.level
    logger.setLevel(logging.DEBUG)
    yield handler.seen
    logger.setLevel(before)
    logger.removeHandler(handler)


def scattered(now, text=None, people=12):
    """A broadcast whose parts are in made-up states, as only the table of states and time could bring about."""
    ready_modem("a", now)
    if not Member.select().exists():
        for number in range(people):
            person(number, now)
    placed = order(now, text=text, again=True)
    chance = random.Random(7)
    for part in Part.select().where(Part.broadcast == placed.id):
        state = chance.choice(list(PartState))
        went = state in ("sent", "delivered", "undelivered") or (state == "expired" and chance.random() < 0.5)
        Part.update(state=state, sent_at=now if went else None).where(Part.id == part.id).execute()
    return placed


def by_hand(broadcast_id):
    """Messages by their worst part, and how many are with the network whole."""
    messages = {}
    for part in Part.select().where(Part.broadcast == broadcast_id):
        messages.setdefault(part.message_id, []).append(part)
    worst = [min((part.state for part in parts), key=WORST_FIRST.index) for parts in messages.values()]
    whole = sum(all(part.sent_at for part in parts) for parts in messages.values())
    return {state: worst.count(state) for state in set(worst)}, whole


@pytest.mark.parametrize("text", [Text(), LONG])
def test_the_quick_counts_are_the_slow_ones(now, text):
    placed = scattered(now, text)
    row = Broadcast.get_by_id(placed.id)
    tally = tallies([row])[row.id]
    counts, whole = by_hand(placed.id)
    assert {state: count for state, count in tally.messages.items() if count} == counts
    assert tally.taken == whole
    assert sum(tally.messages.values()) == row.recipients


def test_several_at_once_are_told_apart(now):
    first, second = scattered(now), scattered(now, LONG)
    counted = tallies(list(Broadcast.select()))
    for placed in (first, second):
        assert {s: n for s, n in counted[placed.id].messages.items() if n} == by_hand(placed.id)[0]
    assert tallies([]) == {}


@pytest.mark.slow
def test_the_header_asks_little(now, asked):
    ready_modem("a", now)
    person(1, now)
    for number in range(12):
        order(now, text=Text(f"Texte {number}.", "gsm7", (f"Texte {number}.",)))
    Broadcast.update(stage=Stage.FINISHED).where(Broadcast.id < 12).execute()
    asked.clear()
    assert [card.id for card in running(now)] == [12]
    assert len(asked) <= 6
    Broadcast.update(stage=Stage.FINISHED).execute()
    asked.clear()
    assert running(now) == []
    assert len(asked) == 1


@pytest.mark.slow
def test_the_history_asks_as_much_for_fifty_as_for_one(now, asked):
    ready_modem("a", now)
    person(1, now)
    for number in range(50):
        order(now, text=Text(f"Texte {number}.", "gsm7", (f"Texte {number}.",)))
    Part.update(state="delivered").execute()
    asked.clear()
    assert len(newest(50, now)) == 50
    assert len(asked) <= 6


@pytest.mark.sqlite
def test_counts_come_from_indexes_alone(now, asked):
    placed = scattered(now)
    asked.clear()
    progress(placed.id, now)
    counting = [sql for sql in asked if "GROUP BY" in sql or "DISTINCT" in sql]
    assert len(counting) == 2
    for sql in counting:
        plan = [row[3] for row in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", [1] * sql.count("?"))]
        assert any("INDEX part_counts" in step or "INDEX part_simulated" in step for step in plan), plan
        assert not any(step.startswith("SCAN t1") for step in plan), plan


def test_what_people_ordered_is_running_until_its_last_part(now):
    ready_modem("a", now)
    person(1, now)
    drill = order(now, kind="drill")
    assert [card.id for card in running(now)] == [drill.id]
    alert = order(now, text=Text("Alerte.", "gsm7", ("Alerte.",)))
    order(now, kind="welcome", priority="normal", text=Text("Bienvenue.", "gsm7", ("Bienvenue.",)))
    assert [card.id for card in running(now)] == [alert.id, drill.id]
    Part.update(state="sent").where(Part.broadcast == alert.id).execute()
    assert [card.id for card in running(now)] == [drill.id]


def test_what_is_read_together_is_of_one_moment(now):
    def another_comes():
        with connected():
            person(91, now)

    person(90, now)
    with reading():
        before = Member.select().count()
        writer = threading.Thread(target=another_comes)
        writer.start()
        writer.join()
        assert Member.select().count() == before
    assert Member.select().count() == before + 1
