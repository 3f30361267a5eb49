"""A console keeps connections to SQLite open: it shows the file that is there now, and a restore sees that it runs."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db.engine.copies import check_unused
from rules.sentences import StoreFault
from tests.console.conftest import PASSWORD
from tests.console.running import Running, Visitor, running_console

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.sqlite]


def open_files(console: Running) -> list[str]:
    places = Path(f"/proc/{console.process.pid}/fd").iterdir()
    return [os.readlink(place) for place in places if place.exists()]


@pytest.mark.usefixtures("dominique")
def test_a_copy_that_takes_the_place_of_the_database_is_what_the_next_page_shows(settings):
    database = settings.folder / "plp.db"
    with running_console(settings) as console:
        visitor = Visitor(console)
        visitor.sign_in("Dominique", PASSWORD)
        assert b"Zone du Pont" not in visitor.get("/")
        assert str(database) in open_files(console)
        copy = settings.folder / "copy.db"
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            target.execute("UPDATE zone SET name = 'Zone du Pont'")
            target.commit()
        os.replace(copy, database)
        for end in ("-wal", "-shm"):
            (settings.folder / f"plp.db{end}").unlink(missing_ok=True)
        for _ in range(3):
            assert b"Zone du Pont" in visitor.get("/")
        assert not [name for name in open_files(console) if "plp.db (deleted)" in name]


@pytest.mark.usefixtures("dominique")
def test_a_restore_is_refused_while_a_console_runs_that_nobody_visits(settings):
    with running_console(settings) as console:
        Visitor(console).get("/login")
        with pytest.raises(StoreFault, match="arrêtez plp-alerte"):
            check_unused(settings)
    assert not (settings.folder / "plp.db-wal").exists()
    check_unused(settings)
