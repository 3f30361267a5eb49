"""The primary of two boxes dies in the middle of a broadcast, and the other one's server is promoted."""

import json
import subprocess
import sys

import pytest

from tests.e2e.box import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

PEOPLE, SUBMIT_MS = 150, 60


def test_the_other_box_goes_on_and_nothing_is_lost_or_doubled():
    program = [sys.executable, "-m", "tests.e2e.standby", str(PEOPLE), str(SUBMIT_MS)]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    print(told)
    assert (told["lost"], told["invented"], told["doubled"], told["held"]) == (0, 0, 0, False)
    assert told["unclear"] <= 2, "what the dead box's two modems had under way"
    assert sum(told["counts"].values()) == PEOPLE
    assert set(told["by_host"]) == {"nord", "sud"}
