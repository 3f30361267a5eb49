"""Remarks that are not kept and that nobody could judge by their words: each is told of the person to be added."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rules.collation import folded
from rules.lists.answers import is_plain
from rules.lists.columns import IGNORED, WORDS
from rules.lists.remarks import refuses
from rules.lists.roster import Roster
from rules.sentences import Sentence

_OF_NOBODY = frozenset(WORDS["headings"]["kept_by_nobody"])
# A remark, or a doubt: « ? ».
_LETTERS = re.compile(r"[^\W\d_]{2}|\?")
# What so many rows say, and one of ten, is no remark about a person: a town, a state that most are in.
_SEVERAL, _ONE_OF = 5, 10
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Asides:
    """The columns of a list that may contain remarks, by number: what many rows say there. In `unrelated` ones no
    refusal is looked for.
    """

    usual: Mapping[int, frozenset[str]]
    unrelated: frozenset[int] = frozenset()

    def notes(self, cells: Sequence[str]) -> list[Sentence]:
        """The sentences about the remarks of a row. A refusal has its own."""
        told = []
        for at, usual in self.usual.items():
            cell = cells[at] if at < len(cells) else ""
            if not cell or is_plain(cell) or not _LETTERS.search(cell):
                continue
            if at not in self.unrelated and refuses(cell):
                continue
            if folded(cell[:_LONGEST]) not in usual:
                told.append(Sentence("remarque non reprise : « {text} »", {"text": cell[:60]}))
        return told


def asides(roster: Roster, columns: Sequence[str]) -> Asides:
    """The columns without a meaning that are no place, calling or title by their heading."""
    usual = {}
    for at, column in enumerate(columns):
        heading = roster.header[at] if at < len(roster.header) else ""
        if column not in (IGNORED, "unrelated") or at in roster.loose:
            continue
        if set(re.split(r"\W+", folded(heading))) & _OF_NOBODY:
            continue
        said = Counter(folded(row.cells[at][:_LONGEST]) for row in roster.rows if at < len(row.cells) and row.cells[at])
        least = max(_SEVERAL, len(roster.rows) / _ONE_OF)
        usual[at] = frozenset(text for text, times in said.items() if times >= least)
    return Asides(usual, frozenset(at for at in usual if columns[at] == "unrelated"))
