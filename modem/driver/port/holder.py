"""The program that has a tty open, in words for a person."""

import os
from pathlib import Path
from typing import Final

from modem.driver.port.lockfile import lock_holder

# A pty's other end may be a simulator that holds it open rightly.
_PTY: Final = "/dev/pts/"


def in_use_by(tty: str) -> str | None:
    """The program that has the tty, also one that only left a lock file; None when nobody is seen."""
    return lock_holder(tty) or (None if tty.startswith(_PTY) else holder(tty))


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
