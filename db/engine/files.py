"""Files of this machine beside the database: their folder, and how one is written whole."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from base.settings.values import Settings
from db.engine.connection import state_folder_of

# Below this machine's own files: what signs the console's cookies and seals second factors. In a folder of its own,
# which the package gives to the console and, to be backed up, to the jobs: the modems' process may not read it.
SECRET_KEY = Path("console", "secret.key")


def write_whole(path: Path, content: bytes, mode: int | None = None, owner: tuple[int, int] | None = None) -> None:
    """Replace the content of `path` durably. Without a mode a shared folder's group may read it; what root writes
    belongs to `owner` (user and group), else to the folder's. Raises OSError.
    """
    mode = file_mode(path.parent) if mode is None else mode
    with replacing(path) as file:
        os.fchmod(file.fileno(), mode)
        if os.geteuid() == 0:
            os.fchown(file.fileno(), *(owner or (path.parent.stat().st_uid, -1)))
        file.write(content)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file of mode 0600 that takes the place of `path`, whole and durably, when the block ends. Raises OSError."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.unlink(missing_ok=True)  # and then it is new: no link of somebody else's leads elsewhere
        with open(beside, "xb", opener=partial(os.open, mode=0o600)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise
    descriptor = os.open(path.parent, os.O_RDONLY)  # makes the file's name durable
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_secret(path: Path, mode: int = 0o600) -> None:
    """Write 64 random hexadecimal digits where no file is; of several processes one succeeds. Raises OSError."""
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


def scratch_room(folder: Path) -> Path:
    """Folder for a temporary one. Root's is above this machine's own, where others could replace it."""
    return folder.parent if os.geteuid() == 0 and is_shared(folder) else folder


def is_shared(folder: Path) -> bool:
    """True where this machine's processes are three users of the group that `folder` gives to its files (setgid)."""
    return bool(folder.stat().st_mode & stat.S_ISGID)


def file_mode(folder: Path) -> int:
    """Mode of a file in `folder` that only this machine's processes may read."""
    return 0o640 if is_shared(folder) else 0o600


def make_folder(folder: Path) -> None:
    """Make the folder, which only this machine's processes may read; the group is the parent's."""
    # Setgid is not asked for: the units may not set it (RestrictSUIDSGID).
    folder.mkdir(0o750 if is_shared(folder.parent) else 0o700, exist_ok=True)


def state_folder(settings: Settings) -> Path:
    """Folder of this machine's own files: beside SQLite's, or with PostgreSQL `var` beside config.ini."""
    return state_folder_of(settings.database.url, settings.folder)
