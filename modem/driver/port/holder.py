"""Who has a tty open, in words for a person."""

import os
from pathlib import Path


def holder(device: str) -> str | None:
    """`ModemManager (pid 812)`, or several; None when nobody is seen (another user's processes are hidden)."""
    tty = os.path.realpath(device)
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    names = [_name(pid) for pid in sorted(pids) if pid != os.getpid() and _has_open(pid, tty)]
    return ", ".join(names) or None


def _has_open(pid: int, tty: str) -> bool:
    try:
        return any(_target(fd) == tty for fd in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # it ended, or belongs to somebody else
        return False


def _target(fd: Path) -> str | None:
    try:
        return os.readlink(fd)
    except OSError:
        return None


def _name(pid: int) -> str:
    try:
        name = Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        name = "a program that just ended"
    return f"{name} (pid {pid})"
