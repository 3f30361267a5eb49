"""Roles in PostgreSQL, one for every process, with the rights of `roles.csv`: S select, I insert, U update, D delete,
of the columns in brackets only; d deletes of the journal what is old enough (docs/adr/0190).
"""

import csv
import re
from collections.abc import Iterator, Mapping
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
    """SQL that creates the three roles if they are missing, and shuts what only PostgreSQL's administrator can."""
    for role in ROLES.values():
        yield f'DO $$ BEGIN CREATE ROLE "{role}" LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$'
    # Large objects belong to whoever makes them: a place of anybody's own, in no table and in no backup's count.
    yield (
        "DO $$ DECLARE one oid; BEGIN FOR one IN SELECT oid FROM pg_catalog.pg_proc WHERE pronamespace = "
        "'pg_catalog'::regnamespace AND (starts_with(proname, 'lo_') OR proname IN ('loread', 'lowrite')) LOOP "
        "EXECUTE 'REVOKE EXECUTE ON FUNCTION ' || one::regprocedure || ' FROM PUBLIC'; END LOOP; END $$"
    )


def grant_statements(journal_months: int) -> Iterator[str]:
    """SQL that gives the roles exactly the rights of the table, as often as wanted; for the owner of the tables."""
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    # A temporary table would stand before the one of the same name.
    shut = "'REVOKE CREATE, TEMPORARY ON DATABASE ' || quote_ident(current_database())"
    yield f"DO $$ BEGIN EXECUTE {shut} || ' FROM PUBLIC, {_EVERYBODY}'; END $$"
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
    yield from _policies("audit_entry", _of_the_journal(journal_months))
    yield from _policies("approval", _OF_APPROVALS)
    # Files are written anew after somebody was forgotten; before PostgreSQL 17 only their owner may.
    maintain = f'GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO "{ROLES["jobs"]}"'
    newer = "current_setting('server_version_num')::int >= 170000"
    yield f"DO $$ BEGIN IF {newer} THEN EXECUTE '{maintain}'; END IF; END $$"


def _of_the_journal(months: int) -> dict[str, str]:
    """Only entries that are too old may be deleted; what may change of one, its guard decides (`db.journal.chain`)."""
    old = f"at < (now() AT TIME ZONE 'UTC') - INTERVAL '{months} months'"
    return {
        "plp_read": "FOR SELECT USING (true)",
        "plp_write": "FOR INSERT WITH CHECK (true)",
        "plp_erase": "FOR UPDATE USING (true)",
        "plp_forget": f'FOR DELETE TO "{ROLES["jobs"]}" USING ({old})',
    }


# A decision is final, and only the console has people who decide: time alone makes the daemon's.
_OF_APPROVALS: Final = {
    "plp_read": "FOR SELECT USING (true)",
    "plp_ask": "FOR INSERT WITH CHECK (outcome = 'waiting')",
    "plp_alone": f"FOR INSERT TO \"{ROLES['console']}\" WITH CHECK (outcome = 'alone')",
    "plp_decide": f"FOR UPDATE TO \"{ROLES['console']}\" USING (outcome = 'waiting') WITH CHECK (true)",
    "plp_lapse": f"FOR UPDATE TO \"{ROLES['modem']}\" USING (outcome = 'waiting') "
    "WITH CHECK (outcome IN ('waiting', 'lapsed'))",
    "plp_tell": f'FOR UPDATE TO "{ROLES["jobs"]}" USING (true)',
}


def _policies(table: str, policies: Mapping[str, str]) -> Iterator[str]:
    """SQL that gives a table just these, by name, in place of those that it has."""
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    for name, what in policies.items():
        yield f"DROP POLICY IF EXISTS {name} ON {table}"
        yield f"CREATE POLICY {name} ON {table} {what}"


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
