"""One backup is one file: a compressed tar in the age format (age-encryption.org/v1), which authenticates every byte;
writing one needs only the public key. It holds files of this machine by name: no path is taken from a backup.
Decision: docs/adr/0039.
"""

import grp
import gzip
import io
import json
import os
import pwd
import shutil
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from base.settings.values import Settings
from db.engine.connection import sqlite_path, writing
from db.engine.copies import copy_database, kind_of
from db.engine.files import replacing, state_folder, write_whole
from db.journal import audit
from db.journal.verification import HEADS
from db.operations.installation import named_files
from db.operations.runs import claim_run, enqueue_trial, mark_run_done, mark_run_failed, run_of
from db.people.members.erasure import forgotten_list
from plp.services.backup.places import Folder, backup_name, backups_in, lapsed, overdue, place_of, reaching
from rules.people import Actor
from rules.sentences import CodedRefusal, refusing

MANIFEST = "manifest.json"
DATABASE = "database"
# Newer ones hold what this program does not know.
FORMAT = 1
_QUICK = 3
_MEMORY = Path("/dev/shm")  # noqa: S108  (the folder in it is this user's alone)
# A smaller database is copied in memory: a copy every hour would wear an SD card out.
_SMALL_BYTES = 32 * 1024**2
# Nobody but the owner writes these files, and nobody runs them.
_MODES = 0o644
# Without these a database is not what it was: its signatures, the heads of its journal, its cookies.
WITH_THE_DATABASE = ("journal.key_file", HEADS, "secret.key")
FORGOTTEN = "forgotten.list"
# The key of the monthly trial belongs to the machine, and is in no backup.
_NOT_KEPT = ("backup.key", "database.url")


@dataclass(frozen=True, slots=True)
class Manifest:
    """`made_at`: ISO 8601; `kind`: sqlite (the file), postgresql (pg_dump's format); `left_out` was unreadable."""

    made_at: str
    host: str
    kind: str
    version: str
    files: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    format: int = FORMAT


def pack(manifest: Manifest, database: Path, files: Mapping[str, Path], recipients: Sequence[str], to: Path) -> None:
    """Write the backup whole and durable, or not at all; files keep owner and mode. Raises CodedRefusal, OSError."""
    import pyrage  # jobs need its memory only in this minute

    try:
        keys = [pyrage.x25519.Recipient.from_str(recipient) for recipient in recipients]
    except pyrage.RecipientError:
        raise CodedRefusal("backup_recipient") from None
    with TemporaryDirectory(dir=database.parent) as folder:
        plain = Path(folder, "plain")
        with (
            gzip.open(plain, "wb", compresslevel=_QUICK) as packed,
            tarfile.open(fileobj=packed, mode="w", dereference=True) as tar,
        ):
            content = json.dumps(asdict(manifest)).encode()
            about = tarfile.TarInfo(MANIFEST)
            about.size, about.mode = len(content), 0o600
            tar.addfile(about, io.BytesIO(content))
            for name, path in {**files, DATABASE: database}.items():
                tar.add(path, name)
        with plain.open("rb") as source, replacing(to) as out:
            pyrage.encrypt_io(source, out, keys)


def unpack(backup: Path, identity: Path, folder: Path) -> Manifest:
    """Decrypt and unpack into `folder`. Raises CodedRefusal, OSError. Anyone who knows the public key can make such a
    file: names with a folder in them are ignored, and half of the free space is left for restoring.
    """
    import pyrage

    plain = folder / ".plain"
    left = shutil.disk_usage(folder).free // 2 - backup.stat().st_size
    try:
        keys = [pyrage.x25519.Identity.from_str(line) for line in _lines(identity)]
        if left < 0:
            raise CodedRefusal("backup_too_big", path=backup)
        with backup.open("rb") as source, plain.open("wb") as out:
            pyrage.decrypt_io(source, out, keys)
        with gzip.open(plain, "rb") as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member)
                left -= member.size
                if left < 0:
                    raise CodedRefusal("backup_too_big", path=backup)
                if content is not None and Path(member.name).name == member.name not in ("", "..", plain.name):
                    with (folder / member.name).open("wb") as out:
                        shutil.copyfileobj(content, out)
                    if member.name != DATABASE:
                        _as_it_was(folder / member.name, member)
        return _manifest(folder)
    except pyrage.IdentityError:
        raise CodedRefusal("backup_identity", path=identity) from None
    except (pyrage.DecryptError, tarfile.TarError, EOFError, OSError, ValueError, TypeError, RecursionError) as error:
        if getattr(error, "errno", None) is not None:  # the disk's; what the file says has none
            raise
        raise CodedRefusal("backup_unreadable", path=backup, why=error) from None
    finally:
        plain.unlink(missing_ok=True)


