"""A house with backups in a folder beside it, and one of them put back under the test's connection."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from base.settings.values import BackupSettings, DatabaseSettings, JournalSettings, Settings
from db.engine.base import database
from db.engine.connection import bind
from db.journal.audit import key_file, use_key_file
from plp.services.backup.archive import own_identity, write_identity
from plp.services.backup.restoring import Restored, restore


def house_with_backups(folder: Path, url: str = "sqlite:///plp.db") -> Settings:
    """Its private key is in `folder`/far.key, its backups in `folder`/kept."""
    public = write_identity(folder / "far.key")
    (folder / "config.ini").write_text(f"[backup]\nrecipient = {public}\nto = kept\nsame_disk = yes\n")
    return Settings(
        path=folder / "config.ini",
        folder=folder,
        database=DatabaseSettings(url, host="box"),
        journal=JournalSettings(key_file=key_file()),
        backup=BackupSettings(public, "kept", same_disk=True),
    )


def put_back(house: Settings, name: str, now: datetime, **changes: object) -> Restored:
    """As `plp restore` does it, with this machine's own key."""
    values: dict[str, object] = {"identity": own_identity(house), "everything": False, "accepting": ""}
    asked: Mapping[str, object] = values | changes
    with let_go(house):
        return restore(house, house.folder / "kept" / name, by="test", now=now, **asked)  # type: ignore[arg-type]


@contextmanager
def let_go(house: Settings) -> Iterator[None]:
    """The test's connection is closed during the block, which binds another database; then it is opened anew."""
    ours = database.obj
    contexts = ours._state.ctx
    ours.close()
    try:
        yield
    finally:
        database.close()
        if bind(house.database.url, house.folder).database == ours.database:
            database.initialize(ours)
        database.connect()
        database.obj._state.ctx = contexts
        use_key_file(house.journal.key_file)


def on_another_box(house: Settings, folder: Path) -> Settings:
    """The same house, with nothing but config.ini, in another folder."""
    folder.mkdir()
    (folder / "config.ini").write_bytes((house.folder / "config.ini").read_bytes())
    (folder / "kept").symlink_to(house.folder / "kept")
    return replace(house, path=folder / "config.ini", folder=folder, journal=JournalSettings())
