"""Verification of the journal: each change, removal and insertion (docs/adr/0031-a-signed-journal.md has what stays
hidden). Heads of the chain stand outside the database too, one a day in `journal.heads`: a journal made anew does not
pass through them.
"""

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
from db.journal.chain import START, Head, anchor_signature, erased_mark, head, link, unsealed
from db.models.zone import AuditAnchor, AuditEntry, AuditSeal
from rules.calendar import local_date
from rules.people import Actor

_FAULTS_TOLD = 20


@dataclass(frozen=True, slots=True)
class Erasure:
    """Typed texts of so many `entries`, erased when a member was forgotten, which the entry `forgotten` tells."""

    entries: int
    number: int
    forgotten: Entry


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """`faults` are sentences; `waiting` entries have no seal yet; `heads` of the given heads could be compared.

    `erasures` say of whom what others had typed was erased, and why.
    """

    sealed: int
    waiting: int
    last_hash: str
    faults: tuple[str, ...]
    head: Head | None
    heads: int
    erasures: tuple[Erasure, ...] = ()


class _Walk:
    """One walk along the chain, from the anchor that holds to the last seal."""

    def __init__(self, heads: Sequence[Head]) -> None:
        self.faults: list[str] = []
        self.sealed = self.compared = 0
        self._erased: Counter[int] = Counter()
        self._forgotten: dict[int, Entry] = {}
        self._heads = sorted(heads)
        self.base, self._gone = self._beginning()
        self.at = self.base

    def seals(self) -> None:
        """Every seal with its entry, then the heads that lie beyond the last one."""
        self._compare()
        for number, entry, previous, hashed, mac, *found in _sealed(self.base.number):
            self.sealed += 1
            if number != self.at.number + 1 or previous != self.at.hash:
                self.faults.append(f"Avant l'entrée {entry}, la chaîne est rompue : un sceau a été enlevé ou changé.")
            if found[0] is None:
                self.faults.append(f"L'entrée {entry} a été enlevée.")
            elif hashed != link(previous, number, entry, mac):
                self.faults.append(f"L'entrée {entry} ({found[1]:%Y-%m-%d %H:%M} UTC) a été changée, ou son sceau.")
            else:
                self._entry(found)
            self.at = Head(number, hashed)
            self._compare()
        beyond = [head for head in self._heads if head.number > self.at.number]
        self.faults += [f"Le journal finit avant la tête {head.number} : la fin a été enlevée." for head in beyond]

    def waiting(self) -> int:
        """Entries without a seal; their signatures must hold too."""
        rows = tuples(unsealed().order_by(AuditEntry.id))
        for row in rows:
            self._entry(row)
        return len(rows)

    def _entry(self, row: Sequence[Any]) -> None:
        entry_id, at, actor, action, subject, detail, typed, typed_mac, mac, erased, erased_by = row
        when = f"L'entrée {entry_id} ({at:%Y-%m-%d %H:%M} UTC)"
        self._erased.update([erased_by] if erased else [])
        if mac != signature(entry_id, at, actor, action, subject, detail, typed_mac):
            self.faults.append(f"{when} a été changée, ou n'a pas été écrite par plp-alerte.")
        elif erased and (typed or erased != erased_mark(entry_id, erased_by)):
            self.faults.append(f"{when} : le texte saisi a été changé ou effacé par quelqu'un d'autre.")
        elif not erased and typed_mac != typed_signature(entry_id, typed):
            self.faults.append(f"{when} : le texte saisi a été changé.")
        elif entry_id <= self._gone:
            self.faults.append(f"{when} avait été oubliée à son échéance : quelqu'un l'a remise.")
        elif action == "member_deleted":
            self._forgotten[entry_id] = Entry(at, Actor.read(actor), action, subject, json.loads(detail))

    def erasures(self) -> tuple[Erasure, ...]:
        """The erasures by the entries that tell of them. After all entries."""
        self.faults += [f"L'entrée {number} a été enlevée." for number in self._erased.keys() - self._forgotten.keys()]
        return tuple(
            Erasure(count, number, self._forgotten[number])
            for number, count in sorted(self._erased.items())
            if number in self._forgotten
        )

    def _compare(self) -> None:
        """The heads of the seal that the walk stands at."""
        while self._heads and self._heads[0].number <= self.at.number:
            head = self._heads.pop(0)
            if head.number < self.at.number:
                continue  # before the beginning that is kept
            self.compared += 1
            if head.hash != self.at.hash:
                self.faults.append(f"La tête {head.number} n'est pas celle qui est donnée : la chaîne a été refaite.")

    def _beginning(self) -> tuple[Head, int]:
        """The anchor that holds, and the greatest entry that was cut off before it."""
        holds: tuple[Head, int] | None = None
        for row in AuditAnchor.select().order_by(AuditAnchor.number, AuditAnchor.id):
            after = Head(row.number, row.hash)
            if row.mac == anchor_signature(after, row.entry):
                holds = after, row.entry
            elif row.key != key_id():
                self.faults.append(
                    f"Le début du journal est signé avec une autre clé que {key_file()} : remettez-la depuis sa copie."
                )
            else:
                self.faults.append(f"Le début du journal, après le sceau {row.number}, a été changé.")
        if holds is None:
            self.faults.append(
                "Le journal n'a pas de début signé : il a été enlevé, ou « plp migrate » n'est pas fini."
            )
        return holds or (Head(0, START), 0)


def verify(heads: Sequence[Head] = ()) -> ChainCheck:
    """Walk the whole chain. `heads` were exported earlier (docs/journal.md): the chain must pass through each."""
    with reading():  # the jobs seal and cut meanwhile
        walk = _Walk(heads)
        walk.seals()
        waiting = walk.waiting()
        erasures = walk.erasures()
    found = walk.at if walk.at.number else None
    last = walk.at.hash if found else ""
    return ChainCheck(walk.sealed, waiting, last, tuple(walk.faults[:_FAULTS_TOLD]), found, walk.compared, erasures)


class Tail(NamedTuple):
    """The end of a journal that a copy of it has not: how many entries, and the head that it had come to."""

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


def _sealed(after: int) -> Any:
    rows = (
        AuditSeal.select(AuditSeal.id, AuditSeal.entry, AuditSeal.previous, AuditSeal.hash, AuditEntry.mac, AuditEntry)
        .join(AuditEntry, JOIN.LEFT_OUTER, on=(AuditEntry.id == AuditSeal.entry))
        .where(AuditSeal.id > after)
        .order_by(AuditSeal.id)
    )
    return rows.tuples().iterator()


_KEPT = 800
_HEAD = re.compile(r"(?<![\w:])(\d{1,12}):([0-9a-f]{64})(?![\w:])")


def heads_file() -> Path:
    """The file in which this machine notes heads."""
    return bound_state_folder() / "journal.heads"


def heads_in(text: str) -> list[Head]:
    """Every head that stands in a text: a note, a mail, an extract of a system's log."""
    return [Head(int(number), hashed) for number, hashed in _HEAD.findall(text)]


def noted_heads() -> list[Head]:
    """The heads that this machine noted. Raises OSError."""
    return heads_in("\n".join(_lines()))


def note_head(now: datetime) -> None:
    """Note where the chain has come to. Raises OSError."""
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
