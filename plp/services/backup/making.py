"""A backup is made: a copy of the database with this machine's keys, encrypted, put in its place; old ones go."""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from db.engine.files import state_folder, write_whole
from db.journal import audit
from db.operations.backup.archive import DATABASE, Manifest, new_identity, pack
from db.operations.backup.copying import copy_database, kind_of
from db.operations.backup.files import FORGOTTEN, readable
from db.operations.backup.places import Folder, Place, backups_in, lapsed, overdue, place_of
from db.operations.runs import backup_run, claim_run, mark_run_done, mark_run_failed
from db.people.members.forgotten import forgotten_list
from db.settings.values import Settings
from plp.rules.calendar import LOCAL
from plp.rules.people import Actor
from plp.rules.sentences import CodedRefusal

# A night that failed and the next one: then people are told.
LATE = timedelta(hours=36)


def back_up(
    settings: Settings, by: str, now: datetime, slot: str | None = None, seen: Callable[[Path], object] | None = None
) -> str:
    """Make one now; returns its name, or "" when the run of this `slot` is done or under way. Raises CodedRefusal.

    `seen` is called with the copy of the database before it goes.
    """
    slot = slot or now.isoformat()
    run = backup_run(settings)
    if not claim_run(run, slot, settings.host, now):
        return ""
    try:
        name = _made(settings, place_of(settings), by, now, seen or (lambda _copy: None))
    except CodedRefusal as refusal:
        mark_run_failed(run, slot, refusal.stored)
        raise
    mark_run_done(run, slot, name, now)
    return name


def _made(settings: Settings, place: Place, by: str, now: datetime, seen: Callable[[Path], object]) -> str:
    name = f"plp-{settings.host}-{now.astimezone(LOCAL):%Y-%m-%d-%H%M%S}.age"
    here = state_folder(settings)
    try:
        with TemporaryDirectory(dir=here, prefix=".backup-") as folder:
            file, copy = Path(folder, name), Path(folder, DATABASE)
            left_out, size = write_backup(settings, copy, file, now)
            place.store(file, name)
            seen(copy)
            listed = Path(folder, FORGOTTEN)
            listed.write_text(forgotten_list(), encoding="ascii")
            place.store(listed, FORGOTTEN)
    except OSError as error:
        raise CodedRefusal("backup_unwritable", path=here, why=error.strerror or error) from None
    there = place.names()
    place.remove([*overdue(backups_in(there, settings.host)), *lapsed(there, settings.host)])
    audit.record(now, by, "backup_made", name, bytes=size, left_out=", ".join(left_out))
    return name


def write_backup(settings: Settings, copy: Path, file: Path, now: datetime) -> tuple[tuple[str, ...], int]:
    """Write one to `file`, by way of `copy`; returns what it lacks, and its bytes. Raises CodedRefusal, OSError."""
    copy_database(settings, copy)
    files, left_out = readable(settings)
    about = Manifest(now.isoformat(), settings.host, kind_of(settings), version("plp-alerte"), (*files,), left_out)
    pack(about, copy, files, recipients(settings), file)
    return left_out, file.stat().st_size


def own_identity(settings: Settings) -> Path:
    """This machine's own private key: it opens what it made, for the monthly trial. Who has it has the database too."""
    return state_folder(settings) / "backup.key"


def recipients(settings: Settings) -> tuple[str, str]:
    """The public keys of the zone and of this machine, whose own is made where there is none."""
    path = own_identity(settings)
    if not path.exists():
        write_identity(path)
    own = path.read_text(encoding="ascii").partition("public key: ")[2].partition("\n")[0]
    return settings.backup.recipient, own


def write_identity(path: Path) -> str:
    """Write a new private key, as age-keygen does; returns the public one. Raises FileExistsError, OSError."""
    secret, public = new_identity()
    if path.exists():
        raise FileExistsError(path)
    write_whole(path, f"# public key: {public}\n{secret}\n".encode("ascii"))
    return public


def hand_out(settings: Settings, name: str, by: Actor, now: datetime) -> Path:
    """The file of a backup of this host, still encrypted, for an admin; noted in the journal. Raises CodedRefusal."""
    place = place_of(settings)
    if not isinstance(place, Folder):
        raise CodedRefusal("backup_elsewhere", to=settings.backup.to)
    if name not in backups_in(place.names(), settings.host):
        raise CodedRefusal("backup_gone", name=name)
    path = place.path / name
    try:
        path.open("rb").close()
    except OSError as error:
        raise CodedRefusal("backup_unwritable", path=path, why=error.strerror or error) from None
    audit.record_from(now, by, "backup_handed_out", name)
    return path
