"""The head of the journal leaves the database: to a file of this machine, to syslog, and as an incident if need be."""

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from base.settings.values import DatabaseSettings, JournalSettings, Settings
from db.journal import audit
from db.journal.chain import last_seal
from db.journal.verification import heads_file, noted_heads, verify
from db.models.zone import AuditEntry, AuditSeal
from db.operations.incidents import open_incidents
from plp.jobs.journal import export_head, say_to_syslog, seal_journal
from tests.support.journal import take_guards_away

MORNING = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def house(database):
    settings = Settings(path=database.parent, folder=database.parent, database=DatabaseSettings(host="box"))
    return replace(settings, journal=JournalSettings(syslog=""))


def sealed(now, times=1):
    for _ in range(times):
        audit.record(now, "anne", "sign_in")
    seal_journal(now)
    return last_seal()


def remove(first):
    take_guards_away()
    AuditSeal.delete().where(AuditSeal.id >= first).execute()
    AuditEntry.delete().where(AuditEntry.id >= first).execute()


def test_one_head_a_day_is_noted_on_this_machine(house):
    sealed(MORNING)
    heads = [sealed(MORNING + timedelta(hours=1)), sealed(MORNING + DAY)]
    assert [str(head) for head in noted_heads()] == heads
    assert heads_file().stat().st_mode & 0o777 == 0o600
    assert verify(noted_heads()).heads == 2


def test_whoever_shortens_the_journal_does_not_shorten_the_note(house):
    before = sealed(MORNING, 5)
    remove(3)
    after = sealed(MORNING + timedelta(hours=1), 1)
    assert [str(head) for head in noted_heads()] == [before, after]
    assert "la fin a été supprimée" in " ".join(map(str, verify(noted_heads()).faults))


def test_each_day_it_is_verified_and_its_head_said(house, caplog):
    caplog.set_level("INFO")
    head = sealed(MORNING, 5)
    assert not export_head(house, MORNING - timedelta(seconds=1))
    assert export_head(house, MORNING)
    assert not export_head(house, MORNING + timedelta(hours=2))
    assert f"head of the journal: {head}" in caplog.text
    assert open_incidents() == []
    remove(4)
    assert export_head(house, MORNING + DAY)
    (incident,) = open_incidents()
    assert (incident.kind, "la fin a été supprimée" in incident.sentence) == ("journal", True)


def test_syslog_hears_it(tmp_path, caplog):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as unix, socket.socket(type=socket.SOCK_DGRAM) as udp:
        unix.bind(str(tmp_path / "log"))
        udp.bind(("127.0.0.1", 0))
        for where in (str(tmp_path / "log"), f"127.0.0.1:{udp.getsockname()[1]}"):
            say_to_syslog(where, "plp-alerte journal 5:abc")
        heard = [each.recv(200) for each in (unix, udp)]
    assert all(b"<86>plp-alerte journal 5:abc" in one for one in heard)
    say_to_syslog("", "nobody")
    say_to_syslog(str(tmp_path / "gone"), "nobody")
    assert "cannot be reached" in caplog.text
