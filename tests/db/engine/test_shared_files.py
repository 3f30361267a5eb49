"""Three users of one group share this machine's files where the package made the folder so; else one user has them."""

import os
from pathlib import Path

import pytest

from base.settings.values import DatabaseSettings, Settings
from db.engine import files
from db.engine.connection import alone, bind, connected
from db.engine.schema import upgrade
from db.journal.audit import make_key, use_key_file
from db.modems.sims import keep_typed_pin

pytestmark = pytest.mark.sqlite


@pytest.fixture(params=[(0o2770, 0o007), (0o700, 0o077)], ids=["three users", "one user"])
def place(request, tmp_path):
    """The settings, and whether the group may use what is made."""
    mode, umask = request.param
    (tmp_path / "var").mkdir()
    (tmp_path / "var").chmod(mode)
    os.umask(umask)
    return Settings(Path("config.ini"), tmp_path, database=DatabaseSettings("sqlite:///var/plp.db")), mode == 0o2770


@pytest.mark.slow
def test_the_group_may_use_the_database_and_its_locks_or_nobody_may(place):
    settings, shared = place
    database = bind(settings.database.url, settings.folder)
    with connected():
        upgrade(database)
        with alone("modem", settings, database):
            made = {path.name: path.stat().st_mode & 0o777 for path in (settings.folder / "var").iterdir()}
    assert {"plp.db", "plp.db-wal", "plp.db-shm", "plp.db.waiting.lock", "plp.db.modem.lock"} <= set(made)
    assert set(made.values()) == {0o660 if shared else 0o600}


def test_a_folder_is_for_them_and_a_secret_for_one(place):
    settings, shared = place
    folder = settings.folder / "var"
    files.make_folder(folder / "plan-b")
    assert (folder / "plan-b").stat().st_mode & 0o7777 == (0o2750 if shared else 0o700)
    files.make_secret(folder / "secret.key")
    use_key_file(folder / "journal.key")
    make_key()
    modes = [(folder / name).stat().st_mode & 0o777 for name in ("secret.key", "journal.key")]
    assert modes == [0o600, 0o640 if shared else 0o600]


def test_what_one_process_writes_for_another_that_one_may_read(place):
    settings, shared = place
    bind(settings.database.url, settings.folder)
    keep_typed_pin("a", "1234")  # by the console, for the modems' process
    files.write_whole(settings.folder / "var" / "plan-b.zip", b"")  # by the jobs, for the console
    written = [next((settings.folder / "var").glob(name)) for name in ("typed-pin-*", "plan-b.zip")]
    assert [path.stat().st_mode & 0o777 for path in written] == [0o640 if shared else 0o600] * 2


def test_a_link_in_the_way_leads_what_is_written_nowhere_else(tmp_path):
    (tmp_path / "victim").write_bytes(b"another's")
    (tmp_path / ".plp.key.part").symlink_to(tmp_path / "victim")
    files.write_whole(tmp_path / "plp.key", b"secret")
    assert (tmp_path / "victim").read_bytes() == b"another's"
    assert (tmp_path / "plp.key").read_bytes() == b"secret"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must not trust its own folder")
def test_root_makes_temporary_folders_where_nobody_else_writes(place):
    settings, shared = place
    data = settings.folder / "var"
    assert files.scratch_room(data) == (settings.folder if shared else data)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_what_root_writes_belongs_to_the_owner_of_its_folder(tmp_path):
    os.chown(tmp_path, 12345, -1)
    files.write_whole(tmp_path / "console.key", b"secret")
    assert (tmp_path / "console.key").stat().st_uid == 12345
