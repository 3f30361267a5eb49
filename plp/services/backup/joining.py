"""A machine joins the database of others: what it kept of an earlier one goes, since a journal's heads, keys and lists
belong to one database; the keys of this one come from a machine that has them.
"""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from base.settings.values import Settings
from db.engine import schema
from db.engine.connection import bound_to
from db.engine.copies import check_unused
from db.engine.files import file_mode, make_folder, state_folder, write_whole
from db.engine.health import in_words
from db.engine.postgres import is_postgres
from db.engine.privileges import as_caller, as_service
from db.journal import audit
from db.journal.chain import key_of_database
from db.journal.verification import note_head
from db.operations.installation import Installation
from db.people.members.listing import Filter, members
from plp.services.backup.archive import own_files
from plp.services.backup.places import reaching
from rules.sentences import CodedRefusal, StoreFault, refusing

# In this machine's folder, the files of a database that it made, read or answered for. What is about its modems and
# cards (PINs that were right, links of simulators) stays.
_OF_A_DATABASE = (
    "*.db", "*.db[-.]*", "journal.*", "sent.json", "boot-id", "plan-b", "forgotten.list", "backup.key",
    "console/secret.key*", "*.before-*",
)  # fmt: skip
# Keys by their names in the folder that the other machine gave, and as `own_files` names their places.
_KEYS: Mapping[str, str] = {audit.NAME: "journal.key_file", "secret.key": "secret.key"}


def left_by_others(settings: Settings) -> list[Path]:
    """All that this machine still has of an earlier database."""
    here = state_folder(settings)
    return sorted({path for pattern in _OF_A_DATABASE for path in here.glob(pattern)})


def require_joinable(installation: Installation, keys: Path) -> dict[str, bytes]:
    """The keys in the folder `keys`, by place. Raises Refusal unless they are those of the database of config.ini, and
    nothing of an earlier one is in use or has members.
    """
    settings = installation.settings()
    if not is_postgres(settings.database.url):
        raise CodedRefusal("join_alone")
    for file in state_folder(settings).glob("*.db"):
        _require_forgettable(settings, f"sqlite:///{file}")
    with refusing(), installation.any_database() as database:
        if schema.is_empty(database):
            raise StoreFault("database_none_yet", path=installation.database_name)
        schema.require_current(database)
        with as_caller():
            found = {
                place: keys / name for name, place in _KEYS.items() if name == audit.NAME or (keys / name).is_file()
            }
            audit.use_key_file(keys / audit.NAME)
            with as_service():
                signing = key_of_database()
            audit.require_key(signing)
            with reaching(keys):
                return {place: path.read_bytes() for place, path in found.items()}


def join(installation: Installation, keys: Mapping[str, bytes], by: str, now: datetime) -> list[Path]:
    """Remove what is left of an earlier database, and write the keys; returns what was removed. Raises Refusal."""
    settings = installation.settings()
    gone = left_by_others(settings)
    with reaching(state_folder(settings)):
        for path in gone:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                _remove(path)
        places = own_files(settings)
        for place, content in keys.items():
            make_folder(places[place].parent)
            with as_caller():
                write_whole(places[place], content, file_mode(places[place].parent))
    with installation.open_database():
        audit.record(now, by, "host_joined", settings.host, files=len(gone))
        note_head(now)
    return gone


def _require_forgettable(settings: Settings, url: str) -> None:
    """Raise CodedRefusal for an SQLite file that a process has open, or with people in it."""
    earlier = replace(settings, database=replace(settings.database, url=url))
    with refusing(), in_words(url):
        check_unused(earlier)
        with bound_to(url, settings.folder) as database:
            if not schema.is_empty(database) and members(Filter(), per_page=1).total:
                raise CodedRefusal("join_members", path=url.removeprefix("sqlite:///"))


def _remove(path: Path) -> None:
    """As root where the folder is the console's alone; a link is removed, never followed."""
    try:
        path.unlink()
    except PermissionError:
        with as_caller():
            path.unlink()
