"""Verification of the journal: every change, removal and insertion (docs/adr/0031-a-signed-journal.md). Heads are also
kept in `journal.heads`, one a day: a rebuilt journal does not pass through them."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from peewee import JOIN, fn

from db.engine.base import tuples
from db.engine.connection import bound_state_folder, reading
from db.engine.files import write_whole
from db.journal.audit import Entry, key_file, key_id, signature, typed_signature
from db.journal.chain import MADE, START, Head, anchor_signature, erased_mark, head, link, unsealed
from db.models.zone import AuditAnchor, AuditEntry, AuditSeal
from rules.calendar import local_date
from rules.people import Actor
from rules.sentences import Sentence, coded

_MOST_FAULTS = 20
# The file of this machine's heads, with lines of so many days.
HEADS = "journal.heads"
_KEPT = 800
_HEAD = re.compile(r"(?<![\w:])(\d{1,12}):([0-9a-f]{64})(?![\w:])")


@dataclass(frozen=True, slots=True)
class Erasure:
    """Typed texts of so many `entries`, erased when a member was forgotten, which the entry `forgotten` records."""

    entries: int
    number: int
    forgotten: Entry


@dataclass(frozen=True, slots=True)
class Stretch:
    """The entries `first` to `last`, signed with a key that is no longer here: nothing but their chain can be checked.
    `begun` is the entry `last` + 1, by which somebody went on with a new key.
    """

    first: int
    last: int
    begun: Entry


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """`waiting` entries have no seal yet; `heads` of the given heads could be compared."""

    sealed: int
    waiting: int
    last_hash: str
    faults: tuple[Sentence, ...]
    head: Head | None
    heads: int
    erasures: tuple[Erasure, ...] = ()
    stretches: tuple[Stretch, ...] = ()


class _Walk:
    """One walk along the chain, from the anchor that holds to the last seal."""

    def __init__(self, heads: Sequence[Head]) -> None:
        self.faults: list[Sentence] = []
        self.sealed = self.compared = 0
        self._erased: Counter[int] = Counter()
        self._forgotten: dict[int, Entry] = {}
        self._new_key = _first_of_this_key()
        # That entry is signed, and names the last seal before it: up to there nothing else can be held to a signature.
        ends = heads_in(str(self._new_key[1].detail.get("head", ""))) if self._new_key else []
        self._unsigned_to = ends[0].number if ends else 0
        self._heads = sorted([*heads, *ends])
        self._before: list[tuple[int, Entry | None]] = []
        self.base, self._gone = self._beginning()
        self.at = self.base

    def seals(self) -> None:
        """Every seal with its entry, then the heads that lie beyond the last one."""
        self._compare()
        columns = (AuditSeal.id, AuditSeal.entry, AuditSeal.previous, AuditSeal.hash, AuditEntry.mac, AuditEntry)
        seals = AuditSeal.select(*columns).join(AuditEntry, JOIN.LEFT_OUTER, on=(AuditEntry.id == AuditSeal.entry))
        seals = seals.where(AuditSeal.id > self.base.number).order_by(AuditSeal.id).tuples()
        for number, entry, previous, hashed, mac, *row in seals.iterator():
            self.sealed += 1
            if number != self.at.number + 1 or previous != self.at.hash:
                self._fault("broken_before", entry=entry)
            if row[0] is None:
                self._fault("removed", entry=entry)
            elif number <= self._unsigned_to:
                self._unsigned(row)
            elif hashed != link(previous, number, entry, mac):
                self._fault("seal_changed", entry=entry, at=_minute(row[1]))
            else:
                self._entry(row)
            self.at = Head(number, hashed)
            self._compare()
        for beyond in self._heads:
            if beyond.number > self.at.number:
                self._fault("end_removed", number=beyond.number)

    def waiting(self) -> int:
        """Entries without a seal; their signatures must also be valid."""
        rows = tuples(unsealed().order_by(AuditEntry.id))
        for row in rows:
            self._entry(row)
        return len(rows)

    def _entry(self, row: Sequence[Any]) -> None:
        entry_id, at, actor, action, subject, detail, typed, typed_mac, mac, erased, erased_by = row
        which = {"entry": entry_id, "at": _minute(at)}
        self._erased.update([erased_by] if erased else [])
        if mac != signature(entry_id, at, actor, action, subject, detail, typed_mac):
            self._fault("not_ours", **which)
        elif erased and (typed or erased != erased_mark(entry_id, erased_by)):
            self._fault("erased_otherwise", **which)
        elif not erased and typed_mac != typed_signature(entry_id, typed):
            self._fault("typed_changed", **which)
        elif entry_id <= self._gone:
            self._fault("put_back", **which)
        elif action == "member_deleted":
            self._forgotten[entry_id] = _entry_of(row)

    def _unsigned(self, row: Sequence[Any]) -> None:
        """An entry of before this key: whose signature nobody can check, but that it was not put back, and is one."""
        entry_id, action, erased, erased_by = row[0], row[3], row[9], row[10]
        self._erased.update([erased_by] if erased else [])
        if entry_id <= self._gone:
            self._fault("put_back", entry=entry_id, at=_minute(row[1]))
        elif action == "member_deleted":
            self._forgotten[entry_id] = _entry_of(row)
        self._before.append((entry_id, _entry_of(row) if action == MADE else None))

    def stretches(self) -> tuple[Stretch, ...]:
        """The stretches of keys that are no longer here, oldest first. After all entries."""
        if not self._before or self._new_key is None:
            return ()
        begun = [(number, entry) for number, entry in sorted(self._before) if entry is not None]
        first, found = min(self._before)[0], []
        for number, entry in [*begun, self._new_key]:
            if number > first:
                found.append(Stretch(first, number - 1, entry))
            first = number
        return tuple(found)

    def erasures(self) -> tuple[Erasure, ...]:
        """The erasures by the entries that record them. After all entries."""
        for number in self._erased.keys() - self._forgotten.keys():
            self._fault("removed", entry=number)
        recorded = ((number, count) for number, count in sorted(self._erased.items()) if number in self._forgotten)
        return tuple(Erasure(count, number, self._forgotten[number]) for number, count in recorded)

    def _compare(self) -> None:
        """The heads of the seal that the walk has reached."""
        while self._heads and self._heads[0].number <= self.at.number:
            head = self._heads.pop(0)
            if head.number < self.at.number:
                continue  # before the beginning that is kept
            self.compared += 1
            if head.hash != self.at.hash:
                self._fault("other_head", number=head.number)

    def _beginning(self) -> tuple[Head, int]:
        """The anchor that holds, and the greatest entry that was cut off before it."""
        holds: tuple[Head, int] | None = None
        begins = self._new_key[1].detail.get("begins") if self._new_key else None
        others = []
        for row in AuditAnchor.select().order_by(AuditAnchor.number, AuditAnchor.id):
            after = Head(row.number, row.hash)
            if row.mac == anchor_signature(after, row.entry) or str(after) == begins:
                holds = after, row.entry
            elif row.key == key_id():
                self._fault("beginning_changed", number=row.number)
            else:
                others.append(after.number)
        # Of a lost key, before a beginning that holds, is history.
        if others and (holds is None or max(others) > holds[0].number):
            self._fault("other_key", path=key_file())
        if holds is None:
            self._fault("no_beginning")
        return holds or (Head(0, START), 0)

    def _fault(self, code: str, **values: object) -> None:
        self.faults.append(coded(f"journal_{code}", **values))


def _first_of_this_key() -> tuple[int, Entry] | None:
    """The entry by which somebody went on with the key that is here, signed with it; None for the first key."""
    for row in tuples(AuditEntry.select().where(AuditEntry.action == MADE).order_by(AuditEntry.id.desc())):
        entry_id, at, actor, action, subject, detail, _typed, typed_mac, mac, *_erased = row
        entry = _entry_of(row)
        signed = mac == signature(entry_id, at, actor, action, subject, detail, typed_mac)
        if signed and entry.detail.get("key") == key_id():
            return entry_id, entry
    return None


def _entry_of(row: Sequence[Any]) -> Entry:
    _entry_id, at, actor, action, subject, detail, *_rest = row
    return Entry(at, Actor.read(actor), action, subject, json.loads(detail))


def verify(heads: Sequence[Head] = ()) -> ChainCheck:
    """Walk the whole chain. `heads` were exported earlier (docs/journal.md): the chain must pass through all."""
    with reading():  # the jobs seal and cut meanwhile
        walk = _Walk(heads)
        walk.seals()
        waiting = walk.waiting()
        erasures, stretches = walk.erasures(), walk.stretches()
    end = walk.at if walk.at.number else None
    last = end.hash if end else ""
    faults = tuple(walk.faults[:_MOST_FAULTS])
    return ChainCheck(walk.sealed, waiting, last, faults, end, walk.compared, erasures, stretches)


class Tail(NamedTuple):
    """The end of a journal that a copy of it lacks: how many entries, and the last head."""

    entries: int
    head: Head | None


def tail_after(copy: ChainCheck) -> Tail:
    """The tail of the bound database's journal; all of it, where its chain does not pass through the copy's end."""
    with reading():
        last, waiting = head(), unsealed().count()
        began = AuditAnchor.select(fn.MAX(AuditAnchor.number)).scalar() or 0
        end = copy.head or Head(0, START)
        shared = end.number + copy.waiting if end.number <= began or _passes_through(end) else 0
    return Tail(max(0, (last.number if last else 0) + waiting - shared), last)


def noted_tail(copy: ChainCheck, noted: str) -> Tail | None:
    """The same by the heads that a machine noted, where its database cannot be read; None for no note."""
    last = max(heads_in(noted), default=None)
    return Tail(max(0, last.number - (copy.head.number if copy.head else 0)), last) if last else None


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def heads_file() -> Path:
    """The file in which this machine notes heads."""
    return bound_state_folder() / HEADS


def heads_in(text: str) -> list[Head]:
    """Every head in a text: a note, a mail, an extract of a system's log."""
    return [Head(int(number), hashed) for number, hashed in _HEAD.findall(text)]


def noted_heads() -> list[Head]:
    """The heads that this machine noted. Raises OSError."""
    return heads_in("\n".join(_lines()))


def note_head(now: datetime) -> None:
    """Record the present head of the chain. Raises OSError."""
    last = head()
    if last is None or last.number == 0:
        return
    lines = _lines()
    day = f"{local_date(now)} "
    if lines and lines[-1].startswith(day) and _passes_through(*heads_in(lines[-1])[-1:]):
        lines.pop()
    heads_file().parent.mkdir(parents=True, exist_ok=True)
    write_whole(heads_file(), "".join(f"{line}\n" for line in [*lines, f"{day}{last}"][-_KEPT:]).encode("ascii"))


def _lines() -> list[str]:
    file = heads_file()
    return file.read_text(encoding="ascii", errors="replace").splitlines() if file.exists() else []


def _passes_through(*heads: Head) -> bool:
    return all(AuditSeal.get_or_none(AuditSeal.id == one.number, AuditSeal.hash == one.hash) for one in heads)
