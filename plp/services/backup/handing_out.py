"""A backup that is kept is handed to an admin, still encrypted."""

from datetime import datetime
from pathlib import Path

from db.journal import audit
from db.operations.backup.places import Folder, backups_in, place_of
from db.settings.values import Settings
from plp.rules.people import Actor
from plp.rules.sentences import CodedRefusal


def hand_out(settings: Settings, name: str, by: Actor, now: datetime) -> Path:
    """The file of a backup of this host, noted in the journal. Raises CodedRefusal."""
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
