"""Short and long texts through `driver = modemmanager`, whose ModemManager is killed at any moment."""

import random
from pathlib import Path

import pytest

from tests.e2e.managed import alert
from tests.modem.sim.process import must_have
from tests.soak.budget import Budget
from tests.soak.figures import note
from tests.support.modemmanager import manager

FULL_KILLS, PEOPLE_PER_KILL = 40, 30
SHORT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"
TEXTS = {"one SMS": SHORT, "three SMS": " ".join([SHORT] * 4)}


@pytest.mark.soak(1)
@pytest.mark.parametrize("kind", TEXTS)
def test_modemmanager_dies_at_any_moment(
    budget: Budget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    must_have("ModemManager", "modemmanager")
    kills = budget.scaled(FULL_KILLS)
    people = kills * PEOPLE_PER_KILL
    with manager() as mm:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", mm.environment["DBUS_SYSTEM_BUS_ADDRESS"])
        dice = random.Random(f"{budget.name}/5278")
        pace = ("--submit-ms", "20", "--report-ms", "50")
        run = alert(tmp_path, mm, TEXTS[kind], people, kills, dice, *pace)
    assert (run.lost, run.doubled) == (set(), set())
    assert len(run.unconfirmed) <= kills
    assert not {"failed", "cancelled", "expired"} & run.counts.keys()
    note(
        budget,
        f"kill -9 of ModemManager at random moments, texts of {kind}",
        f"{kills} kills in {people:,} messages through `driver = modemmanager`",
        f"lost 0, doubled 0, {len(run.unconfirmed)} unconfirmed (at most one per kill; {run.waited} of them had "
        f"nothing), {run.seconds:.0f} s",
    )
