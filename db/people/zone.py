"""The zone and its directory of useful numbers, with the local police stations in it."""

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

from db.engine.cached_queries import Prepared
from db.engine.connection import writing
from db.journal import audit
from db.models.zone import DirectoryEntry, Zone
from db.settings.values import ZoneSettings
from rules.collation import folded
from rules.refusals import Refusal

# The useful numbers of one zone, by its code: its database starts with them.
_SEED = tomllib.loads(files(__package__).joinpath("directory.toml").read_text(encoding="utf-8"))
SEED_DIRECTORY: list[dict[str, str]] = _SEED["entries"]
# The names that Belgian zones give it, in French, Dutch and German.
_PROXIMITY = re.compile(r"proximit|wijk(?:politie|dienst|kantoor|werking)|nabijheid|polizeiviertel|viertelpolizei")


@dataclass(frozen=True, slots=True)
class ZoneCard:
    """The police zone of this box."""

    name: str
    code: str
    emergency: str
    phone: str


@dataclass(frozen=True, slots=True)
class DirectoryCard:
    """One useful number."""

    id: int
    service: str
    purpose: str
    contact: str


def create_zone(settings: ZoneSettings) -> None:
    """Write the zone of config.ini and its directory into an empty database, inside the caller's transaction."""
    Zone.create(name=settings.name, code=settings.code, emergency=settings.emergency, phone=settings.phone)
    seed_directory(settings.code)


def seed_directory(code: str) -> None:
    """Write the useful numbers of the zone of this code, where they are known, inside the caller's transaction."""
    for position, entry in enumerate(SEED_DIRECTORY if code == _SEED["code"] else ()):
        DirectoryEntry.create(position=position, **entry)


def known_zone() -> ZoneCard | None:
    """The zone of this database, or None in an empty one."""
    row = _ZONE.first()
    return None if row is None else ZoneCard(*row)


_ZONE = Prepared(Zone.select(Zone.name, Zone.code, Zone.emergency, Zone.phone).limit(1))


def zone() -> ZoneCard:
    """The zone of this database."""
    known = known_zone()
    if known is None:
        raise Refusal("La base de données est vide : lancez « plp migrate ».")
    return known


def save_zone(wanted: ZoneCard, by: str, now: datetime) -> None:
    """Write who this box belongs to; every page, mail and answer shows it from then on. Raises Refusal."""
    values = {"name": wanted.name, "code": wanted.code, "emergency": wanted.emergency, "phone": wanted.phone}
    values = {name: " ".join(text.split())[:120] for name, text in values.items()}
    if not values["name"]:
        raise Refusal("Indiquez le nom de la zone : il figure sur chaque page et chaque e-mail.")
    if not values["emergency"]:
        raise Refusal("Indiquez le numéro d'urgence : il figure sur chaque page et dans chaque réponse automatique.")
    with writing():
        row = Zone.select().first()
        if row is not None:
            Zone.update(values).where(Zone.id == row.id).execute()
            changed = audit.changes(row.__data__, values, values)
            audit.record(now, by, "zone_changed", values["name"], changed=changed)


def directory() -> list[DirectoryCard]:
    """The useful numbers, in their order."""
    rows = DirectoryEntry.select().order_by(DirectoryEntry.position, DirectoryEntry.id)
    return [DirectoryCard(row.id, row.service, row.purpose, row.contact) for row in rows]


def save_directory_entry(entry_id: int | None, service: str, purpose: str, contact: str, by: str, now: datetime) -> int:
    """Add or change an entry; returns its id."""
    service, purpose, contact = service.strip(), purpose.strip(), contact.strip()
    if not service or not contact:
        raise Refusal("Indiquez le nom du service et son contact.")
    values = {"service": service[:200], "purpose": purpose[:300], "contact": contact[:200]}
    with writing():
        if entry_id is None:
            entry_id = int(DirectoryEntry.create(position=DirectoryEntry.select().count(), **values).id)
        elif not DirectoryEntry.update(values).where(DirectoryEntry.id == entry_id).execute():
            raise Refusal("Ce numéro utile n'existe plus.")
        audit.record(now, by, "directory_saved", str(entry_id))
    return entry_id


def delete_directory_entry(entry_id: int, by: str, now: datetime) -> None:
    """Remove an entry; harmless when it is gone already."""
    with writing():
        DirectoryEntry.delete().where(DirectoryEntry.id == entry_id).execute()
        audit.record(now, by, "directory_deleted", str(entry_id))


def proximity_station() -> DirectoryCard | None:
    """The first entry that is a local station; None where the admin took it out."""
    return next(iter(proximity_stations()), None)


def proximity_stations() -> list[DirectoryCard]:
    """Every entry that is a local station, in the directory's order."""
    return [entry for entry in directory() if _PROXIMITY.search(folded(entry.service))]
