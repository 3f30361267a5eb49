"""`plp audit verify` on a real file."""

import json

from click.testing import CliRunner

from db import audit
from db.clock import utc_now
from db.connection import connected
from db.house import House
from db.models import AuditEntry
from db.seals import seal_entries
from plp import main


def run(settings_file, *arguments):
    return CliRunner().invoke(main, ["--config", str(settings_file), "audit", "verify", *arguments])


def test_it_holds_or_says_what_does_not(tmp_path):
    config = tmp_path / "config.ini"
    config.write_text("[database]\nurl = sqlite:///plp.db\n", encoding="utf-8")
    assert CliRunner().invoke(main, ["--config", str(config), "migrate"]).exit_code == 0
    with House(config).open_database():
        audit.record(utc_now(), "anne", "sign_in")
        seal_entries()
    told = run(config)
    assert (told.exit_code, "La chaîne tient : 1 entrée scellée" in told.output) == (0, True)
    with connected():
        AuditEntry.update(actor="x").execute()
    told = run(config, "--json")
    assert told.exit_code == 1
    whole = json.loads(told.stdout)
    assert (whole["ok"], whole["sealed"], len(whole["faults"])) == (False, 1, 1)
    assert "a été changée" in run(config).output
