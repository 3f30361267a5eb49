"""Every query of a process as the role that the process has in PostgreSQL: what it may not do fails in any test."""

import sys
from typing import Any

import pytest

from db.engine.postgres import Postgres
from db.operations.database_roles import ROLES
from tests.architecture.source import ROOT
from tests.support.postgres import RIGHTS_GIVEN

_PROCESSES = {
    str(ROOT / folder) + "/": ROLES[process]
    for folder, process in (
        ("modem/daemon", "modem"),
        ("modem/doctor", "modem"),
        ("plp/jobs", "jobs"),
        ("console", "console"),
    )
}


def play_roles(patch: pytest.MonkeyPatch) -> None:
    """Until `patch` is undone; what no process asks (a test's own query, a command) is the owner's."""
    execute = Postgres.execute_sql

    def played(self: Postgres, sql: str, *rest: Any) -> Any:
        role = _asking() if self.database in RIGHTS_GIVEN else None
        if role is None:
            return execute(self, sql, *rest)
        execute(self, f'SET ROLE "{role}"')
        try:
            return execute(self, sql, *rest)
        finally:
            if not self._is_broken() and self._state.conn.info.transaction_status.name != "INERROR":
                execute(self, "RESET ROLE")

    patch.setattr(Postgres, "execute_sql", played)


def _asking() -> str | None:
    """The role of the innermost process on the way to this query."""
    frame = sys._getframe(2)
    while frame is not None:
        for folder, role in _PROCESSES.items():
            if frame.f_code.co_filename.startswith(folder):
                return role
        frame = frame.f_back  # type: ignore[assignment]
    return None
