"""Several machines on one PostgreSQL: one of them is killed, the server is restarted, and the numbers stay true."""

import json
import subprocess
import sys

import pytest

from tests.e2e.box import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

PEOPLE, MODEMS, KILLS, SUBMIT_MS, WITHIN_S = 300, 2, 3, 80, 90


def test_a_host_is_killed_and_the_server_restarted():
    arguments = [str(value) for value in (PEOPLE, MODEMS, KILLS, SUBMIT_MS, WITHIN_S)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.hosts", *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    print(told)
    assert (told["lost"], told["invented"], told["doubled"]) == (0, 0, 0)
    assert told["unconfirmed"] <= KILLS * MODEMS
    # Reports that came while nobody listened are lost; what the network took is at least known as sent.
    assert set(told["counts"]) <= {"delivered", "sent", "unconfirmed"}
    assert sum(told["counts"].values()) == PEOPLE
    assert set(told["by_host"]) == {"nord", "sud"}
