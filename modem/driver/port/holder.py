"""The program that has a tty open, in words for a person: by its open files, or by a lock file beside the tty (FHS 3.0,
/var/lock), by which minicom, gammu and smsd show each other that a port is in use.
"""

import os
from pathlib import Path
from typing import Final

LOCK_FOLDER: Final = Path("/var/lock")
# A pty's other end may be a simulator that holds it open rightly.
_PTY: Final = "/dev/pts/"


def lock_holder(device: str, folder: Path = LOCK_FOLDER) -> str | None:
    """`minicom (pid 812)`, when a running program has a lock file for the tty, whoever it runs as; None else."""
    try:
        words = (folder / f"LCK..{os.path.basename(os.path.realpath(device))}").read_text("ascii", "replace").split()
    except OSError:
        return None
    pid = words[0] if words else ""
    if not pid.isdecimal() or int(pid) == os.getpid():
        return None
    return _program(int(pid))  # None: it ended and left its file behind


def in_use_by(tty: str) -> str | None:
    """The program that has the tty, also one that only left a lock file; None when none is visible."""
    return lock_holder(tty) or (None if os.path.realpath(tty).startswith(_PTY) else holder(tty))


def holder(device: str) -> str | None:
    """`ModemManager (pid 812)`, or several; None when none is visible (another user's processes are hidden)."""
    try:
        tty = os.stat(device)
    except OSError:  # it was unplugged
        return None
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    holding = [pid for pid in sorted(pids) if pid != os.getpid() and _has_open(pid, tty)]
    names = [_program(pid) or f"a program that just ended (pid {pid})" for pid in holding]
    return ", ".join(names) or None


def _has_open(pid: int, tty: os.stat_result) -> bool:
    """True when the process has this very device open; a container's own pty may have the same name."""
    try:
        files = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # it ended, or belongs to somebody else
        return False
    return any(_is_same(file, tty) for file in files)


def _is_same(file: Path, tty: os.stat_result) -> bool:
    try:
        return os.path.samestat(tty, file.stat())
    except OSError:  # closed meanwhile
        return False


def _program(pid: int) -> str | None:
    try:
        return f"{Path(f'/proc/{pid}/comm').read_text('utf-8', 'replace').strip()} (pid {pid})"
    except OSError:  # it ended
        return None
