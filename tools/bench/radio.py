"""Simulated modems as processes, and what their networks saw."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from statistics import median

from tools.bench.process import end

ROOT = Path(__file__).parents[2]
_START_S = 20.0


@dataclass(frozen=True, slots=True)
class Taken:
    """One TPDU: seconds since the epoch at which its AT+CMGS began and its final result was said (that to 1 ms)."""

    began: float
    ended: float
    to: str
    text: str


class Radio:
    """Modems `a`, `b`, … with the simulator's `options`; a context manager that ends them."""

    def __init__(self, folder: Path, modems: int = 1, *options: str) -> None:
        self.folder = folder
        self.names = [f"m{number}" for number in range(modems)]
        self._processes = [self._start(name, options) for name in self.names]
        self._counted = dict.fromkeys(self.names, (0, 0))
        until = time.monotonic() + _START_S
        while not all(link.exists() for link in self.links):
            if time.monotonic() > until:
                raise TimeoutError("the simulator did not start")
            time.sleep(0.02)

    @property
    def links(self) -> list[Path]:
        """The ttys of the modems."""
        return [self.folder / f"{name}.tty" for name in self.names]

    def count(self) -> int:
        """TPDUs that were taken so far, on all modems. Reads only what is new."""
        for name, (offset, lines) in self._counted.items():
            with self._log(name).open("rb") as log:
                log.seek(offset)
                fresh = log.read()
            self._counted[name] = (offset + len(fresh), lines + fresh.count(b"\n"))
        return sum(lines for _, lines in self._counted.values())

    def wait(self, count: int, within_s: float) -> bool:
        """True when so many were taken in time."""
        until = time.monotonic() + within_s
        while self.count() < count:
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    def taken(self) -> list[list[Taken]]:
        """Per modem, in order."""
        return [[_taken(line) for line in self._log(name).read_text().splitlines()] for name in self.names]

    def close(self) -> None:
        """End the modems."""
        end(self._processes)

    def __enter__(self) -> "Radio":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.tpdu.jsonl"

    def _start(self, name: str, options: Sequence[str]) -> subprocess.Popen[bytes]:
        files = ("--link", self.folder / f"{name}.tty", "--log", self.folder / f"{name}.jsonl")
        more = ("--tpdu-log", self._log(name), *options)
        self._log(name).touch()
        return subprocess.Popen([sys.executable, "-m", "modem.sim", *files, *more], cwd=ROOT)


def per_second(taken: Sequence[Sequence[Taken]]) -> float:
    """Messages per second of all modems together, from the first command to the last; 0 for too few."""
    every = sorted(one.began for modem in taken for one in modem)
    return (len(every) - 1) / (every[-1] - every[0]) if len(every) > 1 else 0.0


def best_second(taken: Sequence[Sequence[Taken]]) -> int:
    """The most messages of all modems together that began within one second."""
    every = sorted(one.began for modem in taken for one in modem)
    first = best = 0
    for last, began in enumerate(every):
        while began - every[first] >= 1:
            first += 1
        best = max(best, last - first + 1)
    return best


def gap_ms(taken: Sequence[Sequence[Taken]]) -> float | None:
    """The median from a final result to the next AT+CMGS on the same modem; overstated by up to 1 ms."""
    gaps = [(later.began - one.ended) * 1000 for modem in taken for one, later in pairwise(modem)]
    return median(gaps) if gaps else None


def _taken(line: str) -> Taken:
    record = json.loads(line)
    return Taken(record["t_cmgs"], datetime.fromisoformat(record["at"]).timestamp(), record["to"], record["text"])
