"""The machine's disk: a folder that every crash leaves as it is, with a database copied from one made before."""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher

from db.engine.base import database
from db.engine.connection import bind, connected
from db.journal.audit import use_key_file
from db.people.accounts import passwords
from plp.services.machine import bring_up_to_date
from plp.settings.values import ZoneSettings
from tests.support.disk import be_quick

URL = "sqlite:///plp.db"
ZONE = ZoneSettings(name="Police locale Seraing/Neupré", code="5278", phone="04/330 40 00")


@cache
def _template() -> Path:
    be_quick()
    # argon2 as always, at no cost.
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    folder = Path(tempfile.mkdtemp(prefix="plp-world-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    use_key_file(folder / "journal.key")
    opened = bind(URL, folder)
    with connected():
        bring_up_to_date(opened, ZONE)
    return folder


@contextmanager
def disk(on_commit: Callable[[Callable[[], None]], None]) -> Iterator[Path]:
    """A folder with a fresh database, bound and connected. `on_commit` gets each COMMIT, and does it or not."""
    template = _template()
    with tempfile.TemporaryDirectory(prefix="plp-night-") as name:
        folder = Path(name)
        for file in ("plp.db", "journal.key"):
            shutil.copy(template / file, folder / file)
        use_key_file(folder / "journal.key")
        opened = bind(URL, folder)
        commit = opened.commit
        opened.commit = lambda: on_commit(commit)
        with connected():
            yield folder
        database.close()
