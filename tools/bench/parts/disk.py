"""Bytes that the product writes to its disk: on an idle day, and with an alert. An SD card wears by them."""

import os
import tempfile
import time
from pathlib import Path

from tests.e2e.box import Box, eventually
from tools.bench.process import written_bytes
from tools.bench.section import Section, figure

PEOPLE = 300
_IDLE_S = 180.0
_MB = 1_000_000
_TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"


def measure() -> Section:
    """Of everything that `plp run` starts; the simulated modems run apart, and write files of their own."""
    section = Section(
        "Written to the disk",
        f"`write_bytes` of /proc/PID/io, of all processes of `plp run` on SQLite with two modems: idle for "
        f"{_IDLE_S:.0f} s and multiplied, and an alert of one SMS to {PEOPLE} people with their reports, from the "
        "order until all have arrived, less what is written in idle time meanwhile. The file "
        "system's own overhead (its journal, whole blocks of an SD card) is not included.",
        ("what", "MB", "KB per message"),
    )
    # Not in memory, where nothing is written.
    with tempfile.TemporaryDirectory(prefix="plp-disk-", dir=Path("/var/tmp")) as folder:
        box = Box(Path(folder), ("a", "b"))
        try:
            for name in ("a", "b"):
                box.start_simulator(name, "--submit-ms", "100", "--report-ms", "500", "--link-ms", "0")
            box.plp("migrate")
            box.import_members(PEOPLE)
            supervisor = box.start("run").pid
            eventually("ready", lambda: box.ready_modems() == 2)
            time.sleep(30)  # what a start writes
            idle = _written(supervisor, _IDLE_S)
            section.add("an idle day", figure(idle * 86_400 / _MB, 0))
            before, began = written_bytes([supervisor]), time.monotonic()
            broadcast = box.send(_TEXT)
            eventually("all have it", lambda: box.counts(broadcast) == {"delivered": PEOPLE}, 120, 0.5)
            os.sync()
            alert = written_bytes([supervisor]) - before - idle * (time.monotonic() - began)
            section.add(f"an alert to {PEOPLE}", figure(alert / _MB), figure(alert / PEOPLE / 1000))
        finally:
            box.close()
    return section


def _written(pid: int, seconds: float) -> float:
    """Bytes a second."""
    before = written_bytes([pid])
    time.sleep(seconds)
    return (written_bytes([pid]) - before) / seconds
