"""A stopped box is moved into another database, SQLite to PostgreSQL or back: rows and keys whole, the journal verified
on both sides. Waiting messages are held in both, so that neither sends them before a person decides.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from shutil import copy2

from db.alerts.orders.holding import HOLDABLE, hold_waiting
from db.alerts.queue.recovery import take_back_all
from db.engine import schema
from db.engine.connection import bound_to, writing
from db.engine.copies import check_unused, kind_of
from db.engine.files import make_folder, state_folder
from db.journal import audit
from db.journal.chain import head, seal_entries
from db.journal.verification import ChainCheck, note_head, noted_heads, verify
from db.operations.database_roles import apply_rights
from db.operations.installation import Installation
from db.operations.lineage import position
from db.operations.monitoring import is_anybody_alive
from db.operations.moving import MARKS, begin_filling, copy_rows, end_filling, side, source_of
from plp.services.backup.archive import WITH_THE_DATABASE, own_files
from plp.services.backup.places import reaching
from plp.services.machine import bring_up_to_date
from plp.settings import kinds
from plp.settings.values import Settings
from rules.sentences import CodedRefusal, refusing

# Of a process that did not end in order.
_ALIVE = timedelta(seconds=30)
# Beside those that go with every database: the key of trials, and how far the sending has come.
_OF_THE_MACHINE = ("backup.key", "sent.json")


@dataclass(frozen=True, slots=True)
class Moved:
    """The outcome: rows by table, broadcasts held, and the journal, which is the same on both sides."""

    rows: dict[str, int]
    held: int
    journal: ChainCheck


def move(installation: Installation, to: str, by: str, now: datetime, told: Callable[[str, int], None]) -> Moved:
    """Copy its database to the one of `to`, which is empty, or was being filled from this one. Raises Refusal."""
    settings = installation.settings()
    try:
        url = kinds.database_url(to, settings.folder)
    except ValueError as error:
        raise CodedRefusal("move_address", why=error) from None
    moved = replace(settings, database=replace(settings.database, url=url))
    if url == settings.database.url:
        raise CodedRefusal("move_same")
    with refusing():
        check_unused(settings)
    with refusing(), installation.open_database():
        if is_anybody_alive(now, _ALIVE):
            raise CodedRefusal("restore_in_use")
        _require_room(moved)
        held = _hold(moved, by, now)
        here = _verified()
        rows = _copied(settings, moved, told)
        _take_files(settings, moved)
        with bound_to(url, settings.folder) as database:
            bring_up_to_date(database, settings.zone)
            apply_rights(settings.retention.audit_months)
            if (copied := _verified()).head != here.head:
                raise CodedRefusal("move_journal")
            note_head(now)
        with side(url, settings.folder) as target:
            end_filling(target)
    return Moved(rows, held, copied)


def _require_room(moved: Settings) -> None:
    """An empty database gets its tables; for another one, only an interrupted copy may continue."""
    url, folder = moved.database.url, moved.folder
    with bound_to(url, folder) as database:
        tables = database.get_tables()
        if not tables:
            schema.upgrade(database)
            return
    with side(url, folder) as target:
        if MARKS not in tables or not source_of(target):
            raise CodedRefusal("move_not_empty")


def _hold(moved: Settings, by: str, now: datetime) -> int:
    """Hold what waits and record the move, once however often the copy is begun; returns how many it held."""
    with side(moved.database.url, moved.folder) as target:
        if source := source_of(target):
            last = audit.newest("database_moved")
            if last is None or source != _mark():
                raise CodedRefusal("move_other_source")
            return int(str(last.detail["held"]))
        with writing():
            take_back_all(now)
            held = hold_waiting("", lambda _broadcast: None, now, HOLDABLE)
            audit.record(now, by, "database_moved", to=kind_of(moved), held=held)
        begin_filling(target, _mark())
    return held


def _mark() -> str:
    """A mark of this database's present state: anything done in it changes its journal, or its sending progress."""
    while seal_entries():
        pass
    here = position()
    return f"{here.token}:{here.epoch}:{here.progress}:{head()}"


def _copied(settings: Settings, moved: Settings, told: Callable[[str, int], None]) -> dict[str, int]:
    rows: dict[str, int] = {}

    def count(table: str, number: int) -> None:
        rows[table] = number
        told(table, number)

    with (
        side(settings.database.url, settings.folder) as source,
        side(moved.database.url, moved.folder) as target,
    ):
        copy_rows(source, target, count)
    return rows


def _verified() -> ChainCheck:
    journal = verify(noted_heads())
    if journal.faults:
        raise CodedRefusal("move_fault", fault=journal.faults[0])
    return journal


def _take_files(settings: Settings, moved: Settings) -> None:
    """Copy the keys of the database and of this machine if their paths have changed; existing files are kept."""
    before, after = state_folder(settings), state_folder(moved)
    if before.resolve() == after.resolve():
        return
    places = {name: path for name, path in own_files(moved).items() if name in WITH_THE_DATABASE}
    files = own_files(settings)
    with reaching(after):
        make_folder(after)
        pairs = [(files[name], path) for name, path in places.items() if name in files]
        for source, target in [*pairs, *((before / name, after / name) for name in _OF_THE_MACHINE)]:
            if source.exists() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                copy2(source, target)
