"""`plp audit verify` on a real file."""

import json

import pytest
from click.testing import CliRunner

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal import audit
from db.journal.chain import last_seal, seal_entries
from db.models.zone import AuditEntry, AuditSeal
from db.operations.installation import Installation
from plp.cli.main import main
from tests.support.journal import take_guards_away

pytestmark = pytest.mark.slow


def run(settings_file, *arguments):
    return CliRunner().invoke(main, ["--config", str(settings_file), "audit", "verify", *arguments])


def test_it_holds_or_says_what_does_not(tmp_path):
    config = tmp_path / "config.ini"
    config.write_text("[database]\nurl = sqlite:///plp.db\n", encoding="utf-8")
    assert CliRunner().invoke(main, ["--config", str(config), "migrate"]).exit_code == 0
    with Installation(config).open_database():
        audit.record(utc_now(), "anne", "sign_in")
        seal_entries()
    told = run(config)
    assert (told.exit_code, "Journal intègre : 1 entrée scellée" in told.output) == (0, True)
    with connected():
        take_guards_away()
        AuditEntry.update(actor="x").execute()
    told = run(config, "--json")
    assert told.exit_code == 1
    whole = json.loads(told.stdout)
    assert (whole["ok"], whole["sealed"], len(whole["faults"])) == (False, 1, 1)
    assert "a été modifié" in run(config).output


def test_a_head_that_was_exported_is_compared(tmp_path):
    config = tmp_path / "config.ini"
    config.write_text("[database]\nurl = sqlite:///plp.db\n", encoding="utf-8")
    CliRunner().invoke(main, ["--config", str(config), "migrate"])
    with Installation(config).open_database():
        for _ in range(3):
            audit.record(utc_now(), "anne", "sign_in")
        seal_entries()
        exported = last_seal()
        take_guards_away()
        AuditSeal.delete().where(AuditSeal.id == 3).execute()
        AuditEntry.delete().where(AuditEntry.id == 3).execute()
    (tmp_path / "log").write_text(f"Nov 24 box plp: journal {exported}\n", encoding="utf-8")
    assert run(config).exit_code == 0
    for how in (["--head", exported], ["--heads", str(tmp_path / "log")]):
        told = run(config, *how)
        assert (told.exit_code, "la fin a été supprimée" in told.output) == (1, True)
    told = run(config, "--head", exported[:20])
    assert (told.exit_code, "numéro:code" in told.output) == (1, True)
