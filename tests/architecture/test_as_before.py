"""What a test leaves otherwise in its process is its own failure, and the next one finds all as it was."""

import os
import subprocess
import sys

import pytest

from tests.architecture.source import ROOT

PLANTED = """
import os
import threading
import time
from datetime import UTC, datetime

from db.engine.clock import utc_now
from tests.support.moment import START

def fails_late():
    time.sleep(0.2)
    raise RuntimeError("too late for its test")

def test_planted(tmp_path):
    {deed}

def test_next():
    assert os.environ["PATH"] != "/nowhere"
    assert os.getcwd() == {folder!r}
    assert START <= utc_now()
"""
DEEDS = {
    'os.environ["PATH"] = "/nowhere"': "the environment's PATH was changed",
    'del os.environ["LC_ALL"]': "the environment's LC_ALL was changed",
    "os.chdir(tmp_path)": "the current folder was changed",
    "threading.Thread(target=fails_late).start()": "RuntimeError: too late for its test",
}

pytestmark = [pytest.mark.slow, pytest.mark.processes]


@pytest.mark.parametrize(("deed", "said"), DEEDS.items(), ids=["PATH", "LC_ALL", "folder", "thread"])
def test_what_is_left_otherwise_fails_the_test_that_left_it(tmp_path, deed, said):
    (tmp_path / "test_planted.py").write_text(PLANTED.format(deed=deed, folder=str(ROOT)))
    asked = (
        "-q",
        "-p",
        "no:xdist",
        "-p",
        "no:cacheprovider",
        "-p",
        "tests.conftest",
        "-c",
        str(ROOT / "pyproject.toml"),
    )
    command = [sys.executable, "-m", "pytest", *asked, "--rootdir", str(ROOT), str(tmp_path)]
    environment = {**os.environ, "PYTEST_ADDOPTS": ""}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert said in run.stdout
    assert "2 passed, 1 error" in run.stdout
    assert "at teardown of test_planted" in run.stdout
