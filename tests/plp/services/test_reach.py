"""A box whose PostgreSQL is another machine: what the modems' service reaches, the password, PostgreSQL's programs."""

import os
from dataclasses import replace

import pytest

from base.settings.values import DatabaseSettings, Settings
from db.engine.copies import require_programs
from db.engine.postgres import driver_address
from db.operations.installation import Installation
from plp.services.reach import looping, unreached
from rules.refusals import Spoken
from tests.support.postgres import fresh_url

NOWHERE = "IPAddressDeny=0.0.0.0/0 ::/0\nIPAddressAllow=127.0.0.0/8 ::1/128\n"
AWAY = "postgresql://plp@192.0.2.7/plp?sslmode=verify-full"


@pytest.fixture
def box(tmp_path, monkeypatch):
    """A box with programs of its own: `programs[name] = what it prints`."""
    monkeypatch.setenv("PATH", str(tmp_path))

    class Programs(dict):
        def __setitem__(self, name, prints):
            (tmp_path / name).write_text(f"#!/bin/sh\necho '{prints}'\n")
            (tmp_path / name).chmod(0o755)

    return Programs()


def settings(tmp_path, url):
    return Settings(tmp_path / "config.ini", tmp_path, database=DatabaseSettings(url, host="box"))


def test_the_modems_service_without_the_server_s_address_is_told_what_to_allow(tmp_path, box):
    house = settings(tmp_path, AWAY)
    assert not unreached(house)  # no systemd here tells
    box["systemctl"] = NOWHERE
    assert "IPAddressAllow=192.0.2.7" in str(unreached(house))
    for told in (f"{NOWHERE.strip()} 192.0.2.0/24", "IPAddressDeny=\nIPAddressAllow=\n"):
        box["systemctl"] = told
        assert not unreached(house)


def test_a_service_that_never_becomes_ready_is_named_and_one_that_runs_or_was_stopped_is_not(box):
    def unit(name, state, restarts):
        return f"Id=plp-{name}.service\nActiveState={state}\nNRestarts={restarts}\n"

    assert looping() == []
    states = [("console", "activating", 0), ("modem", "activating", 3), ("jobs", "active", 7)]
    box["systemctl"] = "\n".join(unit(*state) for state in states)
    assert looping() == ["plp-modem"]
    box["systemctl"] = "\n".join(unit(*state) for state in [("console", "inactive", 0), ("jobs", "failed", 0)])
    assert looping() == ["plp-jobs"]


@pytest.mark.parametrize("url", ["sqlite:///plp.db", "postgresql:///plp", "postgresql://plp@localhost/plp"])
def test_a_database_of_this_machine_needs_no_address(tmp_path, box, url):
    box["systemctl"] = NOWHERE
    assert not unreached(settings(tmp_path, url))


def test_a_standby_is_a_server_too(tmp_path, box):
    box["systemctl"] = f"{NOWHERE.strip()} 192.0.2.7/32"
    two = settings(tmp_path, AWAY.replace("192.0.2.7", "192.0.2.7,192.0.2.8"))
    assert "192.0.2.8" in str(unreached(two))


@pytest.mark.slow
def test_backups_without_postgresql_s_programs_are_told_before_the_night(tmp_path, box):
    house = settings(tmp_path, fresh_url())
    with pytest.raises(Spoken, match="pg_dump manque"):
        require_programs(house)
    for name in ("pg_dump", "pg_restore"):
        box[name] = f"{name} (PostgreSQL) 9.6.24"
    with pytest.raises(Spoken, match="pg_dump est de la version 9 et le serveur PostgreSQL de la version"):
        require_programs(house)
    for name in ("pg_dump", "pg_restore"):
        box[name] = f"{name} (PostgreSQL) 99.1 (Debian)"
    require_programs(house)
    require_programs(replace(house, database=DatabaseSettings("sqlite:///x.db")))


def test_the_password_is_the_first_line_of_the_file_for_every_connection(tmp_path, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "another")
    (tmp_path / "config.ini").write_text(f"[database]\nurl = {AWAY}\npassword_file = secret\n")
    with pytest.raises(Spoken, match=r"\[database\] password_file"):
        Installation(tmp_path / "config.ini").settings()
    (tmp_path / "secret").write_text("mot de passe é\n\n")
    Installation(tmp_path / "config.ini").settings()
    assert os.environ["PGPASSWORD"] == "mot de passe é"


def test_a_unit_with_a_role_of_its_own_takes_neither_the_user_nor_the_password_of_the_others(tmp_path, monkeypatch):
    monkeypatch.setenv("PGUSER", "plp-console")
    monkeypatch.setenv("PGPASSFILE", "console.pgpass")
    monkeypatch.delenv("PGPASSWORD", raising=False)
    (tmp_path / "config.ini").write_text(f"[database]\nurl = {AWAY}\npassword_file = not-readable\n")
    Installation(tmp_path / "config.ini").settings()
    assert "PGPASSWORD" not in os.environ
    assert driver_address(AWAY) == AWAY.replace("plp@", "plp-console@")
    assert driver_address("postgres://x:y@h/plp") == "postgresql://plp-console@h/plp"
    assert driver_address("postgresql:///plp") == "postgresql:///plp"  # libpq itself takes PGUSER
    monkeypatch.delenv("PGUSER")
    assert driver_address(AWAY) == AWAY
