"""Processes under test: what they cost, and their end."""

import os
import signal
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """`cpu_s` since the start of the processes; `peak_mb` is the sum of their largest resident sizes."""

    cpu_s: float
    peak_mb: float


def cost(pids: Iterable[int]) -> Cost:
    """Of these processes and their living descendants; the dead count for their processor time."""
    cpu_s = peak_mb = 0.0
    for pid in pids:
        for one in _family(pid):
            cpu_s += _cpu_s(one)
            peak_mb += _peak_mb(one)
    return Cost(cpu_s, peak_mb)


def written_bytes(pids: Iterable[int]) -> int:
    """Bytes that these processes and their living descendants had the kernel write to disks since they began."""
    lines = [line for pid in pids for one in _family(pid) for line in _text(Path(f"/proc/{one}/io")).splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("write_bytes:"))


def end(processes: Iterable[subprocess.Popen[bytes]], patience_s: float = 15) -> None:
    """SIGTERM for all, then SIGKILL for those that stay."""
    processes = list(processes)
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _family(pid: int) -> list[int]:
    family = [pid]
    for one in family:
        children = Path(f"/proc/{one}/task/{one}/children")
        family += [int(child) for child in _text(children).split()]
    return family


def _cpu_s(pid: int) -> float:
    fields = _text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) * _TICK_S if fields else 0.0  # utime, stime, and those of reaped children


def _peak_mb(pid: int) -> float:
    for line in _text(Path(f"/proc/{pid}/status")).splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
