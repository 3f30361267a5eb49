"""Journal entries: actor, action, time. They never hold numbers, texts or passwords."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from db.engine.base import folded_column
from db.models.zone import AuditEntry
from plp.rules.collation import folded
from plp.rules.people import Actor


def record(now: datetime, actor: str, action: str, subject: str = "", **detail: object) -> None:
    """Add an entry, inside the caller's transaction when there is one."""
    AuditEntry.create(
        at=now, actor=actor, action=action, subject=subject, detail=json.dumps(detail, ensure_ascii=False)
    )


def record_from(now: datetime, actor: str, action: str, subject: str = "", **detail: object) -> None:
    """`record` of what gives, takes or uses rights: from which address it was done stands beside it."""
    address = actor.address if isinstance(actor, Actor) else ""
    record(now, actor, action, subject, **detail, **({"address": address} if address else {}))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit."""

    at: datetime
    actor: Actor
    action: str
    subject: str
    detail: dict[str, object]


def entries(limit: int = 200) -> list[Entry]:
    """The newest entries, newest first."""
    rows = AuditEntry.select().order_by(AuditEntry.id.desc()).limit(limit)
    return [_entry(row) for row in rows]


def since(at: datetime, actions: Collection[str]) -> list[Entry]:
    """Every entry of these kinds from this moment on, oldest first."""
    rows = AuditEntry.select().where(AuditEntry.at >= at, AuditEntry.action.in_(actions)).order_by(AuditEntry.id)
    return [_entry(row) for row in rows]


def newest(action: str) -> Entry | None:
    """The last entry of this kind; None when there is none."""
    row = AuditEntry.select().where(AuditEntry.action == action).order_by(AuditEntry.id.desc()).first()
    return None if row is None else _entry(row)


def is_known(action: str, subject: str) -> bool:
    """Whether the journal has this kind of entry with this subject, however its capitals are written."""
    same = folded_column(AuditEntry.subject) == folded(subject)
    return bool(AuditEntry.select().where(AuditEntry.action == action, same).exists())


def entries_about(subject: str) -> list[Entry]:
    """Every entry with this subject, oldest first. Ids of different tables look alike: mind the action too."""
    rows = AuditEntry.select().where(AuditEntry.subject == subject).order_by(AuditEntry.id)
    return [_entry(row) for row in rows]


def _entry(row: AuditEntry) -> Entry:
    return Entry(row.at, Actor.read(row.actor), row.action, row.subject, json.loads(row.detail))
