"""A backup is made: a copy of the database with this machine's keys, encrypted, put in its place; old ones go."""

from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from db.engine.connection import sqlite_path, writing
from db.engine.copies import copy_database, kind_of
from db.engine.files import state_folder, write_whole
from db.journal import audit
from db.operations.runs import claim_run, enqueue_trial, mark_run_done, mark_run_failed, run_of
from db.people.members.erasure import forgotten_list
from plp.services.backup.archive import DATABASE, FORGOTTEN, Manifest, new_identity, pack, readable
from plp.services.backup.places import Folder, Place, backup_name, backups_in, lapsed, overdue, place_of, reaching
from plp.settings.values import Settings
from rules.people import Actor
from rules.sentences import CodedRefusal, refusing

_MEMORY = Path("/dev/shm")  # noqa: S108  (the folder in it is this user's alone)
# A smaller database is copied in memory: a copy every hour would wear an SD card out.
_SMALL_BYTES = 32 * 1024**2


def back_up(settings: Settings, by: str, now: datetime, slot: str | None = None) -> str:
    """Make one now; returns its name, or "" when the run of this `slot` is done or under way. Raises CodedRefusal."""
    slot = slot or now.isoformat()
    run = run_of("backup", settings)
    if not claim_run(run, slot, settings.host, now):
        return ""
    try:
        with refusing():
            name = _made(settings, place_of(settings), by, now)
    except CodedRefusal as refusal:
        mark_run_failed(run, slot, refusal.stored)
        raise
    mark_run_done(run, slot, name, now)
    return name


def _made(settings: Settings, place: Place, by: str, now: datetime) -> str:
    name = backup_name(settings.host, now)
    room = _room(settings)
    with reaching(room), TemporaryDirectory(dir=room, prefix=".backup-") as folder:
        file, copy = Path(folder, name), Path(folder, DATABASE)
        copy_database(settings, copy)
        files, left_out = readable(settings)
        about = Manifest(now.isoformat(), settings.host, kind_of(settings), version("plp-alerte"), (*files,), left_out)
        pack(about, copy, files, recipients(settings), file)
        size = file.stat().st_size
        place.store(file, name)
        listed = Path(folder, FORGOTTEN)
        listed.write_text(forgotten_list(), encoding="ascii")
        place.store(listed, FORGOTTEN)
    names = place.names()
    place.remove([*overdue(backups_in(names, settings.host)), *lapsed(names, settings.host)])
    audit.record(now, by, "backup_made", name, bytes=size, left_out=", ".join(left_out))
    return name


def _room(settings: Settings) -> Path:
    """The folder in which it is made."""
    if kind_of(settings) == "sqlite" and _MEMORY.is_dir():
        path = sqlite_path(settings.database.url, settings.folder)
        if path.exists() and path.stat().st_size < _SMALL_BYTES:
            return _MEMORY
    return state_folder(settings)


def own_identity(settings: Settings) -> Path:
    """This machine's private key: it opens its backups, for the monthly trial. Who has it has the database too."""
    return state_folder(settings) / "backup.key"


def recipients(settings: Settings) -> tuple[str, str]:
    """The public keys of the zone and of this machine, whose own is made where it is missing."""
    path = own_identity(settings)
    if not path.exists():
        write_identity(path)
    own = path.read_text(encoding="ascii").partition("public key: ")[2].partition("\n")[0]
    return settings.backup.recipient, own


def write_identity(path: Path, owner: tuple[int, int] | None = None) -> str:
    """Write a new private key, as age-keygen does, for `owner` or for this machine; returns the public one."""
    secret, public = new_identity()
    if path.exists():
        raise FileExistsError(path)
    write_whole(path, f"# public key: {public}\n{secret}\n".encode("ascii"), 0o600 if owner else None, owner)
    return public


def hand_out(settings: Settings, name: str, by: Actor, now: datetime) -> Path:
    """The file of a backup of this host, still encrypted, for an admin; noted in the journal. Raises CodedRefusal."""
    place = place_of(settings)
    if not isinstance(place, Folder):
        raise CodedRefusal("backup_elsewhere", to=settings.backup.to)
    if name not in backups_in(place.names(), settings.host):
        raise CodedRefusal("backup_gone", name=name)
    path = place.path / name
    with reaching(path):
        path.open("rb").close()
    audit.record_from(now, by, "backup_handed_out", name)
    return path


def request_trial(settings: Settings, name: str, by: str, now: datetime) -> None:
    """Ask the jobs to restore it into a separate database: they have the key, and can reach the place."""
    with writing():
        enqueue_trial(settings, name, now)
        audit.record(now, by, "backup_trial_asked", name)
