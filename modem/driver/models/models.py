"""The known modems, as data (`models.csv`): names, AT ports and needs; the others work with the defaults.

A row is one kind of hardware; adding a model is adding a row, the form of which a test checks. Ids that `models.csv`
lacks come from `known.csv`, which `python -m tools.modem_table` makes from ModemManager's rules.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, cast

Kind = Literal["at", "bridge", "hilink", "edl", "managed"]
MatchBy = Literal["interface", "protocol"]
Access = Literal["2G", "3G", "4G", "5G"]

TABLE: Final = Path(__file__).with_name("models.csv")
KNOWN: Final = Path(__file__).with_name("known.csv")
# `E3372` of `E3372s/h`, `MC74` of `MC74xx`, `SARA-U2`: what a model's name is without its variants.
_STEM: Final = re.compile(r"[A-Z][A-Z-]*\d+")


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One kind of modem.

    names                 maker and models, as people know them: `Quectel EC25 EG25`
    usb_ids               `2c7c:0125`, lower case; of a bridge they are the bridge's, not the modem's
    usb_ids_before_switch of the CD-ROM that it pretends to be at first (usb_modeswitch)
    kind                  at: AT ports; bridge: an AT port behind a UART bridge; hilink: a network card with a web
                          server; edl: Qualcomm's emergency download, a defective modem; managed: QMI or MBIM without
                          a usable AT port, which ModemManager drives
    match_by              whether the port columns hold bInterfaceNumber or bInterfaceProtocol
    at, second_at, ignore ports, of two hexadecimal digits as udev writes them, the better ones first
    init                  commands to give after opening, all of them optional
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
        """Beginnings of AT+CGMM's answer: every model's name whole, and without its variants, in upper case."""
        pairs = [(word.upper(), stem[0]) for word in self.names.split() if (stem := _STEM.match(word.upper()))]
        return frozenset(stem for pair in pairs for stem in pair)


@cache
def rows() -> tuple[ModelRow, ...]:
    """The table, in its order; then what only ModemManager knows."""
    own, known = (
        tuple(map(_row, csv.DictReader(file.read_text("utf-8").splitlines(), strict=True))) for file in (TABLE, KNOWN)
    )
    ids = {usb_id for row in own for usb_id in row.usb_ids}
    return own + tuple(row for row in known if not ids & set(row.usb_ids))


def by_usb_id(usb_id: str) -> tuple[ModelRow, ...]:
    """The rows of `vendor:product` as it is in use; several where models share an id."""
    return tuple(row for row in rows() if usb_id.lower() in row.usb_ids)


def for_model(manufacturer: str, model: str, usb_id: str | None = None) -> ModelRow | None:
    """The row of a modem that reports `manufacturer` (AT+CGMI) and `model` (AT+CGMM); None without one.

    A USB id that belongs to one kind of modem decides alone; where models share it, and behind a UART bridge, the names
    do.
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


def _row(cells: dict[str, str]) -> ModelRow:
    words = {column: tuple(cell.split()) for column, cell in cells.items()}
    return ModelRow(
        names=cells["model"],
        usb_ids=words["usb_id"],
        usb_ids_before_switch=words["usb_id_before_switch"],
        kind=cast(Kind, cells["kind"]),
        match_by=cast(MatchBy | None, cells["match_by"] or None),
        at=words["at"],
        second_at=words["second_at"],
        ignore=words["ignore"],
        init=words["init"],
        settle_s=float(cells["settle_s"] or 0),
        access=cast(Access | None, cells["access"] or None),
        note=cells["note"],
    )


def _letters(row: ModelRow, model: str) -> int:
    """The number of letters of AT+CGMM's answer that are the row's."""
    starts = (stem for stem in row.stems if re.search(rf"(?<![A-Z0-9]){re.escape(stem)}", model.upper()))
    return max(map(len, starts), default=0)
