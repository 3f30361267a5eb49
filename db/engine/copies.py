"""Copies of the whole database, made while others write, and put in its place: SQLite's file, or PostgreSQL's dump."""

import fcntl
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from base.settings.values import Settings
from db.engine.connection import sqlite_path
from db.engine.files import is_shared, replacing
from db.engine.postgres import driver_address, is_postgres, plain_connection, unanswered
from db.engine.privileges import as_service
from rules.sentences import StoreFault

_PROGRAM_S = 3600
_VERSION = re.compile(r"\d+")


def kind_of(settings: Settings) -> str:
    """As `Manifest.kind`."""
    return "postgresql" if is_postgres(settings.database.url) else "sqlite"


def require_programs(settings: Settings) -> None:
    """Raises StoreFault where a copy could not be made or tried: PostgreSQL's programs are missing or older than its
    server, or the role may not create the database for the trial.
    """
    url = settings.database.url
    if not is_postgres(url):
        return
    server = _ask(url, "SELECT current_setting('server_version_num')::int / 10000")
    for program in ("pg_dump", "pg_restore"):
        try:
            told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
        except (OSError, subprocess.SubprocessError):
            raise StoreFault("backup_no_program", program=program) from None
        version = _VERSION.search(told)
        if version and int(version[0]) < server:
            raise StoreFault("backup_old_program", program=program, version=version[0], server=server)
    if not _ask(url, "SELECT rolcreatedb::int FROM pg_catalog.pg_roles WHERE rolname = current_user"):
        raise StoreFault("backup_no_trial", role=urlsplit(url).username or "plp")


def copy_database(settings: Settings, to: Path) -> None:
    """Write a copy to `to`. Nobody's writing waits for it. Raises StoreFault, OSError."""
    url = settings.database.url
    if is_postgres(url):
        _run(["pg_dump", "--format=custom", f"--file={to}"], url)
        return
    try:
        # All pages in one step: a reader of one moment. In several, every commit would make it begin anew.
        with (
            closing(sqlite3.connect(sqlite_path(url, settings.folder))) as source,
            closing(sqlite3.connect(to)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = delete")
    except sqlite3.Error as error:
        raise StoreFault("backup_damaged", why=error) from None
    check_file(to)


def check_file(database: Path) -> None:
    """Raises StoreFault where SQLite finds its file damaged."""
    try:
        with closing(sqlite3.connect(database)) as opened:
            said = opened.execute("PRAGMA integrity_check(1)").fetchone()[0]
            broken = opened.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        said, broken = error, None
    if str(said) != "ok" or broken:
        raise StoreFault("backup_damaged", why=said if broken is None else f"foreign key {broken[0]}")


@contextmanager
def scratch_database(settings: Settings, copy: Path, name: str) -> Iterator[str]:
    """The URL of a separate database with the copy; PostgreSQL's is dropped after the block, unless put in place."""
    url = settings.database.url
    if not is_postgres(url):
        check_file(copy)
        yield f"sqlite:///{quote(str(copy))}"
        return
    beside = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    _ask(url, f'CREATE DATABASE "{name}"')
    try:
        _run(["pg_restore", "--exit-on-error", "--no-owner", "--no-privileges", str(copy)], beside)
        yield beside
    finally:
        _ask(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def put_in_place(settings: Settings, scratch_url: str, aside: str) -> str:
    """Make the scratch database the database; returns where the one before is kept. Raises StoreFault while in use."""
    url = settings.database.url
    if is_postgres(url):
        return _rename(url, urlsplit(scratch_url).path[1:], aside)
    path = sqlite_path(url, settings.folder)
    kept = path.with_name(f"{path.name}{aside}")
    if path.exists():
        with as_service():
            check_unused(settings)
        for suffix in ("", "-wal", "-shm"):
            if (old := Path(f"{path}{suffix}")).exists():
                old.replace(f"{kept}{suffix}")
    with sqlite_path(scratch_url, Path()).open("rb") as scratch, replacing(path) as database:
        os.fchmod(database.fileno(), 0o660 if is_shared(path.parent) else 0o600)
        if os.geteuid() == 0:
            os.fchown(database.fileno(), path.parent.stat().st_uid, path.parent.stat().st_gid)
        shutil.copyfileobj(scratch, database)
    return str(kept) if kept.exists() else ""


@contextmanager
def restoring_alone(settings: Settings) -> Iterator[None]:
    """During the block nobody else puts a copy in place of this database. Raises StoreFault while somebody does: each
    would keep what the other put there as the database before it, and nobody would know what is lost.
    """
    url = settings.database.url
    if is_postgres(url):
        server = urlunsplit(urlsplit(url)._replace(path="/postgres"))
        turn = f"plp restore {urlsplit(url).path[1:]}"
        with closing(plain_connection(server)) as beside:  # the database itself takes another name
            row = beside.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [turn]).fetchone()
            if not row or not row[0]:
                raise StoreFault("restore_running")
            yield
        return
    # The folder itself: root runs this too, and opens no file by a name that others may have given to a link.
    folder = sqlite_path(url, settings.folder).parent
    folder.mkdir(parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(held)
        yield
    finally:
        os.close(held)


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StoreFault("restore_running") from None


def check_unused(settings: Settings) -> None:
    """Raises StoreFault while another process has SQLite's file open: it leaves the -wal only where nobody has it."""
    if is_postgres(settings.database.url):  # whose clients beat, as all hosts do
        return
    if not (path := sqlite_path(settings.database.url, settings.folder)).exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=1)) as opened:
            opened.execute("PRAGMA journal_mode = delete")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise StoreFault("restore_in_use") from None
    except sqlite3.DatabaseError:
        pass  # a damaged one is what a backup is for


def _rename(url: str, scratch: str, aside: str) -> str:
    name = urlsplit(url).path[1:]
    server = urlunsplit(urlsplit(url)._replace(path="/postgres"))
    if _ask(server, "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", name):
        raise StoreFault("restore_in_use")
    kept = f"{name}{aside}"[:63]
    _ask(server, f'ALTER DATABASE "{name}" RENAME TO "{kept}"')
    _ask(server, f'ALTER DATABASE "{scratch}" RENAME TO "{name}"')
    return kept


def _ask(url: str, sql: str, *values: object) -> int:
    import psycopg

    try:
        with plain_connection(url) as connection:
            cursor = connection.execute(sql.encode(), values or None)
            row = cursor.fetchone() if cursor.description else None
            return int(row[0]) if row else 0
    except psycopg.Error as error:
        raise unanswered(error) from None


def _run(command: list[str], url: str) -> None:
    """One of PostgreSQL's own programs. The password is passed in the environment, which other users cannot read."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    named = conninfo_to_dict(driver_address(url))
    both = os.getuid() != os.geteuid()  # root called: Debian's wrapper of these programs refuses to run as two users
    password = {"PGPASSWORD": str(named.pop("password"))} if named.get("password") else {}
    try:
        done = subprocess.run(
            [command[0], f"--dbname={make_conninfo('', **named)}", *command[1:]],
            env={**os.environ, **password},
            capture_output=True,
            text=True,
            timeout=_PROGRAM_S,
            check=False,
            user=os.geteuid() if both else None,
            group=os.getegid() if both else None,
        )
    except FileNotFoundError:
        raise StoreFault("backup_no_program", program=command[0]) from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StoreFault("backup_server", why=error) from None
    if done.returncode:
        raise StoreFault("backup_server", why=" ".join(done.stderr.split()) or "?")
