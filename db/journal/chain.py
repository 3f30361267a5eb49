"""The chain over the audit: a signed beginning, and a keyed seal for each entry with the hash of the one before.

Entries are signed as they are written and sealed a moment later: else writers on PostgreSQL would wait for each other.
Triggers refuse changes of the journal; the owner of the database could drop them (`plp audit verify`). They let
through: details erased with a mark, one signature of what had none, and the cut before an anchor.
"""

import hashlib
import json
from collections.abc import Collection
from datetime import datetime
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import Any, NamedTuple

from peewee import SQL, fn

from db.engine.base import database, tuples
from db.engine.cached_queries import Prepared
from db.engine.connection import change_in_chunks, give_way, is_postgres_database, take_turn, writing
from db.journal import audit
from db.journal.audit import detail_signature, key_id, keyed, signature
from db.journal.reading import values_of
from db.models.zone import AuditAnchor, AuditEntry, AuditSeal
from rules.people import MACHINE

_MAY_CHANGE = """
    NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.actor = OLD.actor AND NEW.action = OLD.action
    AND NEW.subject = OLD.subject
    AND ((OLD.mac = '' AND NEW.detail = OLD.detail AND NEW.erased = OLD.erased)
      OR (NEW.mac = OLD.mac AND NEW.detail_mac = OLD.detail_mac AND NEW.detail = '' AND NEW.erased <> ''))
"""
_IS_CUT = "EXISTS (SELECT 1 FROM audit_seal AS s, audit_anchor AS a WHERE s.entry = OLD.id AND s.id <= a.number)"
# Before the first anchor there are only the seals of an older version, which `begin_chain` replaces.
_SEAL_IS_CUT = "OLD.id <= COALESCE((SELECT MAX(number) FROM audit_anchor), OLD.id)"

# Table, event, and when it is allowed.
_GUARDS = (
    ("audit_entry", "UPDATE", _MAY_CHANGE),
    ("audit_entry", "DELETE", _IS_CUT),
    ("audit_seal", "UPDATE", "1 = 0"),
    ("audit_seal", "DELETE", _SEAL_IS_CUT),
    ("audit_anchor", "UPDATE", "1 = 0"),
    ("audit_anchor", "DELETE", "1 = 0"),
)
_TOLD = "the journal is not changed"


def create_guards() -> None:
    """Make them anew, in a database whose schema is up to date. Inside the caller's transaction."""
    for table, event, allowed in _GUARDS:
        name = f"{table}_{event.lower()}_guard"
        if is_postgres_database():
            given_back = "NEW" if event == "UPDATE" else "OLD"
            database.execute_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            database.execute_sql(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF NOT ({allowed}) THEN RAISE EXCEPTION '{_TOLD}'; END IF; RETURN {given_back}; END $$"
            )
            how = f"FOR EACH ROW EXECUTE FUNCTION {name}()"
        else:
            database.execute_sql(f"DROP TRIGGER IF EXISTS {name}")
            how = f"WHEN NOT ({allowed}) BEGIN SELECT RAISE(ABORT, '{_TOLD}'); END"
        database.execute_sql(f"CREATE TRIGGER {name} BEFORE {event} ON {table} {how}")


def sign_older_entries() -> tuple[int, str, int] | None:
    """Sign what is there and drop seals without a key, in a transaction. The number of these entries, the hash that
    their chain ended in, and the number that did not fit it; None where there are none.
    """
    seals = dict(tuples(AuditSeal.select(AuditSeal.entry, AuditSeal.hash)))
    order = tuples(AuditSeal.select(AuditSeal.entry, AuditSeal.previous).order_by(AuditSeal.id))
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
    return len(entries), seals[order[-1][0]] if order else "", faults


def _without_key(previous: str, entry: AuditEntry) -> str:
    whole = [previous, entry.id, entry.at.isoformat(), entry.actor, entry.action, entry.subject, entry.detail]
    return hashlib.sha256(json.dumps(whole, ensure_ascii=False).encode()).hexdigest()


START = "plp-alerte"
_CHUNK = 500
# Nobody types what their details say, and they are most of a journal.
_CODES_ALONE = ("member_added", "member_changed", "member_deleted", "consent_changed", "sign_in", "session_ended")


class Head(NamedTuple):
    """The end of the chain: the number of its last seal, and its hash. As text `812:9f3c…`."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


def begin_chain(now: datetime) -> None:
    """Sign the beginning, once in a database's life, right after its schema was made or upgraded; and guard it."""
    with writing():
        take_turn("seals")
        create_guards()
        if AuditAnchor.select().exists() or AuditEntry.select().where(AuditEntry.mac != "").exists():
            return
        older = sign_older_entries()
        anchor(now, Head(0, START), 0)
        if older is not None:
            entries, last, faults = older
            audit.record(now, MACHINE, "journal_signed", entries=entries, head=last, faults=faults)


def anchor(now: datetime, after: Head, entry: int) -> None:
    """Write down, signed, that the chain begins after this seal, and that entries up to `entry` are cut off."""
    AuditAnchor.create(
        at=now,
        number=after.number,
        hash=after.hash,
        entry=entry,
        key=key_id(),
        mac=anchor_signature(after, entry),
    )


def anchor_signature(after: Head, entry: int) -> str:
    """The signature of an anchor."""
    return keyed("anchor", after.number, after.hash, entry)


