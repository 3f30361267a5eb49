"""Lock files beside ttys (FHS 3.0, /var/lock): how minicom, gammu and smsd tell each other that a port is in use."""

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
