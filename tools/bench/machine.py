"""Description of the machine used for the benchmarks."""

import os
import platform
import sqlite3
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

from tools.bench.contest import workshop
from tools.bench.radio import ROOT
from tools.bench.section import percentile

_PACKAGES = ("gammu-smsd", "smstools", "libdbd-sqlite3")
_FLUSHES = 200


def moment() -> str:
    """A line: when, at which revision, and how busy the machine is."""
    revision = _output("git", "rev-parse", "--short", "HEAD")
    load = f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    at = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    return f"Measured {at}, revision {revision}, load {load}, flush {flush_ms():.2f} ms."


def machine() -> str:
    """A paragraph: processor, system, versions, and what a flush to this disk costs."""
    return (
        f"{_processor()}, {os.cpu_count()} cores; {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}; "
        f"{', '.join(f'{package} {_version(package)}' for package in _PACKAGES)}. "
        "`flush` is the median of a commit of one row with synchronous=FULL before the part began; on an SD card it "
        "may take 10 ms and more, and plp commits twice between two messages."
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(package: str) -> str:
    return _output("dpkg-query", "-W", "-f", "${Version}", package) or "not installed"


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def flush_ms() -> float:
    with workshop() as folder:
        database = sqlite3.connect(folder / "flush.db", isolation_level=None)
        database.executescript("PRAGMA journal_mode = wal; PRAGMA synchronous = full; CREATE TABLE t (n)")
        took = []
        for number in range(_FLUSHES):
            began = time.perf_counter()
            database.execute("INSERT INTO t VALUES (?)", (number,))
            took.append((time.perf_counter() - began) * 1000)
        database.close()
    return percentile(took, 0.5)