def link(previous: str, number: int, entry: int, mac: str) -> str:
    """The hash of a seal."""
    return keyed("seal", previous, number, entry, mac)


def head() -> Head | None:
    """The end of the chain; None in a database whose chain never began."""
    last = _LAST_SEAL.first()
    if last is not None:
        return Head(*last)
    base = AuditAnchor.select().order_by(AuditAnchor.number.desc()).first()
    return Head(base.number, base.hash) if base is not None else None


def last_seal() -> str:
    """The head as text, to be printed where no one can change it; empty before the first seal."""
    last = head()
    return str(last) if last is not None and last.number else ""


def unsealed() -> Any:
    """The entries that have no seal, as a query."""
    return AuditEntry.select().where(~fn.EXISTS(AuditSeal.select(SQL("1")).where(AuditSeal.entry == AuditEntry.id)))


# Asked every two seconds, nearly always in vain.
_LAST_SEAL = Prepared(AuditSeal.select(AuditSeal.id, AuditSeal.hash).order_by(AuditSeal.id.desc()).limit(1))
_UNSEALED = Prepared(unsealed().select(AuditEntry.id, AuditEntry.mac).order_by(AuditEntry.id).limit(_CHUNK))


def seal_entries() -> bool:
    """Seal some hundred unsealed entries; True when there may be more. A missing beginning is not made here: it must
    show.
    """
    last = before = head()
    if last is None or not AuditAnchor.select().exists():
        return False
    new = []
    # Found and reckoned outside the transaction: nobody waits for that.
    for entry, mac in _UNSEALED.rows():
        hashed = Head(last.number + 1, link(last.hash, last.number + 1, entry, mac))
        new.append({"id": hashed.number, "entry": entry, "previous": last.hash, "hash": hashed.hash})
        last = hashed
    if not new:
        return False
    with writing():
        take_turn("seals")
        if head() != before:
            return True  # somebody else sealed meanwhile: once more, from there
        AuditSeal.insert_many(new).execute()
    give_way()
    return len(new) == _CHUNK


def cut_beginning(before: datetime, now: datetime) -> int:
    """Forget the journal up to the first entry that is kept; returns the number of entries.

    First the new beginning is signed; the guards then let go what stands before it. The last seal always stays. After a
    kill in the middle, the next call goes on.
    """
    with writing():
        take_turn("seals")
        kept = _first_kept(before)
        if kept is not None and kept > 1:
            last = AuditSeal.get_or_none(AuditSeal.id == kept - 1)
            gone = AuditSeal.select(fn.MAX(AuditSeal.entry)).where(AuditSeal.id < kept).scalar()
            if last is not None:
                anchor(now, Head(last.id, last.hash), gone)
                audit.record(now, MACHINE, "journal_cut", entries=last.id)
    base = AuditAnchor.select(fn.MAX(AuditAnchor.number)).scalar() or 0
    old = AuditSeal.select(AuditSeal.id).where(AuditSeal.id <= base).order_by(AuditSeal.id)
    return change_in_chunks(old, _cut)


def _first_kept(before: datetime) -> int | None:
    """The number of the first seal that stays, so that every entry that stays is younger than each that goes."""
    joined = AuditSeal.select(fn.MIN(AuditSeal.id)).join(AuditEntry, on=(AuditEntry.id == AuditSeal.entry))
    first: int | None = joined.where(AuditEntry.at >= before).scalar()
    if first is None:
        first = AuditSeal.select(fn.MAX(AuditSeal.id)).scalar()
    while first is not None:
        lowest = AuditSeal.select(fn.MIN(AuditSeal.entry)).where(AuditSeal.id >= first)
        earlier = AuditSeal.select(fn.MIN(AuditSeal.id)).where(AuditSeal.entry >= lowest).scalar()
        if earlier is None or earlier >= first:
            break
        first = earlier
    return first


def _cut(seals: list[int]) -> int:
    entries = [entry for (entry,) in tuples(AuditSeal.select(AuditSeal.entry).where(AuditSeal.id.in_(seals)))]
    gone = AuditEntry.delete().where(AuditEntry.id.in_(entries)).execute()
    AuditSeal.delete().where(AuditSeal.id.in_(seals)).execute()
    return int(gone)


def entries_naming(words: Collection[str]) -> list[int]:
    """The entries whose details hold one of these words; the many that hold codes alone are not looked at."""
    typed = [action for action in values_of("action") if action not in _CODES_ALONE]
    if not words or not typed:
        return []
    named = reduce(or_, (AuditEntry.detail.contains(word) for word in words))
    rows = AuditEntry.select(AuditEntry.id).where(AuditEntry.action.in_(typed), named).order_by(AuditEntry.id)
    return [entry_id for (entry_id,) in tuples(rows)]


def erase_details(entry_ids: list[int], by: str, now: datetime) -> int:
    """Erase what these entries say beside who, what, when and about what; returns how many. In a transaction.

    Their keyed hash stays, with a signed mark, so that the chain holds.
    """
    done = 0
    for entry_id in entry_ids:
        open_ = AuditEntry.update(detail="", erased=erased_mark(entry_id)).where(AuditEntry.id == entry_id)
        done += int(open_.where(AuditEntry.erased == "").execute())
    if done:
        audit.record(now, by, "journal_details_erased", entries=done)
    return done


def erased_mark(entry_id: int) -> str:
    """The mark of details that were erased by somebody who has the key."""
    return keyed("erased", entry_id)
