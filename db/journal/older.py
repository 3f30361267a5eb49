"""Entries and seals of a version that signed nothing, as they are taken over once."""

import hashlib
import json
from itertools import pairwise
from typing import NamedTuple

from db.engine.base import tuples
from db.journal.audit import detail_signature, signature
from db.models.journal_chain import AuditSeal
from db.models.zone import AuditEntry


class Older(NamedTuple):
    """Number of entries signed afterwards, the hash that their chain ended in, and the number that did not fit it."""

    entries: int
    head: str
    faults: int


def sign_older_entries() -> Older | None:
    """Sign what is there, count what the old chain does not fit, and drop seals without a key; in a transaction."""
    seals = dict(tuples(AuditSeal.select(AuditSeal.entry, AuditSeal.hash)))
    order = [(entry, previous) for entry, previous in tuples(_in_order())]
    entries = {row.id: row for row in AuditEntry.select()}
    if not entries:
        return None
    faults = sum(
        entry not in entries or _without_key(previous, entries[entry]) != seals[entry] for entry, previous in order
    )
    faults += sum(seals[one[0]] != two[1] for one, two in pairwise(order))
    for row in entries.values():
        of_detail = detail_signature(row.id, row.detail)
        mac = signature(row.id, row.at, row.actor, row.action, row.subject, of_detail)
        AuditEntry.update(detail_mac=of_detail, mac=mac).where(AuditEntry.id == row.id).execute()
    AuditSeal.delete().execute()
    return Older(len(entries), seals[order[-1][0]] if order else "", faults)


def _in_order() -> object:
    return AuditSeal.select(AuditSeal.entry, AuditSeal.previous).order_by(AuditSeal.id)


def _without_key(previous: str, entry: AuditEntry) -> str:
    whole = [previous, entry.id, entry.at.isoformat(), entry.actor, entry.action, entry.subject, entry.detail]
    return hashlib.sha256(json.dumps(whole, ensure_ascii=False).encode()).hexdigest()
