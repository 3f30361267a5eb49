"""The program that has a tty open, in words for a person: by its open files, or by a lock file beside the tty (FHS 3.0,
/var/lock), by which minicom, gammu and smsd tell each other that a port is in use.
"""

import os
from pathlib import Path
from typing import Final

LOCK_FOLDER: Final = Path("/var/lock")


def lock_holder(device: str, folder: Path = LOCK_FOLDER) -> str | None:
    """`minicom (pid 812)`, when a running program has a lock file for the tty, whoever it runs as; None else."""
    try:
        told = (folder / f"LCK..{os.path.basename(os.path.realpath(device))}").read_text("ascii", "replace").split()
    except OSError:
        return None
    pid = told[0] if told else ""
    if not pid.isdecimal() or int(pid) == os.getpid():
        return None
    try:
        name = Path(f"/proc/{pid}/comm").read_text("utf-8", "replace").strip()
    except OSError:
        return None  # it ended and left its file behind
    return f"{name} (pid {pid})"


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
