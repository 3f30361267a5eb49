"""The modems that are known, as data: what they are called, where their AT port is, what they need (`models.csv`).

A modem that stands in no row works with the defaults. A row is one kind of hardware; adding a model is adding a row.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, cast, get_args

Kind = Literal["at", "bridge", "hilink", "edl"]
MatchBy = Literal["interface", "protocol"]
Access = Literal["2G", "3G", "4G", "5G"]

TABLE: Final = Path(__file__).with_name("models.csv")
COLUMNS: Final = (
    "model",
    "usb_id",
    "usb_id_before_switch",
    "kind",
    "match_by",
    "at",
    "second_at",
    "ignore",
    "init",
    "cnmi",
    "settle_s",
    "access",
    "note",
)
_USB_ID: Final = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}")
_NUMBER: Final = re.compile(r"[0-9a-f]{2}")
_COMMAND: Final = re.compile(r"AT\S+")
_CNMI: Final = re.compile(r"\d(,\d){4}")
# `E3372` of `E3372s/h`, `MC74` of `MC74xx`, `SARA-U2`: what a model's name is without its variants.
_STEM: Final = re.compile(r"[A-Z][A-Z-]*\d+")


class ModelTableError(ValueError):
    """A table that cannot be read; the sentence names file, line and column."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One kind of modem.

    names                 maker and models, as people know them: `Quectel EC25 EG25`
    usb_ids               `2c7c:0125`, lower case; of a bridge they are the bridge's, not the modem's
    usb_ids_before_switch what it calls itself while it still pretends to be a CD-ROM (usb_modeswitch)
    kind                  at: AT ports; bridge: an AT port behind a UART bridge; hilink: a network card with a web
                          server; edl: Qualcomm's emergency download, a defective modem
    match_by              whether the port columns hold bInterfaceNumber or bInterfaceProtocol
    at, second_at, ignore ports, two hexadecimal digits each as udev writes them, the better ones first
    init                  commands to give after opening, each optional
    cnmi                  the arguments of AT+CNMI to try first; None: the usual ones
    settle_s              how long it may stay silent after its port has come
    access                the newest network it can use
    """

    names: str
    usb_ids: tuple[str, ...]
    usb_ids_before_switch: tuple[str, ...]
    kind: Kind
    match_by: MatchBy | None
    at: tuple[str, ...]
    second_at: tuple[str, ...]
    ignore: tuple[str, ...]
    init: tuple[str, ...]
    cnmi: str | None
    settle_s: float
    access: Access | None
    note: str

    @property
    def maker(self) -> str:
        """The first word of `names` in lower case; "" where that is a model, of several makers."""
        first = self.names.split()[0].lower()
        return "" if _STEM.match(first.upper()) else first

    @property
    def stems(self) -> frozenset[str]:
        """What AT+CGMM may begin with: each model's name whole, and without its variants, in upper case."""
        found = [(word.upper(), stem[0]) for word in self.names.split() if (stem := _STEM.match(word.upper()))]
        return frozenset(stem for pair in found for stem in pair)


@cache
def rows() -> tuple[ModelRow, ...]:
    """The packaged table, in its order."""
    return read_rows(TABLE)


def by_usb_id(usb_id: str) -> tuple[ModelRow, ...]:
    """The rows of `vendor:product` as it is in use; several where models share an id."""
    return tuple(row for row in rows() if usb_id.lower() in row.usb_ids)


def for_model(manufacturer: str, model: str, usb_id: str | None = None) -> ModelRow | None:
    """The row of a modem that says `manufacturer` (AT+CGMI) and `model` (AT+CGMM); None when it is in none.

    A USB id that belongs to one kind of modem decides alone; where models share it, and behind a UART bridge, whose
    id says nothing of the modem, the names do.
    """
    owners = [row for row in by_usb_id(usb_id or "") if row.kind == "at"]
    if len(owners) == 1:
        return owners[0]
    makers = {row.maker for row in rows() if row.maker and row.maker in manufacturer.lower()}
    fitting = [
        (row.maker in makers, letters, row)
        for row in owners or [row for row in rows() if row.kind in ("at", "bridge")]
        if (letters := _letters(row, model)) and (row.maker in makers or not makers or not row.maker)
    ]
    return max(fitting, key=lambda fit: fit[:2])[2] if fitting else None


