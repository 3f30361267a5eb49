"""The people whom a list adds, each with how its cells were read, on pages of the comparison."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from console.people.members.waiting import PER_PAGE, Waiting
from plp.services.people.comparing import Compared
from rules.collation import squeezed
from rules.lists.columns import IGNORED
from rules.members import CHANNELS, COLUMNS

# What a cell of a whole address, or of one of several columns of consent, was read into.
_FIELDS = {"address": ("street", "house_number", "postal_code"), "box": ("house_number",)}
_CONSENTS = {"consent_sms": ("sms",), "consent_mail_group": ("mail_group",), "consent": CHANNELS, "refusal": CHANNELS}


@dataclass(frozen=True, slots=True)
class ReadCell:
    """A value of somebody who is added, and the cell that it was read from where that is not the same."""

    column: str
    value: object
    written: str = ""


@dataclass(frozen=True, slots=True)
class Additions:
    """A page of the people to add: all of them, or those `in_doubt`."""

    rows: Sequence[Compared]
    page: int
    in_doubt: bool

    @property
    def here(self) -> Sequence[Compared]:
        """Those of this page."""
        return self.rows[PER_PAGE * (self.page - 1) : PER_PAGE * self.page]


def additions(waiting: Waiting, page: int, in_doubt: bool) -> Additions:
    """The page of this number, or the last one."""
    rows = waiting.report.doubted if in_doubt else waiting.report.additions
    return Additions(rows, min(page, max(1, -(-len(rows) // PER_PAGE))), in_doubt)


def read_cells(row: Compared, columns: Sequence[str]) -> Iterator[ReadCell]:
    """The values of a person, in the order of a member's columns, then their consents."""
    written: dict[str, list[str]] = {}
    for column, cell in zip(columns, row.candidate.row.cells, strict=False):
        if column == IGNORED or not cell:
            continue
        for field in _FIELDS.get(column) or _CONSENTS.get(column) or (column,):
            written.setdefault(field, []).append(cell)
    values = row.candidate.values | {"neighbourhood": row.candidate.place}
    for column in (*COLUMNS, "neighbourhood"):
        value, cell = values[column], " · ".join(written.get(column, ()))
        if column in ("first_name", "last_name") or not (value or cell):
            continue
        yield ReadCell(column, value, "" if squeezed(str(value)) == squeezed(cell) else cell)
    for channel in CHANNELS:
        yield ReadCell(channel, getattr(row.candidate.draft, channel), " · ".join(written.get(channel, ())))
