"""A stopped box is moved into another database, SQLite to PostgreSQL or back: rows and keys whole, the journal verified
on both sides. Waiting messages are held in both, so that neither sends them before a person decides.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from shutil import copy2

from base.settings import kinds
from base.settings.values import Settings
from db.alerts.orders.holding import HOLDABLE, hold_waiting
from db.alerts.queue.recovery import take_back_all
from db.engine import schema
from db.engine.connection import bound_to, writing
from db.engine.copies import check_unused, kind_of
from db.engine.files import make_folder, state_folder
from db.journal import audit
from db.journal.chain import seal_entries
from db.journal.verification import ChainCheck, note_head, noted_heads, verify
from db.operations.database_roles import apply_rights
from db.operations.installation import Installation
from db.operations.monitoring import held, is_anybody_alive
from db.operations.moving import copy_rows
from db.people.zone import known_zone
from plp.services.backup.archive import WITH_THE_DATABASE, own_files
from plp.services.backup.places import reaching
from plp.services.machine import bring_up_to_date
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


def move(installation: Installation, to: str, by: str, now: datetime, tell: Callable[[str, int], None]) -> Moved:
    """Copy its database to the one of `to`, which is empty. Raises Refusal."""
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
    with refusing(), installation.open_database() as source:
        if is_anybody_alive(now, _ALIVE):
            raise CodedRefusal("restore_in_use")
        _require_room(moved)
        waiting = _hold(moved, by, now)
        here = _verified()
        _take_files(settings, moved)
        with bound_to(url, settings.folder) as target:
            rows = copy_rows(source, tell)
            bring_up_to_date(target, settings.zone)
            apply_rights(settings.retention.audit_months)
            if (copied := _verified()).head != here.head:
                raise CodedRefusal("move_journal")
            note_head(now)
    return Moved(rows, waiting, copied)


def _require_room(moved: Settings) -> None:
    """An empty database gets its tables; of another one only those that a copy was to fill and did not."""
    with bound_to(moved.database.url, moved.folder) as target:
        tables = target.get_tables()
        if not tables:
            schema.upgrade(target)
        elif "zone" not in tables or known_zone() is not None:
            raise CodedRefusal("move_not_empty")
        else:
            schema.require_current(target)


def _hold(moved: Settings, by: str, now: datetime) -> int:
    """Hold what waits and record the move; returns the number of broadcasts that are held."""
    with writing():
        take_back_all(now)
        hold_waiting("", lambda _broadcast: None, now, HOLDABLE)
        number = len(held())
        audit.record(now, by, "database_moved", to=kind_of(moved), held=number)
    while seal_entries():
        pass
    return number


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
