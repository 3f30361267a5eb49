"""Somebody has the password, or the process, of one role of PostgreSQL: what is not its own stays refused."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import psycopg
import pytest

from base.settings.values import ZoneSettings
from db.engine.base import database
from db.engine.connection import bind, connected
from db.journal import audit, chain
from db.journal.verification import verify
from db.models.broadcasts import Broadcast
from db.models.policy import Approval
from db.operations.database_roles import ROLES
from plp.services.machine import bring_up_to_date
from rules.states import Stage
from tests.support.postgres import fresh_url, give_rights

pytestmark = [pytest.mark.slow, pytest.mark.machine_time]
DENIED = psycopg.errors.InsufficientPrivilege
LONG_AGO = "2001-02-03 04:05:06"
ENTRY = "actor, action, subject, detail, typed, typed_mac, mac, erased"
VALUES = "'x', 'x', '', '{}', '', '', '', ''"
FALSE_ANCHOR = "INSERT INTO audit_anchor (at, number, hash, entry, key, mac) VALUES (now(), 9999, 'x', 0, 'x', 'x')"


@cache
def made():
    """The address of a database with three sealed entries and two approvals, one decided, and with the rights."""
    url = fresh_url()
    opened = bind(url, Path())
    with connected():
        bring_up_to_date(opened, ZoneSettings("Police locale Seraing/Neupré", "5278", "101", "04/330 40 00"))
        now = datetime.now(UTC)
        for _ in range(3):
            audit.record(now, "anne", "sign_in")
        while chain.seal_entries():
            pass
        for decided in ({}, {"outcome": "refused", "decided_by": "luc", "decided_at": now, "reason": "non"}):
            times = {"created_at": now, "deadline_at": now + timedelta(hours=1)}
            stage = Stage.AWAITING_APPROVAL
            broadcast = Broadcast.create(
                kind="alert",
                lane=0,
                stage=stage,
                recipients=0,
                ordered_by="anne",
                audience="{}",
                fingerprint="",
                **times,
            )
            Approval.create(broadcast=broadcast, asked_at=now, lapses_at=now + timedelta(minutes=5), **decided)
    give_rights(url)
    return url


def tried(process, *statements):
    """How many rows the last one changed, as this process's role; nothing stays."""
    with psycopg.connect(made()) as connection:
        connection.execute(f'SET ROLE "{ROLES[process]}"')
        try:
            counts = [connection.execute(statement).rowcount for statement in statements]
            return counts[-1]
        finally:
            connection.rollback()


@pytest.mark.parametrize("process", ROLES)
def test_no_role_makes_a_table_or_a_large_object_of_its_own(process):
    for statement in (
        "CREATE TEMPORARY TABLE audit_anchor (number INTEGER)",
        "SELECT 1 INTO TEMP mine",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION pg_temp.folded(text) RETURNS text LANGUAGE sql AS 'SELECT 1'",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT lo_creat(-1)",
        "SELECT lo_put(1, 0, 'x')",
    ):
        with pytest.raises(DENIED):
            tried(process, statement)


def test_the_guards_look_at_the_real_tables_even_where_temporary_ones_are_allowed():
    with psycopg.connect(made()) as connection:
        database = connection.info.dbname
        connection.execute(f'GRANT TEMPORARY ON DATABASE "{database}" TO "{ROLES["jobs"]}"')
        connection.execute(f'SET ROLE "{ROLES["jobs"]}"')
        connection.execute("CREATE TEMPORARY TABLE audit_anchor AS SELECT 9999 AS number")
        connection.execute("SET search_path = pg_temp, public")
        with pytest.raises(psycopg.errors.RaiseException, match="journal is not changed"):
            connection.execute("DELETE FROM public.audit_seal")
        connection.rollback()


def test_the_seal_of_an_entry_that_is_kept_stays_whatever_anchor_is_written():
    for seals in ("DELETE FROM audit_seal", "DELETE FROM audit_seal WHERE id < 3"):
        with pytest.raises(psycopg.errors.RaiseException, match="journal is not changed"):
            tried("jobs", FALSE_ANCHOR, seals)