def _manifest(folder: Path) -> Manifest:
    """Raises CodedRefusal, ValueError, TypeError."""
    lacking = [name for name in (MANIFEST, DATABASE) if not (folder / name).exists()]
    if lacking:
        raise ValueError(lacking[0])
    read = json.loads((folder / MANIFEST).read_bytes())
    if not isinstance(read, dict) or not all(map(_is_told, read.values())):
        raise ValueError(MANIFEST)
    if read.get("format") != FORMAT:
        raise CodedRefusal("backup_newer", version=read.get("version", "?"))
    manifest = Manifest(**read)
    datetime.fromisoformat(manifest.made_at).astimezone()
    return manifest


def _is_told(value: object) -> bool:
    """A terminal shows it: nothing in it moves the cursor."""
    if isinstance(value, list):
        return all(isinstance(text, str) and text.isprintable() for text in value)
    return isinstance(value, int) or (isinstance(value, str) and value.isprintable())


def _lines(identity: Path) -> list[str]:
    """The keys of a file as age-keygen writes it. Raises CodedRefusal."""
    keys = list[str]()
    with suppress(OSError, UnicodeDecodeError):
        lines = identity.read_text(encoding="ascii").split("\n")
        keys = [line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")]
    if not keys:
        raise CodedRefusal("backup_identity", path=identity)
    return keys


def _as_it_was(path: Path, member: tarfile.TarInfo) -> None:
    """Restore its mode and, as root, its owner and group, if this machine knows them by name."""
    path.chmod(member.mode & _MODES)
    if os.geteuid() == 0:
        with suppress(KeyError):
            os.chown(path, pwd.getpwnam(member.uname).pw_uid, grp.getgrnam(member.gname).gr_gid)


def new_identity() -> tuple[str, str]:
    """A new private key, and the public one that belongs to it."""
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def own_files(settings: Settings) -> dict[str, Path]:
    """Path of every file, whether it exists or not."""
    named = [(key.replace("[", "").replace("] ", "."), path) for key, path, _reader in named_files(settings)]
    more = [("console.certificate", settings.console.certificate), ("mail.ca_file", settings.mail.ca_file)]
    always = {"config.ini": settings.path, HEADS: state_folder(settings) / HEADS}
    return always | {name: path for name, path in [*named, *more] if path is not None and name not in _NOT_KEPT}


def readable(settings: Settings) -> tuple[dict[str, Path], tuple[str, ...]]:
    """The path of every file that exists, and the names of those that this user may not read."""
    files, left_out = {}, []
    for name, path in own_files(settings).items():
        try:
            path.open("rb").close()
            files[name] = path
        except FileNotFoundError:
            pass
        except OSError:
            left_out.append(name)
    return files, tuple(left_out)


def put_back(settings: Settings, unpacked: Path, everything: bool, aside: str) -> Iterator[Path]:
    """Write files to the paths in the settings, and yield them; without `everything` only those that go with the
    database. A file with other content is kept, its name followed by `aside`. Raises CodedRefusal.
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


def back_up(settings: Settings, by: str, now: datetime, slot: str | None = None) -> str:
    """Make one now; returns its name, or "" when the run of this `slot` is done or under way. Raises CodedRefusal."""
    slot = slot or now.isoformat()
    run = run_of("backup", settings)
    if not claim_run(run, slot, settings.host, now):
        return ""
    try:
        with refusing():
            name = _made(settings, by, now)
    except CodedRefusal as refusal:
        mark_run_failed(run, slot, refusal.stored)
        raise
    mark_run_done(run, slot, name, now)
    return name


def _made(settings: Settings, by: str, now: datetime) -> str:
    place, name = place_of(settings), backup_name(settings.host, now)
    room = _room(settings)
    with reaching(room), TemporaryDirectory(dir=room, prefix=".backup-") as folder:
        file, copy = Path(folder, name), Path(folder, DATABASE)
        files, left_out = readable(settings)
        if (heads := files.get(HEADS)) is not None:  # of later ones the copy would seem to have lost its end
            files[HEADS] = Path(shutil.copy2(heads, folder))
        copy_database(settings, copy)
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
