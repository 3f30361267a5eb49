"""Each migration with old data: what was there is there afterwards, and the new schema is what the models say."""

import runpy
import sqlite3

import pytest

from db.alerts.orders.chosen import chosen
from db.engine import schema
from db.engine.clock import utc_now
from db.engine.connection import bind, connected
from db.models.broadcasts import Attempt
from db.models.bulletins import BulletinRelay
from db.models.mailbox import InboxAnswer, Mailbox
from db.models.modem_records import SimCard
from db.models.zone import Modem
from plp.rules.sentences import TEMPLATES, CodedRefusal
from tests.support.migrations import upgraded_to

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


@pytest.mark.parametrize("old", [path.stem for path in sorted(schema.MIGRATIONS.glob("0*.py"))][:-1])
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
        assert SimCard.select().count() == (2 if "sim_card" in before else 0)
        assert Attempt.get_by_id(1).imsi == "imsi 1"
    with sqlite3.connect(tmp_path / "plp.db") as plain:
        after = rows_of(plain, before)
    plain.close()
    kept = {table: [{name: row[name] for name in rows[0]} for row in after[table]] for table, rows in before.items()}
    assert kept == before


def test_readers_without_a_member_were_reference_addresses(tmp_path):
    opened = bind("sqlite:///plp.db", tmp_path)
    with connected():
        upgraded_to(opened, tmp_path, "0011_seals")
    filled(tmp_path / "plp.db")
    with connected():
        opened.execute_sql("UPDATE bulletin_relay SET deputy = 0")
        opened.execute_sql("UPDATE bulletin_relay SET member_id = NULL WHERE id = 1")
        schema.upgrade(opened)
        rows = BulletinRelay.select().order_by(BulletinRelay.id)
        assert [row.at_reference for row in rows] == [True, False]


def test_found_13_an_audience_that_was_a_sentence_is_rows_where_it_can_be_read(tmp_path):
    opened = bind("sqlite:///plp.db", tmp_path)
    with connected():
        upgraded_to(opened, tmp_path, "0013_mail_views")
    sentences = {
        1: "tous les membres",
        2: "tous les membres (au plus près de Bois, rive d'abord)",
        3: "Aval, Bois, rive",
        4: "Aval, Centre (au plus près de Centre d'abord)",
        5: "Bois, rive",
        6: "Aval, Disparu",
        7: "12 numéros",
        8: "le groupe d'exercice",
        9: "Aval",
    }
    with connected():
        for number, name in enumerate(("Aval", "Bois, rive", "Centre"), 1):
            opened.execute_sql(
                "INSERT INTO neighbourhood (id, name, position, reference_address) VALUES (?, ?, ?, '')",
                (number, name, number),
            )
        for number, sentence in sentences.items():
            kind = "welcome" if number == 9 else "alert"
            opened.execute_sql(
                "INSERT INTO broadcast (id, kind, audience, lane, stage, recipients, fingerprint, ordered_by,"
                " created_at, deadline_at)"
                " VALUES (?, ?, ?, 0, 'finished', 1, '', 'x', '2026-11-21 20:40', '2026-11-21 20:40')",
                (number, kind, sentence),
            )
        schema.upgrade(opened)
        found = {number: chosen(number) for number in sentences}
    read = {
        number: (one.whom, [name for _id, name in one.places], one.near)
        for number, one in found.items()
        if one is not None
    }
    assert read == {
        1: ("all", [], ""),
        2: ("all", [], "Bois, rive"),
        4: ("places", ["Aval", "Centre"], "Centre"),
        5: ("places", ["Bois, rive"], ""),
        8: ("group", [], ""),
    }


def test_why_a_mailbox_or_an_answer_failed_is_a_code_where_it_can_be_read(database):
    up = runpy.run_path(str(schema.MIGRATIONS / "0018_stored_sentences.py"))["up"]
    login = CodedRefusal("mailbox_login", host="imap.example.be")
    silent = CodedRefusal("mailbox_silent", host="imap.example.be", port=993, why="Connection (maybe) refused")
    waiting = "Rien n'est envoyé : Pas prêt : aucun modem n'est branché."
    for number, trouble in enumerate((str(login), str(silent), "Le courrier dort.", "")):
        Mailbox.create(account=str(number), trouble=trouble)
    gone, group = CodedRefusal("reply_gone"), CodedRefusal("reply_group")
    for number, refused in enumerate((str(gone), str(group), waiting, "")):
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
    assert FROZEN["_coded"](str(refusal), FROZEN["_MAILBOX"] | FROZEN["_REPLY"]) == refusal.stored