@pytest.mark.parametrize("process", ROLES)
def test_no_role_chooses_an_entrys_number(process):
    for number in (2, 900_000):
        with pytest.raises(DENIED):
            tried(process, f"INSERT INTO audit_entry (id, at, {ENTRY}) VALUES ({number}, now(), {VALUES})")
    for statement in ("SELECT setval('audit_entry_id_seq', 9)", "ALTER SEQUENCE audit_entry_id_seq RESTART WITH 1"):
        with pytest.raises(DENIED):
            tried(process, statement)


@pytest.mark.parametrize("process", ROLES)
def test_no_role_chooses_an_entrys_date(process):
    for at in (f"'{LONG_AGO}'", "now() AT TIME ZONE 'UTC' + INTERVAL '1 day'", "now() - INTERVAL '5 hours'"):
        with psycopg.connect(made()) as connection:
            connection.execute("SET timezone = 'UTC'")
            connection.execute(f'SET ROLE "{ROLES[process]}"')
            row = f"INSERT INTO audit_entry (at, {ENTRY}) VALUES ({at}, {VALUES}) RETURNING at"
            dated = connection.execute(row).fetchone()[0].replace(tzinfo=UTC)
            connection.rollback()
        assert abs(datetime.now(UTC) - dated) < timedelta(seconds=30)


@pytest.mark.parametrize("process", ROLES)
def test_no_role_signs_or_dates_an_entry_again(process):
    changes = ("mac = 'x', typed_mac = 'x'", "mac = '', typed_mac = ''", f"at = '{LONG_AGO}'", "id = 900000")
    for change in changes:
        with pytest.raises((DENIED, psycopg.errors.RaiseException)):
            tried(process, f"UPDATE audit_entry SET {change} WHERE id = 2")


APPROVALS = {
    "modem": {
        "outcome = 'approved', decided_by = 'luc'": DENIED,
        "first_by = 'luc'": DENIED,
        "told_at = now()": DENIED,
        "broadcast_id = 1": DENIED,
        "outcome = 'lapsed', decided_by = 'plp'": 1,
    },
    "jobs": {
        "outcome = 'approved'": DENIED,
        "outcome = 'waiting'": DENIED,
        "lapses_at = now()": DENIED,
        "first_by = 'luc'": DENIED,
        "decided_by = 'luc'": DENIED,
        "reason = ''": DENIED,
        "told_at = now()": 2,
    },
    "console": {
        "broadcast_id = 1": DENIED,
        "lapses_at = now()": DENIED,
        "outcome = 'approved', decided_by = 'eva'": 1,  # the one that waits: a decision is final
    },
}


@pytest.mark.parametrize(
    ("process", "change", "expected"),
    [(process, change, expected) for process, cases in APPROVALS.items() for change, expected in cases.items()],
)
def test_a_role_changes_of_an_approval_what_it_answers_for(process, change, expected):
    if expected is DENIED:
        with pytest.raises(DENIED):
            tried(process, f"UPDATE approval SET {change}")
    else:
        assert tried(process, f"UPDATE approval SET {change}") == expected


def test_only_the_console_stores_an_agreement():
    def asked(process, outcome):
        into = "INSERT INTO approval (broadcast_id, outcome, asked_at, lapses_at, first_by, decided_by, reason)"
        return tried(
            process, f"{into} SELECT broadcast_id, '{outcome}', now(), now(), '', '', '' FROM approval LIMIT 1"
        )

    for outcome in ("approved", "alone"):
        with pytest.raises(DENIED):
            asked("jobs", outcome)
    with pytest.raises(psycopg.errors.UniqueViolation):  # it passes the rights
        asked("jobs", "waiting")
    with pytest.raises(DENIED):
        asked("console", "approved")
    with pytest.raises(psycopg.errors.UniqueViolation):
        asked("console", "alone")


def test_what_the_roles_write_in_order_is_whole():
    url = made()
    bind(url, Path())
    for process in ROLES:
        with connected():
            database.execute_sql(f'SET ROLE "{ROLES[process]}"')
            written = audit.record_each(datetime.now(UTC), "anne", "sign_in", [("1", {"reason": "un mot"}), ("2", {})])
            stale = audit.record(datetime.now(UTC) - timedelta(hours=3), "anne", "sign_in")
            assert [*written, stale] == sorted({*written, stale})
            assert datetime.now(UTC) - audit.newest("sign_in").at < timedelta(minutes=1)
    with connected():
        assert verify().faults == ()
