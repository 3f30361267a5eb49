"""Two hosts with four modems each on one PostgreSQL: one is killed three times, the server restarted once."""

import json
import subprocess
import sys

import pytest

from tests.e2e.box import ROOT
from tests.soak.budget import Budget
from tests.soak.figures import note

FULL_PEOPLE = 5000
FEWEST = 600
MODEMS, KILLS, SUBMIT_MS, WITHIN_S = 4, 3, 60, 300


@pytest.mark.soak(1)
def test_two_hosts_share_an_alert(budget: Budget) -> None:
    people = max(FEWEST, budget.scaled(FULL_PEOPLE))
    arguments = [str(value) for value in (people, MODEMS, KILLS, SUBMIT_MS, WITHIN_S)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.hosts", *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["lost"], told["invented"], told["doubled"]) == (0, 0, 0), told
    assert told["unconfirmed"] <= KILLS * MODEMS, told
    note(
        budget,
        "Two hosts on PostgreSQL",
        f"{people} messages, 2 × {MODEMS} modems, one host killed -9 {KILLS} times, PostgreSQL restarted once",
        f"lost 0, doubled 0, unconfirmed {told['unconfirmed']}",
    )