def read_rows(table: Path) -> tuple[ModelRow, ...]:
    """The rows of any such table. Raises ModelTableError, OSError."""
    with table.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file, strict=True)
        try:
            header = next(lines, [])
            if tuple(header) != COLUMNS:
                raise ModelTableError(f"{table.name}, line 1: the columns must be {','.join(COLUMNS)}")
            return tuple(_row(f"{table.name}, line {lines.line_num}", cells) for cells in lines if cells)
        except (csv.Error, UnicodeDecodeError) as error:
            raise ModelTableError(f"{table.name}, after line {lines.line_num}: {error}") from error


def _row(place: str, cells: list[str]) -> ModelRow:
    if len(cells) != len(COLUMNS):
        raise ModelTableError(f"{place}: {len(cells)} columns instead of {len(COLUMNS)}")
    return _Cells(place, dict(zip(COLUMNS, cells, strict=True))).row()


def _letters(row: ModelRow, model: str) -> int:
    """How many letters of AT+CGMM's answer are the row's."""
    starts = (stem for stem in row.stems if re.search(rf"(?<![A-Z0-9]){re.escape(stem)}", model.upper()))
    return max(map(len, starts), default=0)


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of one line, by column."""

    place: str
    cells: dict[str, str]

    def row(self) -> ModelRow:
        """What the line says. Raises ModelTableError."""
        for column in ("model", "usb_id", "kind"):
            if not self.cells[column].strip():
                raise self.wrong(column, "is empty")
        kind = cast(Kind, self.one_of("kind", get_args(Kind)))
        match_by = cast(MatchBy | None, self.one_of("match_by", get_args(MatchBy)))
        at = self.words("at", _NUMBER, "two hexadecimal digits")
        if kind == "at" and not (at and match_by):
            raise self.wrong("at" if match_by else "match_by", "must say where the AT port is")
        return ModelRow(
            names=self.cells["model"].strip(),
            usb_ids=self.words("usb_id", _USB_ID, "an id like 12d1:1506"),
            usb_ids_before_switch=self.words("usb_id_before_switch", _USB_ID, "an id like 12d1:1506"),
            kind=kind,
            match_by=match_by,
            at=at,
            second_at=self.words("second_at", _NUMBER, "two hexadecimal digits"),
            ignore=self.words("ignore", _NUMBER, "two hexadecimal digits"),
            init=self.words("init", _COMMAND, "a command like AT^CURC=0"),
            cnmi=next(iter(self.words("cnmi", _CNMI, "five figures like 2,1,2,1,0")), None),
            settle_s=self.seconds("settle_s"),
            access=cast(Access | None, self.one_of("access", get_args(Access))),
            note=self.cells["note"].strip(),
        )

    def one_of(self, column: str, allowed: tuple[str, ...]) -> str | None:
        """The cell, one of `allowed`; None where it is empty."""
        text = self.cells[column].strip()
        if text and text not in allowed:
            raise self.wrong(column, f"{text!r} is none of {', '.join(allowed)}")
        return text or None

    def words(self, column: str, form: re.Pattern[str], shape: str) -> tuple[str, ...]:
        """The cell's words, each of the `form` that `shape` describes."""
        found = tuple(self.cells[column].split())
        for word in found:
            if not form.fullmatch(word):
                raise self.wrong(column, f"{word!r} is not {shape}")
        return found

    def seconds(self, column: str) -> float:
        """The cell as seconds, 0 where it is empty."""
        text = self.cells[column].strip()
        if text and not text.isdecimal():
            raise self.wrong(column, f"{text!r} is not a number of seconds")
        return float(text or 0)

    def wrong(self, column: str, what: str) -> ModelTableError:
        """The error to raise."""
        return ModelTableError(f"{self.place}, column {column}: {what}")
