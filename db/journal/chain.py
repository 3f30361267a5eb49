"""The chain over the audit: a signed beginning, and a keyed seal for every entry with the hash of the one before.
Entries are signed when written and sealed later: else writers on PostgreSQL would wait for one another. Triggers refuse
changes; the owner of the database could drop them (`plp audit verify`)."""

import json
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, NamedTuple

from peewee import SQL, fn

from db.engine.base import database, tuples
from db.engine.cached_queries import Prepared
from db.engine.connection import change_in_chunks, give_way, is_postgres_database, writing
from db.journal import audit
from db.journal.audit import key_id, keyed, make_key
from db.models.zone import AuditAnchor, AuditEntry, AuditSeal
from rules.people import MACHINE

# `{in_}` is the tables' schema on PostgreSQL, where a temporary table of the same name would be found first.
_MAY_CHANGE = """
    NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.actor = OLD.actor AND NEW.action = OLD.action
    AND NEW.subject = OLD.subject AND NEW.detail = OLD.detail AND OLD.erased = '' AND (
        NEW.typed = '' AND NEW.erased <> '' AND NEW.mac = OLD.mac AND NEW.typed_mac = OLD.typed_mac
        OR NEW.typed = OLD.typed AND NEW.erased = '' AND NEW.mac <> '' AND OLD.mac = '' AND OLD.typed_mac = ''
    )
"""
_IS_CUT = """
    EXISTS (SELECT 1 FROM {in_}audit_seal AS s, {in_}audit_anchor AS a WHERE s.entry = OLD.id AND s.id <= a.number)
"""
_SEAL_IS_CUT = """
    OLD.id <= (SELECT MAX(number) FROM {in_}audit_anchor)
    AND NOT EXISTS (SELECT 1 FROM {in_}audit_entry AS e WHERE e.id = OLD.entry)
"""

# Table, event, and when it is allowed.
_GUARDS = (
    ("audit_entry", "UPDATE", _MAY_CHANGE),
    ("audit_entry", "DELETE", _IS_CUT),
    ("audit_seal", "UPDATE", "1 = 0"),
    ("audit_seal", "DELETE", _SEAL_IS_CUT),
    ("audit_anchor", "UPDATE", "1 = 0"),
    ("audit_anchor", "DELETE", "1 = 0"),
)
# An entry of a role has the server's date, unless its own is the same to the minute. Whoever owns the table moves whole
# journals, with their dates (`plp move`).
_DATED = """
    IF NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')
        AND abs(extract(epoch FROM NEW.at - (clock_timestamp() AT TIME ZONE 'UTC'))) > 60
    THEN NEW.at := clock_timestamp() AT TIME ZONE 'UTC'; END IF;
    RETURN NEW;
"""
_WORDS = "the journal is not changed"
START = "plp-alerte"
# The action of the entry with which a new key goes on.
MADE = "journal_key_made"
_CHUNK = 500
# Asked every two seconds, nearly always in vain.
_LAST_SEAL = Prepared(AuditSeal.select(AuditSeal.id, AuditSeal.hash).order_by(AuditSeal.id.desc()).limit(1))
_ANCHOR = Prepared(AuditAnchor.select(SQL("1")).limit(1))
_UNSEALED = Prepared(lambda: unsealed().select(AuditEntry.id, AuditEntry.mac).order_by(AuditEntry.id).limit(_CHUNK))


def create_guards() -> None:
    """Make them again, in a database whose schema is up to date. Inside the caller's transaction."""
    postgres = is_postgres_database()
    for table, event, allowed in _GUARDS:
        name = f"{table}_{event.lower()}_guard"
        condition = allowed.format(in_="public." if postgres else "")
        if postgres:
            given_back = "NEW" if event == "UPDATE" else "OLD"
            body = f"IF NOT ({condition}) THEN RAISE EXCEPTION '{_WORDS}'; END IF; RETURN {given_back};"
            _guard_in_postgres(name, table, event, body)
            continue
        database.execute_sql(f"DROP TRIGGER IF EXISTS {name}")
        how = f"WHEN NOT ({condition}) BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
        database.execute_sql(f"CREATE TRIGGER {name} BEFORE {event} ON {table} {how}")
    if postgres:
        _guard_in_postgres("audit_entry_insert_guard", "audit_entry", "INSERT", _DATED)


