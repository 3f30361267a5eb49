"""Files of this machine beside the database: their folder, and how one is written whole."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from db.engine.connection import state_folder_of
from db.settings.values import Settings


def write_whole(path: Path, content: bytes, mode: int | None = None) -> None:
    """Replace the content of `path` durably: after a crash it is the old or the new. Raises OSError.

    Without a mode its folder's group may read it where the folder is shared (`mode_in`). What root writes belongs to
    the owner of its folder, who is to read it.
    """
    mode = mode_in(path.parent) & 0o640 if mode is None else mode
    beside = path.with_name(f".{path.name}.part")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            if os.geteuid() == 0:
                os.fchown(descriptor, path.parent.stat().st_uid, -1)
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


def make_secret(path: Path, mode: int = 0o600) -> None:
    """64 random hexadecimal digits in a file of its own, where none is; of several processes one wins. Raises
    OSError.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    write_whole(draft, f"{secrets.token_hex(32)}\n".encode("ascii"), mode)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def mode_in(folder: Path) -> int:
    """Mode of a folder in `folder` that only this machine's processes may read: they are one user, or three users of a
    group, which `folder` then gives to what is made in it (setgid).
    """
    return 0o2750 if folder.stat().st_mode & stat.S_ISGID else 0o700


def state_folder(settings: Settings) -> Path:
    """Folder of this machine's own files: beside SQLite's, or with PostgreSQL `var` beside config.ini."""
    return state_folder_of(settings.database.url, settings.folder)
