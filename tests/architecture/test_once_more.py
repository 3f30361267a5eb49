"""The failed tests of a run are tried once more, alone: tests/support/once_more.py."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
WITH_LUCK = """
from pathlib import Path
import pytest

@pytest.mark.{mark}
@pytest.mark.parametrize("number", range({failing}))
def test_it(number):
    seen = Path(f"seen-{{number}}")
    was_seen = seen.exists()
    seen.touch()
    assert was_seen and {holds}
"""

CONFTEST = """
from tests.support.failures import Failures

def pytest_configure(config):
    config.pluginmanager.register(Failures(config))
"""

pytestmark = [pytest.mark.processes, pytest.mark.slow]


def exit_status(folder: Path, failing: int, holds: bool, mark: str = "processes") -> tuple[int, str]:
    """Of the second run, with what it printed, after a first in which so many tests failed."""
    (folder / "test_luck.py").write_text(WITH_LUCK.format(failing=failing, holds=holds, mark=mark))
    (folder / "conftest.py").write_text(CONFTEST)
    outside = {**os.environ, "PYTHONPATH": str(HERE), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    outside["PLP_TEST_FAILURES"] = str(folder / "failures")
    first = subprocess.run([sys.executable, "-m", "pytest", "-q"], cwd=folder, env=outside, check=False)
    assert first.returncode == 1
    again = [sys.executable, "-m", "tests.support.once_more"]
    second = subprocess.run(again, cwd=folder, env=outside, capture_output=True, text=True, check=False)
    return second.returncode, second.stdout


def test_what_passes_alone_is_told_and_lets_the_run_pass(tmp_path: Path):
    status, told = exit_status(tmp_path, failing=10, holds=True)
    assert status == 0
    assert "10 failed beside others and passed alone" in told
    assert "test_luck.py::test_it[1]" in told


def test_what_fails_again_fails_the_run(tmp_path: Path):
    assert exit_status(tmp_path, failing=1, holds=False)[0] == 1


def test_more_than_ten_are_not_tried_again(tmp_path: Path):
    assert exit_status(tmp_path, failing=11, holds=True) == (1, "")


def test_a_test_without_a_process_is_not_tried_again(tmp_path: Path):
    assert exit_status(tmp_path, failing=1, holds=True, mark="slow") == (1, "")


def test_the_failed_are_written_down_with_their_first_line(tmp_path: Path):
    exit_status(tmp_path, failing=1, holds=False)
    name, line = (tmp_path / "failures").read_text().splitlines()[:2]
    assert (name, line.strip()) == ("test_luck.py::test_it[0]", "assert (False)")
