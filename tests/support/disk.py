"""SQLite that does not wait for the disk: tests are not about power cuts, and a third of their time went there.

Only in the process of the tests: the processes that they start are as they are shipped.
"""

from db.engine.connection import SQLITE_PRAGMAS

SHIPPED = dict(SQLITE_PRAGMAS)


def be_quick() -> None:
    """From now on, in this process."""
    SQLITE_PRAGMAS["synchronous"] = "off"
