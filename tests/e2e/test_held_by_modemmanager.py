"""ModemManager has a modem's tty open before we come: it is named, and lets go as soon as it is allowed to."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.box import ROOT
from tests.modem.sim.process import must_have

pytestmark = pytest.mark.client


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may bind a tty over another one")
def test_a_tty_that_modemmanager_has_open_is_named_and_let_go(tmp_path: Path) -> None:
    must_have("ModemManager", "modemmanager")
    must_have("dbus-daemon", "dbus")
    if not Path("/dev/ttyS0").exists() or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        pytest.skip("no tty that the kernel knows by name, or no view of the files of one's own")
    command = ["unshare", "-m", sys.executable, "-m", "tests.e2e.held", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["held"] == ["faulty", "Le port est utilisé par ModemManager. plp-alerte réessaie chaque minute."]
    assert told["found"] == ["held_ModemManager.title"]
    assert told["after"] == ["ready", ""]
    assert told["left"] == {"modem-list": []}
