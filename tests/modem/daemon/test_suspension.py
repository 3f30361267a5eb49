"""A modem that a person took out of service sends nothing until a person resumes it."""

import pytest

from db.models.zone import AuditEntry
from db.modems import commands
from tests.modem.daemon.bench import Bench
from tests.support.people import order, person

SENTENCE = "Mis hors service par anne (« antenne en panne »). Il reçoit encore des SMS, mais n'en envoie plus."


def suspend(now):
    commands.ask("box", "a", "suspend", "anne", now, "antenne en panne.")


def test_nothing_leaves_a_suspended_modem_before_it_is_resumed(ready, now):
    person(1, now)
    placed = order(now)
    suspend(now)
    for _ in range(120):
        ready.step(1)
    assert (ready.card().state, ready.card().sentence) == ("out_of_service", SENTENCE)
    assert ready.counts(placed) == {"queued": 1}
    commands.ask("box", "a", "resume", "luc", now)
    ready.step(1.1)
    ready.run()
    assert ready.card().state == "ready"
    assert ready.counts(placed) == {"sent": 1}
    told = [(entry.actor, entry.action) for entry in AuditEntry.select().order_by(AuditEntry.id)]
    assert [each for each in told if each[1].startswith("modem_")] == [
        ("anne", "modem_suspend"),
        ("luc", "modem_resume"),
    ]


def test_it_stays_suspended_when_the_daemon_starts_anew(ready, now):
    person(1, now)
    placed = order(now)
    suspend(now)
    ready.worker.close()
    anew = Bench(ready.clock.now)
    for _ in range(10):
        anew.step(1)
    assert anew.card().sentence == SENTENCE
    assert anew.counts(placed) == {"queued": 1}


@pytest.mark.parametrize("last", ["suspend", "resume"])
def test_the_last_word_counts_before_the_daemon_saw_the_first(ready, now, last):
    suspend(now)
    ready.step(1.1)
    for verb in ("suspend", "resume") if last == "resume" else ("resume", "suspend"):
        commands.ask("box", "a", verb, "luc", now)
    ready.step(1.1)
    assert ready.card().state == {"suspend": "out_of_service", "resume": "ready"}[last]
