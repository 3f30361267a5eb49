"""After a -wal that could not be read to its end nobody knows who was sent to last: a person decides what goes on."""

from datetime import datetime, timedelta
from pathlib import Path

from peewee import SqliteDatabase

from db import audit
from db.connection import writing
from db.models import AuditEntry, Broadcast, Part, database
from db.states import Part as PartState
from db.states import Stage
from db.wal import damage_file

# People are told for so long after it.
TOLD_FOR = timedelta(days=1)


def hold_after_damage(now: datetime) -> int:
    """Hold whatever waits, when a start found the -wal damaged; returns how many broadcasts. Before anything is sent.

    What the daemon did in the moments that are lost stands nowhere: somebody who waits may have got it already.
    """
    kept = _kept()
    if kept is None:
        return 0
    with writing():
        held = _hold_all(now)
        audit.record(now, "plp", "journal_damaged")
    kept.rename(kept.with_name(f"{kept.name}-{now:%Y%m%dT%H%M%S}"))
    return held


def is_damage_untold() -> bool:
    """True when the -wal was found damaged and the daemon did not start since."""
    return _kept() is not None


def recent_damage(now: datetime) -> bool:
    """True for a day after `hold_after_damage` found any."""
    last = AuditEntry.select().where(AuditEntry.action == "journal_damaged").order_by(AuditEntry.id.desc()).first()
    return last is not None and abs(now - last.at) <= TOLD_FOR


def _hold_all(now: datetime) -> int:
    waiting = Part.select(Part.broadcast).where(Part.state == PartState.QUEUED).distinct()
    held = 0
    for broadcast in Broadcast.select().where(
        Broadcast.stage.in_([Stage.QUEUED, Stage.SCHEDULED]), Broadcast.id.in_(waiting)
    ):
        Broadcast.update(stage=Stage.HELD).where(Broadcast.id == broadcast.id).execute()
        audit.record(now, "plp", "broadcast_held", str(broadcast.id))
        held += 1
    return held


def _kept() -> Path | None:
    opened = database.obj
    if not isinstance(opened, SqliteDatabase):
        return None
    kept = damage_file(Path(str(opened.database)))
    return kept if kept.exists() else None
