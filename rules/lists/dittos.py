"""Ditto marks of a list, as « idem » and « " »: each stands for what the row above says, is written out, and told."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rules.lists.columns import FIELDS, WORDS
from rules.lists.departures import ACTIVE, LEFT
from rules.lists.roster import Roster
from rules.sentences import Sentence

_WORDS = frozenset(WORDS["dittos"]["words"])
_SIGNS = re.compile(r"[\s–—-]*[\"″“”„»«〃'´`^↑,]{1,4}[\s–—-]*")
_LONGEST = 40
# Nobody agrees, leaves or shares a number by a ditto mark: those cells are asked about.
_OF_ONE = {"consent_sms", "consent_mail_group", "consent", "refusal", "unrelated", LEFT, ACTIVE, "number_shared"}
_COPIED = frozenset(FIELDS) - _OF_ONE


def is_ditto(cell: str) -> bool:
    """True for « idem », « " », « zie boven »."""
    if not cell or len(cell) > _LONGEST or cell[:1].isdigit():
        return False
    return cell.strip(" .:()\"'").casefold() in _WORDS or _SIGNS.fullmatch(cell) is not None


def written_out(roster: Roster, columns: Sequence[str]) -> tuple[Roster, Mapping[int, tuple[Sentence, ...]]]:
    """The list with what each ditto mark stands for, and the notes about them by line. An address of mail is one
    person's: that one is left empty.
    """
    fields = [(at, field) for at, field in enumerate(columns) if field in _COPIED]
    notes: dict[int, tuple[Sentence, ...]] = {}
    rows = []
    above: tuple[str, ...] = ()
    for row in roster.rows:
        marked = [(at, field) for at, field in fields if at < len(row.cells) and is_ditto(row.cells[at])]
        if marked:
            cells = list(row.cells)
            for at, field in marked:
                cells[at] = above[at] if at < len(above) and field != "email" else ""
            notes[row.line] = tuple(_note(row.cells[at], cells[at]) for at, _field in marked)
            row = replace(row, cells=tuple(cells))
        rows.append(row)
        above = row.cells
    return (replace(roster, rows=tuple(rows)), notes) if notes else (roster, notes)


def _note(mark: str, text: str) -> Sentence:
    if not text:
        return Sentence("« {mark} » est laissé vide", {"mark": mark})
    return Sentence("« {mark} » est lu comme « {text} », écrit à la ligne du dessus", {"mark": mark, "text": text[:40]})
