"""Bring the database up to date after an installation: with a copy beside it, which is put back when that fails.

Run by the package with the services stopped, as the jobs' user: root would follow the links of whoever may write
beside the database. Status 1, and the database as it was, when the migration failed. A PostgreSQL database may be other
machines' too: a person runs `plp migrate` (docs/several-machines.md).
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from db.engine.connection import sqlite_path
from db.engine.postgres import is_postgres
from db.operations.installation import Installation


def bring_up_to_date(config: Path) -> bool:
    """False when it could not be done; then nothing has changed."""
    settings = Installation(config).settings()
    if is_postgres(settings.database.url):
        print("plp-alerte: PostgreSQL: stop every machine, make a backup, then: plp migrate")
        return True
    database = sqlite_path(settings.database.url, settings.folder)
    copy = database.with_name(f"{database.name}.before-upgrade")
    if database.exists():
        copied(database, copy)
    if migrated(config):
        copy.unlink(missing_ok=True)
        return True
    if copy.exists():
        for name in (f"{database.name}-wal", f"{database.name}-shm"):
            database.with_name(name).unlink(missing_ok=True)
        copy.replace(database)
    return False


def copied(database: Path, copy: Path) -> None:
    """A whole copy on the disk, for the same people by its group. Raises sqlite3.Error and OSError."""
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        verdict = target.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"the copy is damaged: {verdict}")
    shutil.copymode(database, copy)
    with copy.open("rb") as file:
        os.fsync(file.fileno())


def migrated(config: Path) -> bool:
    """True when `plp migrate` succeeded; otherwise it prints the reason."""
    return subprocess.run([sys.executable, "-m", "plp", "--config", str(config), "migrate"]).returncode == 0


if __name__ == "__main__":
    os.umask(0o007)
    os.environ["PYTHONSAFEPATH"] = "1"
    sys.exit(0 if bring_up_to_date(Path(sys.argv[1])) else 1)
