"""Content of a backup: files of this machine by name, and a copy of the database as it is at one moment, made while
others write; and their being put back. No path comes from a backup.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from db.engine.connection import sqlite_path
from db.engine.files import is_shared, replacing, state_folder, write_whole
from db.engine.postgres import is_postgres
from db.engine.privileges import as_service
from db.operations.secret_files import named_files
from db.settings.values import Settings
from rules.sentences import CodedRefusal

# Without these a database is not what it was: its signatures, the heads of its journal, its cookies.
WITH_THE_DATABASE = ("journal.key_file", "journal.heads", "secret.key")
FORGOTTEN = "forgotten.list"
# The key of the monthly trial belongs to the machine, and is in no backup.
_NOT_KEPT = ("backup.key", "database.url")


@contextmanager
def reaching(path: Path) -> Iterator[None]:
    """Raises CodedRefusal for what the system says of `path`."""
    try:
        yield
    except OSError as error:
        raise CodedRefusal("backup_unwritable", path=path, why=error.strerror or error) from None


def own_files(settings: Settings) -> dict[str, Path]:
    """Path of each file, whether it is there or not."""
    named = [(key.replace("[", "").replace("] ", "."), path) for key, path, _reader in named_files(settings)]
    more = [("console.certificate", settings.console.certificate), ("mail.ca_file", settings.mail.ca_file)]
    always = {"config.ini": settings.path, "journal.heads": state_folder(settings) / "journal.heads"}
    return always | {name: path for name, path in [*named, *more] if path is not None and name not in _NOT_KEPT}


def readable(settings: Settings) -> tuple[dict[str, Path], tuple[str, ...]]:
    """The path of each file that there is, and the names of those that this user may not read."""
    found, left_out = {}, []
    for name, path in own_files(settings).items():
        try:
            path.open("rb").close()
        except FileNotFoundError:
            continue
        except OSError:
            left_out.append(name)
            continue
        found[name] = path
    return found, tuple(left_out)


def put_back(settings: Settings, unpacked: Path, everything: bool, aside: str) -> Iterator[Path]:
    """Put files where the settings say, and yield each; one that was there and says otherwise is kept, its name
    followed by `aside`, and a new one belongs to whom it belonged to. Without `everything` only what goes with the
    database. Raises CodedRefusal.
    """
    for name, path in own_files(settings).items():
        source = unpacked / name
        if not source.exists() or not (everything or name in WITH_THE_DATABASE):
            continue
        content = source.read_bytes()
        with reaching(path):
            if path.exists() and path.read_bytes() == content:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            like = source.stat() if path.is_symlink() or not path.exists() else path.stat()
            if path.exists():
                path.replace(f"{path}{aside}")
            write_whole(path, content, like.st_mode & 0o777, (like.st_uid, like.st_gid))
        yield path


def listed_in(*folders: Path) -> str:
    """The lists of people who were forgotten, as they stand in these folders."""
    found = []
    for folder in folders:
        with suppress(OSError, UnicodeDecodeError):
            found.append((folder / FORGOTTEN).read_text(encoding="ascii"))
    return "\n".join(found)


_PROGRAM_S = 3600


def kind_of(settings: Settings) -> str:
    """As `Manifest.kind`."""
    return "postgresql" if is_postgres(settings.database.url) else "sqlite"


def copy_database(settings: Settings, to: Path) -> None:
    """Write a copy to `to`. Nobody's writing waits for it. Raises CodedRefusal, OSError."""
    url = settings.database.url
    if is_postgres(url):
        _run(["pg_dump", "--format=custom", f"--file={to}"], url)
        return
    snapshot(settings, to)
    check_file(to)


def snapshot(settings: Settings, to: Path) -> None:
    """Write a copy of SQLite's file to `to`, not looked through. Raises CodedRefusal."""
    path = sqlite_path(settings.database.url, settings.folder)
    try:
        with (
            closing(sqlite3.connect(path)) as source,
            closing(sqlite3.connect(to)) as copy,
        ):
            # All pages in one step: a reader of one moment. In several, each commit would make it begin anew.
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = delete")
    except sqlite3.Error as error:
        raise CodedRefusal("backup_damaged", why=error) from None


