"""Every query of a process as the role that the process has in PostgreSQL: what it may not do fails in any test."""

import sys
from functools import cache
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from db.engine.postgres import Postgres
from db.operations.database_roles import ROLES
from tests.architecture.source import ROOT
from tests.support.postgres import RIGHTS_GIVEN

_PROCESSES = {
    # The modems' process in place of the jobs.
    str(ROOT / "plp/jobs/alarms/stand_in.py"): ROLES["modem"],
} | {
    str(ROOT / folder) + "/": ROLES[process]
    for folder, process in (
        ("modem/daemon", "modem"),
        ("modem/doctor", "modem"),
        ("plp/jobs", "jobs"),
        ("console", "console"),
    )
}


# Of a connection after a rollback: PostgreSQL may have brought an earlier one back.
_UNKNOWN = "?"


def play_roles(patch: pytest.MonkeyPatch) -> None:
    """Until `patch` is undone; what no process asks (a test's own query, a command) is the owner's.

    A connection keeps its role until somebody else asks: told with each query, there were twice as many of them.
    """
    cursor, rollback, execute = Postgres.cursor, Postgres.rollback, Postgres.execute_sql
    playing: WeakKeyDictionary[Any, str | None] = WeakKeyDictionary()

    def played(self: Postgres, named_cursor: Any = None) -> Any:
        opened, connection = cursor(self, named_cursor), self._state.conn
        if self.database in RIGHTS_GIVEN and connection.info.transaction_status.name in ("IDLE", "INTRANS"):
            role = _asking()
            if playing.get(connection) != role:
                playing[connection] = _UNKNOWN
                connection.execute(f'SET ROLE "{role}"' if role else "RESET ROLE")
                playing[connection] = role
        return opened

    def rolled_back(self: Postgres) -> None:
        rollback(self)
        if not self._state.closed:
            playing[self._state.conn] = _UNKNOWN

    def executed(self: Postgres, sql: str, *rest: Any) -> Any:
        try:
            return execute(self, sql, *rest)  # type: ignore[no-untyped-call]
        finally:
            if sql.startswith("ROLLBACK") and not self._state.closed:
                playing[self._state.conn] = _UNKNOWN

    patch.setattr(Postgres, "cursor", played)
    patch.setattr(Postgres, "rollback", rolled_back)
    patch.setattr(Postgres, "execute_sql", executed)


def _asking() -> str | None:
    """The role of the innermost process on the way to this query."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if role := _role(frame.f_code.co_filename):
            return role
        frame = frame.f_back
    return None


@cache
def _role(file: str) -> str | None:
    return next((role for folder, role in _PROCESSES.items() if file.startswith(folder)), None)
