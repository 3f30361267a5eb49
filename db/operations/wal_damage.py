"""A damaged -wal (commits lost): what waits is held, because it is not known to whom it was sent already."""

from datetime import datetime, timedelta
from pathlib import Path

from peewee import SqliteDatabase

from db.alerts.orders.holding import hold_waiting
from db.engine.base import database
from db.engine.connection import writing
from db.engine.wal import damage_file
from db.journal import audit

# People are told for so long after it.
TOLD_FOR = timedelta(days=1)


def hold_after_damage(now: datetime) -> int:
    """Hold what waits if a start found the -wal damaged, before sending; returns the number of broadcasts."""
    kept = _kept()
    if kept is None:
        return 0
    with writing():
        held = hold_waiting("damaged", lambda broadcast: None, now)
        audit.record(now, "plp", "journal_damaged")
    kept.rename(kept.with_name(f"{kept.name}-{now:%Y%m%dT%H%M%S}"))
    return held


def is_damage_untold() -> bool:
    """True when the -wal was found damaged and the daemon did not start since."""
    return _kept() is not None


def recent_damage(now: datetime) -> bool:
    """True for a day after `hold_after_damage` found any."""
    return audit.lately("journal_damaged", now, TOLD_FOR) is not None


def _kept() -> Path | None:
    opened = database.obj
    if not isinstance(opened, SqliteDatabase):
        return None
    kept = damage_file(Path(str(opened.database)))
    return kept if kept.exists() else None
