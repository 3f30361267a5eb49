"""Three roles in PostgreSQL: each process may do what it needs, and nothing that another one answers for."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from db.engine import schema
from db.engine.clock import utc_now
from db.engine.connection import bind, connected
from db.journal import audit
from db.models.tables import TABLES
from db.modems.readiness import live_hosts
from db.operations.database_roles import ROLES, apply_rights, rights
from db.operations.installation import Installation
from plp.cli.main import main
from tests.support.postgres import fresh_url, give_rights

pytestmark = pytest.mark.machine_time

NAMES = [table._meta.table_name for table in TABLES]

FORBIDDEN = {
    "console": [
        "SELECT digest FROM pin_try",
        "SELECT 1 FROM seen_mail",
        "UPDATE attempt SET outcome = 'sent'",
        "DELETE FROM attempt",
        "DELETE FROM part",
        "UPDATE modem SET imei = '1'",
        "UPDATE sim_day SET messages = 0",
        "UPDATE incident SET ended_at = now()",
        "INSERT INTO inbound_part (message_id, seq, text, digest) VALUES (1, 1, '', 'x')",
        "UPDATE audit_entry SET detail = 'x'",
        "CREATE TABLE mine (id INTEGER)",
        "DROP TABLE pin_try",
    ],
    "modem": [
        "SELECT password_hash FROM account",
        "SELECT * FROM account",
        "UPDATE account SET active = true",
        "INSERT INTO account_role (account_id, role) VALUES (1, 'admin')",
        "SELECT 1 FROM api_token",
        "SELECT 1 FROM sign_in_link",
        "SELECT address FROM mail",
        "UPDATE mail SET address = ''",
        "SELECT digest FROM account_session",
        "SELECT 1 FROM inbound_mail",
        "UPDATE member SET mobile = NULL",
        "UPDATE consent SET given = true",
    ],
    "jobs": [
        "SELECT password_hash FROM account",
        "UPDATE account SET active = true",
        "INSERT INTO account_role (account_id, role) VALUES (1, 'admin')",
        "INSERT INTO sign_in_link (token_hash, expires_at) VALUES ('x', now())",
        "SELECT 1 FROM pin_try",
        "SELECT digest FROM account_session",
        "UPDATE attempt SET outcome = 'sent'",
        "DELETE FROM member",
    ],
}
ALLOWED = {
    "console": ["SELECT password_hash FROM account", "SELECT state FROM modem", "UPDATE audit_entry SET typed = ''"],
    "modem": [
        "SELECT active FROM account WHERE mobile = '+32470000001'",
        "SELECT digest FROM pin_try",
        "SELECT id FROM mail WHERE broadcast = 1 AND member_id = 1 AND state = 'accepted'",
        "SELECT id FROM alert_call WHERE broadcast_id = 1 AND member_id = 1",
    ],
    "jobs": [
        "SELECT name, email FROM account WHERE active",
        "SELECT 1 / has_table_privilege('member', 'MAINTAIN')::int",
        "SELECT sender FROM inbound_mail",
    ],
}


@cache
def made():
    """The address of a database with the schema, two entries of the journal, and the rights."""
    url = fresh_url()
    opened = bind(url, Path())
    with connected():
        schema.upgrade(opened)
        now = datetime.now(UTC)
        audit.record(now - timedelta(days=61 * 31), "anne", "sign_in")
        audit.record(now, "anne", "sign_in")
    give_rights(url)
    return url


def tried(process, sql):
    """How many rows it changed or found, as the role of this process; nothing stays."""
    with psycopg.connect(made()) as connection:
        connection.execute(f'SET ROLE "{ROLES[process]}"')
        try:
            return connection.execute(sql).rowcount
        finally:
            connection.rollback()


def test_each_table_has_a_line_of_rights():
    assert sorted(rights()) == sorted(NAMES)
    assert all(set(line) == set(ROLES) for line in rights().values())


@pytest.mark.slow
@pytest.mark.parametrize(("process", "sql"), [(process, sql) for process, each in FORBIDDEN.items() for sql in each])
def test_what_a_process_does_not_need_it_may_not(process, sql):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        tried(process, sql)


@pytest.mark.slow
@pytest.mark.parametrize(("process", "sql"), [(process, sql) for process, each in ALLOWED.items() for sql in each])
def test_what_a_process_needs_it_may(process, sql):
    tried(process, sql)


@pytest.mark.slow
@pytest.mark.parametrize("process", ROLES)
def test_the_journal_is_written_and_never_changed(process):
    columns = (
        "(at, actor, action, subject, detail, typed, typed_mac, mac, erased) "
        "VALUES (now(), 'x', 'x', '', '', '', '', '', '')"
    )
    assert tried(process, f"INSERT INTO audit_entry {columns}") == 1
    for change in (
        "UPDATE audit_entry SET actor = 'x'",
        "TRUNCATE audit_entry",
        "ALTER TABLE audit_entry DISABLE ROW LEVEL SECURITY",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            tried(process, change)
    if process == "jobs":  # what is older than it is kept, and nothing else
        assert tried(process, "DELETE FROM audit_entry") == 1
    else:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            tried(process, "DELETE FROM audit_entry")


@pytest.mark.slow
@pytest.mark.parametrize("process", ROLES)
def test_each_process_opens_the_database_as_its_own_role(tmp_path, monkeypatch, process):
    monkeypatch.setenv("PGUSER", ROLES[process])  # as a unit would
    url = made().replace("postgres:@", "").replace("postgres@", "")
    config = tmp_path / "config.ini"
    config.write_text(f"[database]\nurl = {url}\n")
    with Installation(config).open_database() as opened:
        assert opened.execute_sql("SELECT current_user").fetchone() == (ROLES[process],)
        assert live_hosts(utc_now()) == []
    refused = CliRunner().invoke(main, ["--config", str(config), "migrate"])
    assert (refused.exit_code, "refuse" in refused.stderr) == (1, True), refused.output


@pytest.mark.slow
def test_an_upgrade_gives_the_rights_to_new_tables(tmp_path):
    made()  # the roles are there
    url = fresh_url()
    opened = bind(url, tmp_path)
    with connected():
        schema.upgrade(opened)
        assert apply_rights(60)
    with psycopg.connect(url) as connection:
        connection.execute(f'SET ROLE "{ROLES["console"]}"')
        connection.execute("SELECT 1 FROM member")


def test_the_command_prints_the_sql_for_postgresql_only(tmp_path):
    config = tmp_path / "config.ini"
    config.write_text("[database]\nurl = postgresql:///plp\n[retention]\naudit_months = 12\n")
    told = CliRunner().invoke(main, ["--config", str(config), "roles"]).stdout
    assert told.startswith("BEGIN;\n")
    assert told.endswith("COMMIT;\n")
    assert 'GRANT SELECT, INSERT, UPDATE, DELETE ON member TO "plp-console";' in told
    assert "INTERVAL '12 months'" in told
    config.write_text("")
    refused = CliRunner().invoke(main, ["--config", str(config), "roles"])
    assert (refused.exit_code, "SQLite" in refused.stderr) == (1, True)