def check_file(database: Path) -> None:
    """Raises CodedRefusal where SQLite finds its file damaged."""
    try:
        with closing(sqlite3.connect(database)) as opened:
            said = opened.execute("PRAGMA integrity_check(1)").fetchone()[0]
            broken = opened.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        said, broken = error, None
    if str(said) != "ok" or broken:
        raise CodedRefusal("backup_damaged", why=said if broken is None else f"foreign key {broken[0]}")


@contextmanager
def scratch_database(settings: Settings, copy: Path, name: str) -> Iterator[str]:
    """The URL of a database of its own that holds the copy; a PostgreSQL one is dropped after the block, unless it was
    put in place. Raises CodedRefusal.
    """
    url = settings.database.url
    if not is_postgres(url):
        check_file(copy)
        yield f"sqlite:///{quote(str(copy))}"
        return
    beside = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    _ask(url, f'CREATE DATABASE "{name}"')
    try:
        _run(["pg_restore", "--exit-on-error", "--no-owner", str(copy)], beside)
        yield beside
    finally:
        _ask(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def put_in_place(settings: Settings, scratch_url: str, aside: str) -> str:
    """Make the scratch database the database; the one that was there is kept, its name followed by `aside`. Returns
    where. Raises CodedRefusal while a process uses it.
    """
    url = settings.database.url
    if is_postgres(url):
        return _rename(url, urlsplit(scratch_url).path[1:], aside)
    path = sqlite_path(url, settings.folder)
    kept = path.with_name(f"{path.name}{aside}")
    if path.exists():
        with as_service():
            _require_unused(path)
        for suffix in ("", "-wal", "-shm"):
            if (old := Path(f"{path}{suffix}")).exists():
                old.replace(f"{kept}{suffix}")
    with sqlite_path(scratch_url, Path()).open("rb") as scratch, replacing(path) as database:
        os.fchmod(database.fileno(), 0o660 if is_shared(path.parent) else 0o600)
        if os.geteuid() == 0:
            os.fchown(database.fileno(), path.parent.stat().st_uid, path.parent.stat().st_gid)
        shutil.copyfileobj(scratch, database)
    return str(kept) if kept.exists() else ""


def _require_unused(path: Path) -> None:
    """SQLite leaves the -wal only where nobody else has the file open."""
    try:
        with closing(sqlite3.connect(path, timeout=1)) as opened:
            opened.execute("PRAGMA journal_mode = delete")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise CodedRefusal("restore_in_use") from None
    except sqlite3.DatabaseError:
        pass  # a damaged one is what a backup is for


def _rename(url: str, scratch: str, aside: str) -> str:
    name = urlsplit(url).path[1:]
    server = urlunsplit(urlsplit(url)._replace(path="/postgres"))
    used = _ask(server, "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", name)
    if used:
        raise CodedRefusal("restore_in_use")
    kept = f"{name}{aside}"[:63]
    _ask(server, f'ALTER DATABASE "{name}" RENAME TO "{kept}"')
    _ask(server, f'ALTER DATABASE "{scratch}" RENAME TO "{name}"')
    return kept


def _ask(url: str, sql: str, *values: object) -> int:
    import psycopg

    try:
        with psycopg.connect("postgresql:" + url.partition(":")[2], autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(sql.encode(), values or None)
            row = cursor.fetchone() if cursor.description else None
            return int(row[0]) if row else 0
    except psycopg.Error as error:
        raise CodedRefusal("backup_server", why=str(error).strip().split("\n")[0]) from None


def _run(command: list[str], url: str) -> None:
    """One of PostgreSQL's own programs. The password goes in the environment, which other users cannot read."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    named = conninfo_to_dict("postgresql:" + url.partition(":")[2])
    password = {"PGPASSWORD": str(named.pop("password"))} if named.get("password") else {}
    try:
        done = subprocess.run(
            [command[0], f"--dbname={make_conninfo('', **named)}", *command[1:]],
            env={**os.environ, **password},
            capture_output=True,
            text=True,
            timeout=_PROGRAM_S,
            check=False,
        )
    except FileNotFoundError:
        raise CodedRefusal("backup_no_program", program=command[0]) from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CodedRefusal("backup_server", why=error) from None
    if done.returncode:
        raise CodedRefusal("backup_server", why=" ".join(done.stderr.split()) or "?")
