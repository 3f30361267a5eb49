"""Tables as files for a spreadsheet, in which no cell is computed; and members as one that can be imported again."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Literal

from db.journal import audit
from db.people.members.listing import Filter, cards_in_order, filtered_ids, shared_numbers
from plp.services.apart import counted
from rules.lists.columns import FRENCH
from rules.members import COLUMNS
from rules.replies.unseen import named

Format = Literal["csv", "xlsx"]
Taken = Literal["members_exported", "broadcast_people_taken", "plan_b_taken", "account_printed"]
_AT_ONCE = 1000
_PIECE_BYTES = 64 * 1024


def export_members(wanted: Filter, kind: Format, by: str, now: datetime) -> Iterator[bytes]:
    """These members as a file, piece by piece; the journal records at once how many, and who downloaded them."""
    ids = filtered_ids(wanted)
    audit.record(now, by, "members_exported", "", members=len(ids))
    further = ("neighbourhood", "consent_sms", "consent_mail_group", "number_shared")
    heads = [FRENCH[name] for name in (*COLUMNS, *further)]
    return pieces(chain([heads], counted(_lines(ids), len(ids))), kind)


def record_taken(what: Taken, subject: str, by: str, now: datetime, **counts: int) -> None:
    """Names and numbers leave the console: the journal records who took them."""
    audit.record(now, by, what, subject, **counts)


def _lines(ids: list[int]) -> Iterator[list[str]]:
    shared = shared_numbers()
    for start in range(0, len(ids), _AT_ONCE):
        for card in cards_in_order(ids[start : start + _AT_ONCE]):
            stored = ((column, getattr(card, name)) for name, column in COLUMNS.items())
            cells = [column.written(value) if value else "" for column, value in stored]
            answers = (card.sms, card.mail_group, card.mobile in shared)
            yield [*cells, card.neighbourhood, *("oui" if given else "non" for given in answers)]


def harmless(cell: str) -> str:
    """A text that begins as a formula does is text to a spreadsheet; a number keeps its plus. Unseen is named."""
    is_number = cell[1:].replace(" ", "").isdigit()
    formula = cell.startswith(("=", "@", "\t", "\r")) or (cell.startswith(("+", "-")) and not is_number)
    return named(f"'{cell}" if formula else cell)


def written(rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file that Excel reads as UTF-8, whole."""
    return b"".join(pieces(rows, "csv"))


def pieces(rows: Iterable[Sequence[str]], kind: Format) -> Iterator[bytes]:
    """A CSV file that Excel reads as UTF-8, or a workbook of texts, in pieces: no more of it is in memory at once."""
    guarded = ([harmless(cell) for cell in row] for row in rows)
    return _csv(guarded) if kind == "csv" else _workbook(guarded)


def _csv(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    table = io.StringIO(newline="")
    table.write("\ufeff")
    lines = csv.writer(table, delimiter=";")
    for row in rows:
        lines.writerow(row)
        if table.tell() > _PIECE_BYTES:
            yield table.getvalue().encode()
            table.seek(0)
            table.truncate()
    yield table.getvalue().encode()


def _workbook(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    from openpyxl import Workbook  # for a moment, and 20 MB

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Membres")
    for row in rows:
        sheet.append(row)
    with tempfile.TemporaryFile() as packed:
        book.save(packed)
        packed.seek(0)
        while piece := packed.read(_PIECE_BYTES):
            yield piece
