"""`--forks`: copies of one process run the tests, and it tells all that they do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.forks import Line, begins_with

ROOT = Path(__file__).parents[1]

ALIKE = """
import os
import pytest

@pytest.fixture(scope="module")
def process():
    return os.getpid()

@pytest.fixture(scope="session")
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("opened")
    yield folder
    (folder.parents[1] / f"closed-{os.getpid()}").touch()

@pytest.mark.parametrize("number", range(20))
def test_it_passes(number, process, opened, tmp_path):
    assert os.getpid() == process
    assert tmp_path.parent == opened.parent
    print("said in", tmp_path)

def test_it_fails():
    print("said before it fails")
    assert 1 == 2

def test_it_is_skipped():
    pytest.skip("not here")
"""
ENDING = """
import os

def test_before(): pass
def test_that_ends_its_process(): os._exit(7)
def test_after_that_is_not_run(): pass
"""


def _run(folder: Path, modules: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    for name, text in modules.items():
        (folder / f"test_{name}.py").write_text(text, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.support.forks",
        "-p",
        "no:randomly",
        "-p",
        "no:schemathesis",
    ]
    places = ["--rootdir", str(folder), "--basetemp", str(folder / "t"), str(folder), "-v"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""}
    return subprocess.run(
        [*command, *places, *options], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_each_test_is_run_once_and_told_as_without_copies(tmp_path: Path) -> None:
    ran = _run(tmp_path, dict.fromkeys("abcdef", ALIKE), "--forks", "3")
    assert ran.returncode == 1
    assert "120 passed" in ran.stdout
    assert "6 failed" in ran.stdout
    assert "6 skipped" in ran.stdout
    assert ran.stdout.count("said before it fails\n") == 6
    assert "said in" not in ran.stdout
    assert "assert 1 == 2" in ran.stdout
    told = [line.split()[0] for line in ran.stdout.splitlines() if " PASSED" in line]
    assert len(told) == len(set(told)) == 120
    assert 1 <= len(list((tmp_path / "t").glob("closed-*"))) <= 3


@pytest.mark.slow
def test_a_test_that_ends_its_process_has_failed_and_the_others_are_run(tmp_path: Path) -> None:
    ran = _run(tmp_path, {"a": ENDING} | dict.fromkeys("bcdef", ALIKE), "--forks", "2")
    assert ran.returncode == 1
    assert "The process ended with status 7 in this test." in ran.stdout
    assert "test_after_that_is_not_run PASSED" not in ran.stdout
    assert "test_before PASSED" in ran.stdout
    assert "6 failed, 101 passed, 5 skipped" in ran.stdout


@pytest.mark.slow
def test_all_processes_ended_it_is_not_a_success(tmp_path: Path) -> None:
    ran = _run(tmp_path, {"a": ENDING, "b": ENDING, "c": "def test_left_over(): pass"}, "--forks", "2")
    assert ran.returncode != 0
    assert "test_left_over PASSED" not in ran.stdout


@pytest.mark.slow
def test_it_ends_at_the_first_failure_when_asked_to(tmp_path: Path) -> None:
    ran = _run(tmp_path, dict.fromkeys("abcdef", ALIKE), "--forks", "2", "-x")
    assert ran.returncode == 1
    assert "stopping after 1 failures" in ran.stdout
    assert "1 failed" in ran.stdout


def test_a_number_in_a_line_is_given_once() -> None:
    line = Line(range(700))
    assert [number for pair in zip(line, line, strict=True) for number in pair] == list(range(700))
    assert list(line) == []


@pytest.mark.parametrize(
    ("count", "first"),
    [(5, ["browser", "browser", "e2e", "e2e", ""]), (3, ["browser", "e2e", ""]), (2, ["", ""]), (1, [""])],
)
def test_who_begins_with_what_waits(count: int, first: list[str]) -> None:
    assert [begins_with(number, count) for number in range(count)] == first
