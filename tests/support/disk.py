"""Files that do not wait for the disk: tests are not about power cuts, and a third of their time went there."""

import os
import tempfile
from pathlib import Path

from db.engine.connection import SQLITE_PRAGMAS

SHIPPED = dict(SQLITE_PRAGMAS)
MEMORY = Path("/dev/shm")
_ENOUGH_BYTES = 4 << 30


def be_quick() -> None:
    """From now on SQLite of this process does not wait.

    The processes that tests start are as they are shipped.
    """
    SQLITE_PRAGMAS["synchronous"] = "off"
    if "TMPDIR" not in os.environ and _is_roomy(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)  # also of the workers, servers and browsers that start after this
        tempfile.tempdir = None


def _is_roomy(folder: Path) -> bool:
    """Whether a folder takes what a whole run writes, and programs. A container has 64 MB there unless it is told."""
    if not os.access(folder, os.W_OK):
        return False
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize >= _ENOUGH_BYTES and not disk.f_flag & os.ST_NOEXEC
