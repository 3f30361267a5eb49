"""Heavy work under a unit that forbids a process to change its place."""

import subprocess
import sys
from pathlib import Path

_FORBIDDEN = """
import os
def nice(by): raise PermissionError(1, "forbidden")
os.nice = nice
from plp.services.apart import limit
limit(10)
"""
UNITS = Path(__file__).parents[2] / "packaging" / "systemd"


def test_heavy_work_is_done_where_its_place_cannot_be_changed() -> None:
    assert subprocess.run([sys.executable, "-c", _FORBIDDEN], check=False).returncode == 0


def test_the_console_lets_heavy_work_put_itself_behind_the_others() -> None:
    lines = (UNITS / "plp-console.service").read_text().splitlines()
    assert lines.index("SystemCallFilter=setpriority") > lines.index("SystemCallFilter=~@privileged @resources")
