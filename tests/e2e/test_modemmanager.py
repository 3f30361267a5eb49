"""300 people through `driver = modemmanager`, whose ModemManager dies five times: nobody lost, nobody twice."""

import random
from pathlib import Path

import pytest

from tests.e2e.managed import alert
from tests.modem.sim.process import must_have
from tests.support.modemmanager import manager

pytestmark = pytest.mark.client

PEOPLE, KILLS = 300, 5
SHORT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"


def test_an_alert_through_modemmanager_that_is_killed_five_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    must_have("ModemManager", "modemmanager")
    must_have("dbus-daemon", "dbus")
    with manager() as mm:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", mm.environment["DBUS_SYSTEM_BUS_ADDRESS"])
        run = alert(tmp_path, mm, SHORT, PEOPLE, KILLS, random.Random("5278"), "--submit-ms", "10", "--report-ms", "20")
    assert (run.lost, run.doubled) == (set(), set())
    assert len(run.unconfirmed) <= KILLS
    assert sum(run.counts.values()) == PEOPLE
    assert not {"failed", "cancelled", "expired"} & run.counts.keys()
