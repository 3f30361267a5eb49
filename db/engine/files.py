"""Files of this machine beside the database: their folder, and how one is written whole."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from db.engine.connection import state_folder_of
from db.settings.values import Settings


def write_whole(path: Path, content: bytes) -> None:
    """Replace the content of `path` durably, mode 0600: after a crash it is the old or the new. Raises OSError."""
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


def make_secret(path: Path) -> None:
    """64 random hexadecimal digits in a file of mode 0600, where none is; of several processes one wins. Raises
    OSError.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    write_whole(draft, f"{secrets.token_hex(32)}\n".encode("ascii"))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def state_folder(settings: Settings) -> Path:
    """Folder of this machine's own files: beside SQLite's, or with PostgreSQL `var` beside config.ini."""
    return state_folder_of(settings.database.url, settings.folder)
