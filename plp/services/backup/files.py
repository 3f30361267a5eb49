"""Files of this machine that a backup contains, by name, and their restoration. No path is taken from a backup."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from db.engine.files import state_folder, write_whole
from db.operations.secret_files import named_files
from plp.services.backup.places import reaching
from plp.settings.values import Settings

# Without these a database is not what it was: its signatures, the heads of its journal, its cookies.
WITH_THE_DATABASE = ("journal.key_file", "journal.heads", "secret.key")
FORGOTTEN = "forgotten.list"
# The key of the monthly trial belongs to the machine, and is in no backup.
_NOT_KEPT = ("backup.key", "database.url")


def own_files(settings: Settings) -> dict[str, Path]:
    """Path of every file, whether it exists or not."""
    named = [(key.replace("[", "").replace("] ", "."), path) for key, path, _reader in named_files(settings)]
    more = [("console.certificate", settings.console.certificate), ("mail.ca_file", settings.mail.ca_file)]
    always = {"config.ini": settings.path, "journal.heads": state_folder(settings) / "journal.heads"}
    return always | {name: path for name, path in [*named, *more] if path is not None and name not in _NOT_KEPT}


def readable(settings: Settings) -> tuple[dict[str, Path], tuple[str, ...]]:
    """The path of every file that exists, and the names of those that this user may not read."""
    files, left_out = {}, []
    for name, path in own_files(settings).items():
        try:
            path.open("rb").close()
        except FileNotFoundError:
            continue
        except OSError:
            left_out.append(name)
            continue
        files[name] = path
    return files, tuple(left_out)


def put_back(settings: Settings, unpacked: Path, everything: bool, aside: str) -> Iterator[Path]:
    """Write files to the paths in the settings, and yield them; an existing file with other content is kept, its name
    followed by `aside`, and the new one gets its former owner. Without `everything` only those that belong to the
    database. Raises CodedRefusal.
    """
    for name, path in own_files(settings).items():
        source = unpacked / name
        if not source.exists() or not (everything or name in WITH_THE_DATABASE):
            continue
        content = source.read_bytes()
        with reaching(path):
            if path.is_file() and path.read_bytes() == content:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            like = source.stat() if path.is_symlink() or not path.exists() else path.stat()
            if path.exists():
                path.replace(f"{path}{aside}")
            write_whole(path, content, like.st_mode & 0o777, (like.st_uid, like.st_gid))
        yield path


def listed_in(*folders: Path) -> str:
    """The lists of erased people in these folders."""
    lists = []
    for path in [folder / FORGOTTEN for folder in folders]:
        with suppress(OSError, UnicodeDecodeError):
            lists.append(path.read_text(encoding="ascii") if path.is_file() else "")  # a pipe never ends
    return "\n".join(lists)
