"""The zone, its directory of useful numbers with the local police stations, and its policy: who must agree to an alert,
who needs a second factor, whether mail goes with every alert; and a change of it that waits for a second admin.
"""

import json
import re
import tomllib
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, Literal, TypeAlias

from peewee import ForeignKeyField

from base.settings.values import ZoneSettings
from db.engine.base import card_of
from db.engine.cached_queries import Prepared
from db.journal import audit
from db.models.people import Neighbourhood
from db.models.policy import PolicyProposal, ZonePolicy
from db.models.zone import DirectoryEntry as DirectoryEntry  # pages name the rows that they get
from db.models.zone import Zone
from rules.collation import folded
from rules.orders.agreement import mark_of_reading

# The useful numbers of one zone, by its code: its database starts with them.
_SEED = tomllib.loads(files(__package__).joinpath("directory.toml").read_text(encoding="utf-8"))
SEED_DIRECTORY: list[dict[str, str]] = _SEED["entries"]
# The names that Belgian zones give it, in French, Dutch and German.
_PROXIMITY = re.compile(r"proximit|wijk(?:politie|dienst|kantoor|werking)|nabijheid|polizeiviertel|viertelpolizei")
_ZONE = Prepared(Zone.select(Zone.name, Zone.code, Zone.emergency, Zone.phone).limit(1))
Agreement = Literal["none", "typed", "second"]
AGREEMENTS: tuple[Agreement, ...] = ("none", "typed", "second")
APPROVAL_WITHIN = timedelta(minutes=15)
# More people, more seconds to see the mistake; longer than a minute nobody sits and looks.
UNDO_STEPS = ((50, 1), (500, 2))
UNDO_MOST = 3
UNDO_CAP_S = 60
_IN_FORCE = Prepared(ZonePolicy.select().limit(1))
_DIRECTORY = Prepared(DirectoryEntry.select().order_by(DirectoryEntry.position, DirectoryEntry.id))
_PROPOSED = Prepared(PolicyProposal.select().limit(1))


# The police zone of this box, as config.ini names it for a new database.
ZoneCard: TypeAlias = ZoneSettings


def create_zone(settings: ZoneSettings) -> None:
    """Write the zone of config.ini and its directory into an empty database, inside the caller's transaction."""
    Zone.create(**asdict(settings))
    seed_directory(settings.code)


def seed_directory(code: str) -> None:
    """Write the useful numbers of the zone of this code, where they are known, inside the caller's transaction."""
    for position, entry in enumerate(SEED_DIRECTORY if code == _SEED["code"] else ()):
        DirectoryEntry.create(position=position, **entry)


def known_zone() -> ZoneCard | None:
    """The zone of this database, or None in an empty one."""
    row = _ZONE.first()
    return None if row is None else ZoneCard(*row)


def zone() -> ZoneCard:
    """The zone of this database; without a name until somebody enters one."""
    return known_zone() or ZoneCard("", "", "", "")


def write_zone(wanted: ZoneCard) -> dict[str, list[object]]:
    """Write whose box this is; returns what changed, with before and after."""
    values = asdict(wanted)
    row = Zone.select().first() or Zone()
    Zone(id=row.id, **values).save()
    return audit.changes(row.__data__, values, values)


def directory() -> list[DirectoryEntry]:
    """The useful numbers, in their order."""
    return _DIRECTORY.results()


def directory_entry(entry_id: int) -> DirectoryEntry | None:
    """The useful number of this id."""
    return DirectoryEntry.get_or_none(DirectoryEntry.id == entry_id)


def write_directory_entry(entry_id: int | None, values: dict[str, str]) -> int | None:
    """Add or change an entry; returns its id, None if it was deleted."""
    if entry_id is None:
        return int(DirectoryEntry.create(position=DirectoryEntry.select().count(), **values).id)
    return entry_id if DirectoryEntry.update(values).where(DirectoryEntry.id == entry_id).execute() else None


def delete_directory_entry(entry_id: int) -> None:
    """Remove an entry; harmless if it was already deleted."""
    DirectoryEntry.delete().where(DirectoryEntry.id == entry_id).execute()


def station_of(neighbourhood: str) -> DirectoryEntry | None:
    """The station named by this neighbourhood, else the first local one; None if the admin removed them."""
    return _of(Neighbourhood.station, neighbourhood) or next(iter(proximity_stations()), None)


def officer_of(neighbourhood: str) -> DirectoryEntry | None:
    """The local officer that this neighbourhood names."""
    return _of(Neighbourhood.officer, neighbourhood)


def _of(column: ForeignKeyField, neighbourhood: str) -> DirectoryEntry | None:
    rows = DirectoryEntry.select().join(Neighbourhood, on=(column == DirectoryEntry.id))
    return rows.where(Neighbourhood.name == neighbourhood).first() if neighbourhood else None


def proximity_stations() -> list[DirectoryEntry]:
    """Every entry that is a local station, in the directory's order."""
    return [entry for entry in directory() if _PROXIMITY.search(folded(entry.service))]


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy in force."""

    approval: Agreement = "typed"
    second_factor: bool = False
    mail_always: bool = False

    def undo_seconds(self, base_s: int, people: int) -> int:
        """Seconds in which an order to so many people can be undone; `base_s` is config.ini's."""
        factor = next((times for most, times in UNDO_STEPS if people <= most), UNDO_MOST)
        return max(base_s, min(UNDO_CAP_S, base_s * factor))


def policy() -> Policy:
    """The policy of this zone; the defaults where nobody changed it."""
    return card_of(Policy, policy_row())


def policy_row() -> Any:
    """All that the policy in force holds, as a ZonePolicy; one with the defaults where nobody changed it."""
    return _IN_FORCE.result() or ZonePolicy()


def write_policy(wanted: Policy, by: str = "", now: datetime | None = None) -> None:
    """Store it as the policy in force. Joins the caller's `writing()`."""
    put_policy(**asdict(wanted), changed_by=by, changed_at=now)


def put_policy(**values: object) -> None:
    """Store these columns of ZonePolicy. Joins the caller's `writing()`."""
    if not ZonePolicy.update(values).execute():
        ZonePolicy.create(**values)


@dataclass(frozen=True, slots=True)
class PolicyRequest:
    """A change that waits for a second admin: `wanted` is what would hold."""

    wanted: Policy
    asked_by: str
    asked_at: datetime

    @property
    def seen(self) -> str:
        """The mark of what a second admin agrees to: another change may take its place meanwhile."""
        return mark_of_reading(self.wanted, self.asked_by, self.asked_at)


def policy_request() -> PolicyRequest | None:
    """The change that waits; None where none does."""
    row = _PROPOSED.result()
    if row is None:
        return None
    return PolicyRequest(replace(policy(), **json.loads(row.changes)), row.asked_by, row.asked_at)


def keep_policy_request(changes: dict[str, object], by: str, now: datetime) -> None:
    """Let this change wait, in place of one that waits."""
    PolicyProposal.delete().execute()
    PolicyProposal.create(changes=json.dumps(changes), asked_by=by, asked_at=now)


def delete_policy_request() -> bool:
    """The change that waits is no longer wanted, or holds; False where none waits."""
    return bool(PolicyProposal.delete().execute())