def _guard_in_postgres(name: str, table: str, event: str, body: str) -> None:
    database.execute_sql(f"DROP TRIGGER IF EXISTS {name} ON public.{table}")
    database.execute_sql(
        f"CREATE OR REPLACE FUNCTION public.{name}() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path = pg_catalog, public, pg_temp AS $$ BEGIN {body} END $$"
    )
    how = f"FOR EACH ROW EXECUTE FUNCTION public.{name}()"
    database.execute_sql(f"CREATE TRIGGER {name} BEFORE {event} ON public.{table} {how}")


class Head(NamedTuple):
    """The end of the chain: the number of its last seal, and its hash. As text `812:9f3c…`."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


def begin_chain(now: datetime) -> None:
    """Sign the beginning, once in a database's life, after its schema was made; and guard it. Raises StoreFault."""
    with writing("seals"):
        create_guards()
        if not AuditAnchor.select().exists() and not AuditEntry.select().exists():
            make_key()
            anchor(now, Head(0, START), 0)


def key_of_database() -> str:
    """The name of the key that signs here; empty where no chain ever began."""
    if made := audit.newest(MADE):
        return str(made.detail["key"])
    return str(AuditAnchor.select(AuditAnchor.key).order_by(AuditAnchor.id.desc()).limit(1).scalar() or "")


def anchor(now: datetime, after: Head, entry: int) -> None:
    """Write down, signed, that the chain begins after this seal, and that entries up to `entry` are cut off."""
    signed = {"key": key_id(), "mac": anchor_signature(after, entry)}
    AuditAnchor.create(at=now, **after._asdict(), entry=entry, **signed)


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
    return beginning()


def beginning() -> Head | None:
    """The seal after which the chain begins; None in a database whose chain never began."""
    base = AuditAnchor.select().order_by(AuditAnchor.number.desc()).first()
    return Head(base.number, base.hash) if base is not None else None


def begin_stretch(by: str, now: datetime) -> None:
    """Go on with the key that is here now: its first entry signs where the chain so far begins and ends. In the
    caller's transaction.
    """
    ends = {"begins": str(beginning() or ""), "head": last_seal()}
    audit.record(now, by, MADE, key=key_id(), **ends)


def last_seal() -> str:
    """The head as text, to be printed where no one can change it; empty before the first seal."""
    last = head()
    return str(last) if last is not None and last.number else ""


def unsealed() -> Any:
    """The entries that have no seal, as a query."""
    return AuditEntry.select().where(~fn.EXISTS(AuditSeal.select(SQL("1")).where(AuditSeal.entry == AuditEntry.id)))


def seal_entries() -> bool:
    """Seal unsealed entries; True when more may wait. A missing beginning is not made here: it must show."""
    last = before = head()
    if last is None or not _ANCHOR.first():
        return False
    new = []
    # Found and reckoned outside the transaction: nobody waits for that.
    for entry, mac in _UNSEALED.rows():
        hashed = Head(last.number + 1, link(last.hash, last.number + 1, entry, mac))
        new.append({"id": hashed.number, "entry": entry, "previous": last.hash, "hash": hashed.hash})
        last = hashed
    if not new:
        return False
    with writing("seals"):
        if head() != before:
            return True  # somebody else sealed meanwhile: once more, from that seal
        AuditSeal.insert_many(new).execute()
    give_way()
    return len(new) == _CHUNK


def cut_beginning(before: datetime, now: datetime) -> int:
    """Delete the journal up to the first entry that is kept; returns how many. First the new beginning is signed: the
    guards then allow it. The last seal is kept. After a kill in the middle, the next call continues."""
    with writing("seals"):
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
    """The number of the first seal to keep, so that every kept entry is younger than any deleted one."""
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


def typed_naming(names: Callable[[str], bool], since: datetime) -> list[int]:
    """The entries from this moment on in which somebody typed a text that `names` is true for."""
    typed = AuditEntry.select(AuditEntry.id, AuditEntry.typed).where(SQL("typed <> ''"), AuditEntry.at >= since)
    return sorted(entry_id for entry_id, text in tuples(typed) if any(map(names, json.loads(text).values())))


def erase_typed(entry_ids: Collection[int], by_entry: int) -> None:
    """Erase the typed text in these entries, in a transaction; its keyed hash stays, with the mark of `by_entry`."""
    for entry_id in entry_ids:
        erased = AuditEntry.update(typed="", erased=erased_mark(entry_id, by_entry), erased_by=by_entry)
        erased.where(AuditEntry.id == entry_id, AuditEntry.erased == "").execute()


def erased_mark(entry_id: int, by_entry: int) -> str:
    """The mark of an erasure by a process that has the key."""
    return keyed("erased", entry_id, by_entry)
