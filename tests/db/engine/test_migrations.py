"""Each migration with old data: what was there is there afterwards, and the new schema is what the models say."""

import runpy
import sqlite3

import pytest

from db.engine import schema
from db.engine.clock import utc_now
from db.engine.connection import bind, connected
from db.models.broadcasts import Attempt
from db.models.mail import InboxAnswer, Mailbox
from db.models.modem_records import SimCard
from db.models.zone import Modem
from rules.refusals import OlderDatabase
from rules.sentences import TEMPLATES, CodedRefusal
from tests.support.migrations import pending, upgraded_to
from tests.support.sampling import LEFT_TO_SOAK

# Sessions have a table of their own.
TAKEN_AWAY = {("account", "session_key")}


def rows_of(plain, tables):
    """The rows of each table, by their columns; without those that a migration took away on purpose."""
    plain.row_factory = sqlite3.Row
    rows = {table: plain.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in tables}
    return {
        table: [{name: row[name] for name in row.keys() if (table, name) not in TAKEN_AWAY} for row in found]  # noqa: SIM118
        for table, found in rows.items()
    }


def filled(path):
    """A row or two in every table of an old schema, with made-up values of the right kind."""
    with sqlite3.connect(path) as plain:
        plain.execute("PRAGMA foreign_keys = 0")
        tables = [
            name
            for (name,) in plain.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith(("sqlite_", "migration", "schema"))
        ]
        for table in tables:
            columns = [row[1:3] for row in plain.execute(f"PRAGMA table_info({table})")]
            for row in (1, 2):
                values = [
                    row
                    if name == "id" or name.endswith("_id") or kind.upper().startswith(("INT", "BOOL", "SMALL"))
                    else f"2026-11-2{row} 20:40:00.000000"
                    if name == "at" or name.endswith(("_at", "_until"))
                    else f"{name} {row}"
                    for name, kind in columns
                ]
                plain.execute(f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(columns))})", values)
        kept = rows_of(plain, tables)
    plain.close()
    return kept


OLD = [path.stem for path in sorted(schema.MIGRATIONS.glob("0*.py"))][:-1]
# What was made before one of them has been through all that come after it.
OLDER = [
    pytest.param(old, marks=pytest.mark.slow if number % 4 == 0 else LEFT_TO_SOAK)
    for number, old in enumerate(OLD[:-1])
]


@pytest.mark.parametrize("old", [*OLDER, OLD[-1]])
def test_what_was_there_is_there_afterwards(tmp_path, old):
    opened = bind("sqlite:///plp.db", tmp_path)
    with connected():
        upgraded_to(opened, tmp_path, old)
    before = filled(tmp_path / "plp.db")
    assert len(before) > 15
    assert all(len(rows) == 2 for rows in before.values())
    with connected():
        assert schema.upgrade(opened)
        schema.require_current(opened)
        assert Modem.select().count() == 2
        assert SimCard.select().count() == 2
        assert Attempt.get_by_id(1).imsi == "imsi 1"
    with sqlite3.connect(tmp_path / "plp.db") as plain:
        after = rows_of(plain, before)
    plain.close()
    kept = {
        table: [{name: row[name] for name in rows[0]} for row in after[table][: len(rows)]]
        for table, rows in before.items()
    }
    assert kept == before


def with_the_history_of(opened, *names):
    """Put the names of the first migrations in place of the one that replaced them (docs/adr/0034)."""
    opened.execute_sql("DELETE FROM schema_migration WHERE name = '0016_start'")
    for name in names:
        opened.execute_sql(f"INSERT INTO schema_migration (name, applied) VALUES ('{name}', '2026-11-21 20:40:00')")


def test_a_database_that_had_each_of_the_first_migrations_is_current(database):
    opened = Modem._meta.database.obj
    with_the_history_of(opened, "0001_initial", "0015_lineage", "0016_orders")
    with pytest.raises(OlderDatabase, match="plp migrate"):
        schema.require_current(opened)
    assert schema.upgrade(opened) == []
    schema.require_current(opened)
    assert pending(opened) == []


def test_a_database_of_before_the_start_is_told_which_commit_to_pass_through(database):
    opened = Modem._meta.database.obj
    with_the_history_of(opened, "0001_initial", "0015_lineage")
    with pytest.raises(OlderDatabase, match="passez d'abord par celle du commit 0220525"):
        schema.upgrade(opened)
    assert "0016_start" in pending(opened)


# As they were stored then, where pages say it otherwise now.
BEFORE = {
    "reply_gone": "Ce message n'est plus là.",
    "reply_not_mobile": "On ne peut répondre qu'à un gsm belge.",
    "reply_no_station": "L'annuaire n'a pas de commissariat de proximité : un administrateur l'y ajoute.",
    "reply_mail_off": "Aucun mail ne part d'ici : [mail] from est vide dans config.ini. Le technicien y met l'adresse.",
}


def test_why_a_mailbox_or_an_answer_failed_is_a_code_where_it_can_be_read(database):
    up = runpy.run_path(str(schema.MIGRATIONS / "0018_stored_sentences.py"))["up"]
    login = CodedRefusal("mailbox_login", host="imap.example.be")
    silent = CodedRefusal("mailbox_silent", host="imap.example.be", port=993, why="Connection (maybe) refused")
    waiting = "Rien n'est envoyé : Pas prêt : aucun modem n'est branché."
    for number, trouble in enumerate((str(login), str(silent), "Le courrier dort.", "")):
        Mailbox.create(account=str(number), trouble=trouble)
    gone, group = CodedRefusal("reply_gone"), CodedRefusal("reply_group")
    for number, refused in enumerate((BEFORE["reply_gone"], str(group), waiting, "")):
        InboxAnswer.create(key=str(number), kind="letter", body="", by="Anne", at=utc_now(), refused=refused)
    up(None, Mailbox._meta.database)
    assert [row.trouble for row in Mailbox.select().order_by(Mailbox.id)] == [
        login.stored,
        silent.stored,
        "Le courrier dort.",
        "",
    ]
    refused = [row.refused for row in InboxAnswer.select().order_by(InboxAnswer.id)]
    assert refused == [gone.stored, group.stored, waiting, ""]


FROZEN = runpy.run_path(str(schema.MIGRATIONS / "0018_stored_sentences.py"))


@pytest.mark.parametrize("code", [*FROZEN["_MAILBOX"], *FROZEN["_REPLY"]])
def test_every_sentence_of_before_is_read(code):
    values = {"host": "imap.example.be", "port": 993, "why": "no (x)"}
    refusal = CodedRefusal(code, **{name: value for name, value in values.items() if f"{{{name}" in TEMPLATES[code]})
    assert FROZEN["_coded"](BEFORE.get(code, str(refusal)), FROZEN["_MAILBOX"] | FROZEN["_REPLY"]) == refusal.stored
