"""Work in a process of its own: its result comes back, its memory does not stay, its failure is one."""

import os
import subprocess
import sys

import pytest

from plp.jobs import apart
from tests.support.disk import IN_A_PROCESS


@pytest.mark.slow
def test_the_result_comes_from_another_process(monkeypatch):
    monkeypatch.setattr(apart, "_in_a_process", IN_A_PROCESS)
    assert apart.apart(os.getpid) != os.getpid()
    with pytest.raises(subprocess.CalledProcessError):
        apart.apart(int, "no number")


@pytest.mark.slow
def test_the_jobs_do_not_keep_what_draws_in_memory():
    kept = ["fpdf", "fontTools", "pyzipper", "flask", "rich"]
    code = f"import sys, plp.cli.jobs; sys.exit(str([name for name in {kept!r} if name in sys.modules]))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr.strip() == "[]"
