"""Mobiles of rows about which a person decides first: no other row of the list takes them meanwhile."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from plp.services.people.reading import Candidate, NumberRepeated, RefusedRow
from rules.lists.columns import cells_by_field
from rules.lists.remarks import RowWaits
from rules.lists.telephones import placed
from rules.members import COLUMNS
from rules.refusals import Refusal


class NumberHeld(NumberRepeated, RowWaits):
    """The mobile is also on a row about which a person decides first."""


def held_mobiles(columns: Sequence[str], not_taken: Iterable[RefusedRow]) -> dict[str, int]:
    """The mobiles of rows that wait for a person, and their lines."""
    held: dict[str, int] = {}
    for row in not_taken:
        if not row.waits:
            continue
        with suppress(Refusal):
            cells, _notes = placed(cells_by_field(columns, row.cells))
            if mobile := cells.get("mobile"):
                held.setdefault(COLUMNS["mobile"].read(mobile), row.line)
    return held


def require_free(candidate: Candidate, held: Mapping[str, int]) -> None:
    """Raise NumberHeld for a mobile in `held`, unless the row says that it is shared."""
    line = held.get(str(candidate.values["mobile"]))
    if line is not None and not candidate.number_shared:
        raise NumberHeld(
            "ce numéro est aussi à la ligne {line}, qui attend : décidez d'abord de celle-là, ou indiquez que le "
            "numéro est partagé",
            line=line,
        )
