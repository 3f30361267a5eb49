"""Roles in PostgreSQL, one for every process, with the rights of `roles.csv`: S select, I insert, U update, D delete,
of the columns in brackets only; d deletes of the journal what is old enough.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from db.engine.base import database
from db.engine.connection import is_postgres_database, writing

# Also the names of the system users, so that PostgreSQL knows them without a password (peer).
ROLES: Final = {"console": "plp-console", "modem": "plp-modem", "jobs": "plp-jobs"}
_TABLE = Path(__file__).with_name("roles.csv")
_WORDS: Final = {"S": "SELECT", "I": "INSERT", "U": "UPDATE", "D": "DELETE", "d": "DELETE"}
_RIGHT = re.compile(r"([SIUDd])(?:\(([a-z_ ]+)\))?")
_EVERYBODY = ", ".join(f'"{role}"' for role in ROLES.values())


def rights() -> dict[str, dict[str, str]]:
    """Table → process → its letters."""
    with _TABLE.open(encoding="ascii", newline="") as file:
        return {row.pop("table"): row for row in csv.DictReader(file)}


def role_statements() -> Iterator[str]:
    """SQL that creates the three roles if they are missing; for a user who may create roles."""
    for role in ROLES.values():
        yield f'DO $$ BEGIN CREATE ROLE "{role}" LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$'


def grant_statements(journal_months: int) -> Iterator[str]:
    """SQL that gives the roles exactly the rights of the table, as often as wanted; for the owner of the tables."""
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield f"GRANT USAGE ON SCHEMA public TO {_EVERYBODY}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {_EVERYBODY}"
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {_EVERYBODY}"
    yield f"GRANT SELECT ON schema_migration TO {_EVERYBODY}"
    for table, by_process in rights().items():
        for process, letters in by_process.items():
            if letters:
                yield f'GRANT {_granted(letters)} ON {table} TO "{ROLES[process]}"'
            if "I" in letters:
                yield f'GRANT USAGE ON SEQUENCE {table}_id_seq TO "{ROLES[process]}"'
    # Of the journal typed text may be emptied, and only entries that are too old may be deleted.
    yield "ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY"
    for name in ("plp_read", "plp_write", "plp_erase", "plp_forget"):
        yield f"DROP POLICY IF EXISTS {name} ON audit_entry"
    yield "CREATE POLICY plp_read ON audit_entry FOR SELECT USING (true)"
    yield "CREATE POLICY plp_write ON audit_entry FOR INSERT WITH CHECK (true)"
    yield "CREATE POLICY plp_erase ON audit_entry FOR UPDATE USING (true) WITH CHECK (typed = '')"
    old = f"at < (now() AT TIME ZONE 'UTC') - INTERVAL '{journal_months} months'"
    yield f'CREATE POLICY plp_forget ON audit_entry FOR DELETE TO "{ROLES["jobs"]}" USING ({old})'
    # Files are written anew after somebody was forgotten; before PostgreSQL 17 only their owner may.
    maintain = f'GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO "{ROLES["jobs"]}"'
    newer = "current_setting('server_version_num')::int >= 170000"
    yield f"DO $$ BEGIN IF {newer} THEN EXECUTE '{maintain}'; END IF; END $$"


def apply_rights(journal_months: int) -> bool:
    """Give the rights after an upgrade, which may have made tables; False where the roles are not in use."""
    if not is_postgres_database():
        return False
    names = tuple(ROLES.values())
    known = database.execute_sql("SELECT COUNT(*) FROM pg_roles WHERE rolname IN (%s, %s, %s)", names).fetchone()[0]
    if known < len(names):
        return False
    with writing():
        for statement in grant_statements(journal_months):
            database.execute_sql(statement)
    return True


def _granted(letters: str) -> str:
    return ", ".join(
        _WORDS[right] + (f" ({columns.replace(' ', ', ')})" if columns else "")
        for right, columns in _RIGHT.findall(letters)
    )
