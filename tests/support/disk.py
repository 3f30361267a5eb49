"""Files that do not wait for the disk: tests are not about power cuts, and a third of their time went there."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from db.engine.connection import SQLITE_PRAGMAS

SHIPPED = dict(SQLITE_PRAGMAS)
MEMORY = Path("/dev/shm")
_PREFIX = "plp-run-"  # and the process of the run
_ENOUGH_BYTES = 4 << 30


def be_quick() -> None:
    """From now on SQLite of this process does not wait.

    The processes that tests start are as they are shipped.
    """
    SQLITE_PRAGMAS["synchronous"] = "off"
    if "TMPDIR" not in os.environ and _is_roomy(MEMORY):
        os.environ["TMPDIR"] = str(_folder_of_this_run())  # also of the workers and programs that start after this
        tempfile.tempdir = None


def _folder_of_this_run() -> Path:
    """A new folder in memory, removed at the end of this process; those of runs that were killed go now. To look at the
    files of a test afterwards, give pytest a `--basetemp`.
    """
    for folder in MEMORY.glob(f"{_PREFIX}*"):
        if not Path("/proc", folder.name.removeprefix(_PREFIX)).exists():
            shutil.rmtree(folder, ignore_errors=True)
    own = MEMORY / f"{_PREFIX}{os.getpid()}"
    own.mkdir()
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    return own


def _is_roomy(folder: Path) -> bool:
    """Whether a folder takes what a whole run writes, and programs. A container has 64 MB there unless it is told."""
    if not os.access(folder, os.W_OK):
        return False
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize >= _ENOUGH_BYTES and not disk.f_flag & os.ST_NOEXEC
