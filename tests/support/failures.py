"""The failed tests of a run, written down where `once_more` and `.ci/run` find them."""

import os
from pathlib import Path

import pytest

CACHED = "plp/failed"
# The file, in the environment, that `.ci/run` shows at its end.
TOLD_IN = "PLP_TEST_FAILURES"
# Tests that wait for something outside of their process: they alone have a second try (docs/adr/0215).
WAITING = ("processes", "browser", "client")
LONGEST_LINE = 160


class Failures:
    """A plugin: of a run's first process, which hears of every test."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._found: dict[str, dict[str, object]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._note(report, waits=any(name in report.keywords for name in WAITING))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._note(report, waits=False)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if cache := getattr(self._config, "cache", None):
            cache.set(CACHED, {"status": int(exitstatus), "failed": self._found})
        if path := os.environ.get(TOLD_IN):
            with Path(path).open("a", encoding="utf-8") as file:
                file.writelines(f"{name}\n    {told['line']}\n" for name, told in self._found.items())

    def _note(self, report: pytest.TestReport | pytest.CollectReport, waits: bool) -> None:
        self._found.setdefault(report.nodeid, {"waits": waits, "line": first_line(report)})


def first_line(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The error of a failed test, as pytest marks it in what it shows."""
    lines = report.longreprtext.splitlines()
    errors = [line[1:].strip() for line in lines if line.startswith("E ")]
    return next(iter(errors or reversed(lines)), "")[:LONGEST_LINE]
