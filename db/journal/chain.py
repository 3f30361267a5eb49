"""A hash chain over the audit: what was changed, removed or slipped in afterwards shows.

Entries are sealed a moment after they are written, in the order in which they are found: sealing as they are written
would make every writer on PostgreSQL wait for every other. Who can write to the database can make the whole chain
anew, but not so that it still ends in a hash that was printed or written down before.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from db.engine.connection import give_way, take_turn, writing
from db.models.journal_chain import AuditSeal
from db.models.zone import AuditEntry

START = "plp-alerte"
_CHUNK = 500
_FAULTS_TOLD = 20


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """`faults` are whole sentences, empty for a chain that holds; `waiting` entries have no seal yet."""

    sealed: int
    waiting: int
    last_hash: str
    faults: tuple[str, ...]


def seal_entries() -> bool:
    """Seal what has no seal yet, some hundred at a time; True when there may be more."""
    last = previous = _last_hash()
    new = []
    # Found and reckoned outside the transaction: nobody waits for that.
    for entry in _unsealed().order_by(AuditEntry.id).limit(_CHUNK):
        digest = _hash(previous, entry)
        new.append({"entry": entry.id, "previous": previous, "hash": digest})
        previous = digest
    if not new:
        return False
    with writing():
        take_turn("seals")
        if _last_hash() != last:
            return True  # somebody else sealed meanwhile: once more, from there
        AuditSeal.insert_many(new).execute()
    give_way()
    return len(new) == _CHUNK


def forget_seals() -> None:
    """Drop the beginning of the chain whose entries were forgotten in due time. Inside the caller's transaction.

    Only the beginning: a hole further on is somebody's doing, and must show.
    """
    kept = AuditSeal.select(AuditSeal.id).join(AuditEntry, on=(AuditEntry.id == AuditSeal.entry))
    first = kept.order_by(AuditSeal.id).limit(1).scalar()  # MIN would look at every seal
    forgotten = AuditSeal.delete()
    (forgotten.where(AuditSeal.id < first) if first is not None else forgotten).execute()


def verify() -> ChainCheck:
    """Walk the whole chain."""
    faults: list[str] = []
    previous, sealed = None, 0
    rows = (
        AuditSeal.select(AuditSeal, AuditEntry)
        .join(AuditEntry, JOIN.LEFT_OUTER, on=(AuditEntry.id == AuditSeal.entry), attr="found")
        .order_by(AuditSeal.id)
    )
    for seal in rows.iterator():
        sealed += 1
        if previous is not None and seal.previous != previous:
            faults.append(f"Avant l'entrée {seal.entry}, la chaîne est rompue : un sceau a été enlevé ou changé.")
        entry = getattr(seal, "found", None)
        if entry is None or entry.id is None:
            faults.append(f"L'entrée {seal.entry} a été enlevée.")
        elif _hash(seal.previous, entry) != seal.hash:
            faults.append(f"L'entrée {seal.entry} ({entry.at:%Y-%m-%d %H:%M} UTC) a été changée.")
        previous = seal.hash
    waiting = _unsealed().count()
    return ChainCheck(sealed, waiting, previous or "", tuple(faults[:_FAULTS_TOLD]))


def last_seal() -> str:
    """The hash that the chain ends in, to be printed where no one can change it; empty before the first."""
    row = AuditSeal.select(AuditSeal.hash).order_by(AuditSeal.id.desc()).first()
    return row.hash if row is not None else ""


def _unsealed() -> Any:
    sealed = AuditSeal.select().where(AuditSeal.entry == AuditEntry.id)
    return AuditEntry.select().where(~fn.EXISTS(sealed))


def _last_hash() -> str:
    return last_seal() or START


def _hash(previous: str, entry: AuditEntry) -> str:
    at: datetime = entry.at
    whole = [previous, entry.id, at.isoformat(), entry.actor, entry.action, entry.subject, entry.detail]
    return hashlib.sha256(json.dumps(whole, ensure_ascii=False).encode()).hexdigest()
