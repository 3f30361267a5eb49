"""The files of this machine beside the database: their folder, and writing one so that it is whole after a power
cut."""

import os
from contextlib import suppress
from pathlib import Path

from db.engine.connection import sqlite_path
from db.engine.postgres import is_postgres
from db.settings.values import Settings


def write_whole(path: Path, content: bytes) -> None:
    """`path` holds `content` whole and durably, mode 0600, or what it held before. Raises OSError."""
    beside = path.with_name(f".{path.name}.part")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o600)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def state_folder(settings: Settings) -> Path:
    """Where this machine keeps what is its own: its key, its locks, the ports of its simulators.

    Beside SQLite's file; with PostgreSQL, which has no file here, in `var` beside config.ini.
    """
    url = settings.database.url
    return settings.folder / "var" if is_postgres(url) else sqlite_path(url, settings.folder).parent
