"""Restarts without a word at random moments: of hundreds in virtual time, and of a few real modems on their ptys.

Nobody is told as sent who got nothing, nobody is doubled, whoever may have nothing is named, and texts and reports come
again within 40 s of the restart, or of the moment from which commands about SMS are taken again.
"""

import random
import socket
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from modem.daemon.records import status
from tests.e2e.box import Box, eventually, mobile
from tests.soak.budget import SEED, Budget
from tests.soak.figures import note
from tests.support.people import people
from tests.support.silent_restarts import AGAIN_WITHIN_S, MEMBERS, Outcome, Restart, begin, play

FULL_RESTARTS, FULL_SOON, FULL_REAL = 300, 100, 12
# Of real modems: kinds by name, each with and without text mode.
KINDS = ("default", "sim800", "ec25")
PEOPLE_EACH = 14
TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"


def _any(dice: random.Random) -> Restart:
    return Restart.drawn(dice)


def _soonest(dice: random.Random) -> Restart:
    """As quick as to be found too late: sooner than anybody claims, into text mode, without echo or word."""
    return replace(
        Restart.drawn(dice),
        text_mode=True,
        echo=False,
        words=(),
        at_s=dice.uniform(0.0, 8.0),
        deaf_s=dice.uniform(0.0, 0.6),
        per_minute=dice.choice((0, 20, 45, 80)),
    )


@pytest.mark.soak(1)
@pytest.mark.parametrize(
    ("what", "draw", "full"), [("any", _any, FULL_RESTARTS), ("soonest", _soonest, FULL_SOON)], ids=("any", "soonest")
)
def test_silent_restarts(budget, database, now, monkeypatch, what, draw, full):
    monkeypatch.setattr(status, "_WORK", 2)
    people(MEMBERS, now)
    outcomes = []
    for number in range(budget.scaled(full)):
        restart = draw(random.Random(f"{SEED}/{what}/{number}"))
        with budget.round(number):
            outcome = _played(now + timedelta(hours=number), monkeypatch, restart, number)
            assert _is_well(outcome), (restart, outcome)
        outcomes.append(outcome)
    went = sum(outcome.to_nobody for outcome in outcomes)
    alerts = sum(outcome.to_nobody > 0 for outcome in outcomes)
    unconfirmed = sum(outcome.unconfirmed for outcome in outcomes)
    delivered = sum(outcome.delivered for outcome in outcomes)
    note(
        budget,
        f"silent restarts of a modem, {'at any moment' if what == 'any' else 'in less than 0.6 s, into text mode'}",
        f"{len(outcomes)} restarts in as many alerts of {MEMBERS}, four kinds of firmware, virtual time",
        f"told as sent and got nothing 0, doubled 0, lost unnamed 0; {went} texts to nobody in {alerts} alerts, all "
        f"unconfirmed; {delivered} delivered, {unconfirmed} unconfirmed; texts and reports again after "
        f"{max(outcome.again_s for outcome in outcomes):.0f} s at most",
    )


def _played(now: datetime, patch: pytest.MonkeyPatch, restart: Restart, seed: int) -> Outcome:
    life = begin(now, patch, restart, seed)
    try:
        return play(life, restart)
    finally:
        life.close()


def _is_well(outcome: Outcome) -> bool:
    wrong = outcome.told + outcome.doubled + outcome.unnamed
    return wrong == 0 and outcome.again_s <= AGAIN_WITHIN_S and outcome.text_came and outcome.later_delivered


@pytest.mark.soak(1)
def test_silent_restarts_of_real_processes(budget: Budget, tmp_path: Path) -> None:
    dice = random.Random(f"{SEED}/{budget.name}")
    names = [f"m{number}" for number in range(budget.scaled(FULL_REAL))]
    box = Box(tmp_path, tuple(names))
    try:
        box.plp("migrate")
        for seed, name in enumerate(names):
            pace = ("--submit-ms", "900", "--report-ms", "300", "--seed", str(seed), "--control", f"{name}.control")
            box.start_simulator(name, *pace, "--profile", KINDS[seed % len(KINDS)])
        people_count = PEOPLE_EACH * len(names)
        box.import_members(people_count)
        box.start("modem")
        eventually("all are ready", lambda: box.ready_modems() == len(names), 120)
        moments = sorted((dice.uniform(0.0, 10.0), name) for name in names)
        broadcast = box.send(TEXT)
        began_s = time.monotonic()
        for moment_s, name in moments:
            time.sleep(max(0.0, began_s + moment_s - time.monotonic()))
            late = f"sms-late:{dice.choice((517, 314))}/{dice.uniform(1, 20):.1f}" if dice.random() < 0.4 else ""
            faults = ",".join(filter(None, (late, "textmode" if dice.random() < 0.6 else "")))
            _order(box, name, f"fault {faults or 'none'}")
            _order(box, name, f"brownout {dice.choice((0.6, 1.5, 3.0, 8.0))}{dice.choice(('', ' SMS Ready'))}")
        eventually("an end", lambda: not {"queued", "sending"} & box.counts(broadcast).keys(), 240)
        eventually("all are ready again", lambda: box.ready_modems() == len(names), 120)
        time.sleep(12.0)  # the looks that prove the last receipts
        counts = box.counts(broadcast)
        had = Counter(record["to"] for record in box.log(tpdus=True))
        shown = {state: box.people(broadcast, state) for state in counts}
        for name in names:
            _order(box, name, f"inbound +32470000009 Merci {name}")
        later = box.send("Fin de l'alerte. Suspect interpellé.")
        eventually("reports come", lambda: box.counts(later) == {"delivered": people_count}, 120)
    finally:
        box.close()
    everyone = {mobile(number) for number in range(people_count)}
    told = shown.get("sent", set()) | shown.get("delivered", set())
    assert told - had.keys() == set()
    assert everyone - told - shown.get("unconfirmed", set()) == set()
    assert {number for number, often in had.items() if often > 1 and number in everyone} == set()
    note(
        budget,
        "silent restarts of simulated modems on ptys",
        f"{len(names)} modems of three kinds, each restarted once within an alert of {people_count}",
        f"told as sent and got nothing 0, doubled 0, lost unnamed 0; {counts}; a second alert delivered to all",
    )


def _order(box: Box, name: str, line: str) -> None:
    with socket.socket(socket.AF_UNIX) as wire, wire.makefile("rw", encoding="utf-8") as asked:
        wire.connect(str(box.folder / f"{name}.control"))
        asked.write(f"{line}\n")
        asked.flush()
        answer = asked.readline()
    assert '"ok": true' in answer, answer
