"""Heads of the chain outside the database, one a day in `journal.heads`: a journal made anew does not pass through
them.
"""

import re
from datetime import datetime
from pathlib import Path

from db.engine.connection import bound_state_folder
from db.engine.files import write_whole
from db.journal.chain import Head, head
from db.models.journal_chain import AuditSeal
from plp.rules.calendar import local_date

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
