"""A column of a member is declared once: with one line more it is on every page and in every file."""

import subprocess
import sys

import pytest

from tests.architecture.source import ROOT

pytestmark = pytest.mark.processes


@pytest.mark.slow
def test_one_line_declares_a_column_of_members():
    program = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command = [*program, "-p", "tests.support.declared_column", "tests/console/with_declared_column.py"]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout[-4000:]
    assert "1 passed" in outcome.stdout
