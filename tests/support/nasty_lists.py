"""Thirty and more lists of members as people keep them. Each is a file, what of it can be taken, and how somebody
corrects the rest.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

HEADER = "prénom;nom;gsm;e-mail;langue;quartier;rôle"
ANNE = "Anne;Noël;0470 00 00 01;;fr;Rotheux-Rimière;membre"
LUC = "Luc;Dépôt;0470 00 00 02;;nl;Rotheux-Rimière;membre"


@dataclass(frozen=True)
class Nasty:
    """`kept` rows are taken at once, `refused` not; `mended` replaces texts of the file of refused rows."""

    content: bytes
    kept: int
    refused: int = 0
    mended: dict[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    place: str = ""
    name: str = "liste.csv"


def text(*lines: str, encoding: str = "utf-8", end: str = "\r\n") -> bytes:
    return (end.join(lines) + end).encode(encoding)


def plain(encoding: str, **changes: Any) -> Nasty:
    return Nasty(text(HEADER, ANNE, LUC, encoding=encoding, **changes), 2)


def separated(by: str) -> Nasty:
    return Nasty(text(*(line.replace(";", by) for line in (HEADER, ANNE, LUC))), 2)


def book(*lines: Sequence[Any], dress: Callable[[Any], object] = lambda _book: None) -> bytes:
    """A workbook with these rows on its sheet; `dress` does the rest to it."""
    made = Workbook()
    for line in lines:
        made.active.append(line)
    dress(made)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def workbook(kept: int, *lines: Sequence[Any], dress: Any = lambda _book: None, **others: Any) -> Nasty:
    return Nasty(book(*lines, dress=dress), kept, name="liste.xlsx", **others)


def _hide_the_first(made: Any) -> None:
    made.active.sheet_state = "hidden"
    shown = made.create_sheet("Membres")
    for line in (["Nom", "GSM", "Quartier"], ["Noël", 470000001, "Ehein"]):
        shown.append(line)
    made.active = 1
    made.create_sheet("Anciens").append(["Nom"])


def _merge(made: Any) -> None:
    made.active.merge_cells("C2:C4")
    made.active.merge_cells("A5:C5")


def _count_from_1904(made: Any) -> None:
    made.epoch = CALENDAR_MAC_1904


COLUMNS = ["Nom", "GSM", "Quartier"]
NASTY: dict[str, Nasty] = {
    "UTF-8": plain("utf-8"),
    "UTF-8 with a mark": plain("utf-8-sig"),
    "Windows in Belgium": plain("cp1252"),
    "DOS": plain("cp850"),
    "an old Mac": plain("mac_roman", end="\r"),
    "Excel's Unicode text": Nasty(text(*(x.replace(";", "\t") for x in (HEADER, ANNE)), encoding="utf-16"), 1),
    "UTF-16 without a mark": plain("utf-16-le"),
    "UTF-16, the other way, without a mark": plain("utf-16-be"),
    "commas": separated(","),
    "tabs": separated("\t"),
    "bars": separated("|"),
    "a line that names the separator": Nasty(text("sep=;", HEADER, ANNE), 1),
    "titles and empty lines above": Nasty(text("Partenariat de Rotheux, 2019", "", ";;;;;;", HEADER, ANNE), 1),
    "columns that say nothing to us": Nasty(
        text("Code postal;Remarques;" + HEADER + ";Né le", "4120;à rappeler;" + ANNE + ";12/03/1960"), 1
    ),
    "Dutch capitals": Nasty(text("VOORNAAM;NAAM;GSM-NUMMER;TAAL;WIJK", "An;Maes;0470000001;Nederlands;Ehein"), 1),
    "German": Nasty(text("Vorname;Name;Handy;Sprache;Viertel;Rolle", "A;M;0470000001;Deutsch;Ehein;Koordinator"), 1),
    "stars and colons in the header": Nasty(text("Nom * :;Prénom :;N° GSM;PLP", "Noël;Anne;0470000001;Ehein"), 1),
    "no header": Nasty(
        text("Anne;Noël;0470000001;Ehein", "Luc;Maes;04 330 40 0;Ehein"),
        *(1, 1, {"04 330 40 0": "0470 00 00 02"}),
        columns=("first_name", "last_name", "mobile", "neighbourhood"),
    ),
    "one column for the name": Nasty(text("Nom et prénom;GSM;Quartier", "NOËL Anne;0470000001;Ehein"), 1),
    "one column for the address": Nasty(
        text("Nom;GSM;Quartier;Adresse", "Noël;0470000001;Ehein;Rue Haute 12 bte 3, 4120 Neupré"), 1
    ),
    "no neighbourhood": Nasty(text("Nom;GSM", "Noël;0470000001"), 1, place="Ehein"),
    "mail only": Nasty(text("Nom;E-mail;Quartier", "Noël;anne@example.org;Ehein"), 1),
    "cells of several lines": Nasty(text(HEADER, '"Anne\nMarie";Noël;"0470\n000001";;fr;Ehein;membre'), 1),
    "lines cut short, and lines of separators": Nasty(
        text("Nom;GSM;Quartier;E-mail;Rue", "Noël;0470000001;Ehein", ";;;;", "Maes;0470000002;Ehein;;", ""), 2
    ),
    "numbers without their zero": Nasty(text("Nom;GSM;Quartier", "Noël;470000001;Ehein", "Maes;32470000002;Ehein"), 2),
    "numbers in every dress": Nasty(
        text("Nom;GSM;Quartier", "A;+32 (0)470/00.00.01;E", "B;0032 470 00 00 02;E", "C;0470-00-00-03;E"), 3
    ),
    "a number that Excel rounded": Nasty(
        text("Nom;GSM;Quartier", "Noël;4,70E+08;Ehein", "Maes;0470000002;Ehein"), 1, 1, {"4,70E+08": "0470000001"}
    ),
    "a landline for a mobile": Nasty(text("Nom;GSM;Quartier", "Noël;04 330 40 00;Ehein", "Maes;0470000002;Ehein"), 2),
    "somebody twice": Nasty(
        text("Nom;GSM;Quartier", "Noël;0470000001;Ehein", "Noel;0470 00 00 01;Ehein"),
        *(1, 1, {"0470 00 00 01": "0470 00 00 02"}),
    ),
    "a separator inside a value": Nasty(
        text("Nom;GSM;Quartier", "Noël;fils;0470000001;Ehein", "Maes;0470000002;Ehein"),
        *(1, 1, {"Noël;fils": "Noël, fils"}),
    ),
    "a shifted row under an unnamed column": Nasty(
        text("Nom;GSM;Quartier;", "Noël;;0470000001;Ehein", "Maes;0470000002;Ehein;"), 1, 1, {"Noël;;": "Noël;"}
    ),
    "answers that are none": Nasty(
        text("Nom;GSM;Quartier;Accord SMS", "Noël;0470000001;Ehein;peut-être", "Maes;0470000002;Ehein;oui"),
        *(1, 1, {"peut-être": "non"}),
    ),
    "formulas": Nasty(
        text("Nom;GSM;Quartier", '"=HYPERLINK(""x"")";0470000001;Ehein', "@Maes;101;Ehein", "-Rossi;102;Ehein"),
        *(1, 2, {";101;": ";0470000002;", ";102;": ";0470000003;"}),
    ),
    "numbers of a workbook": workbook(
        *(2, COLUMNS, ["Noël", 470000001, "Ehein"], [12, 32470000002.0, "Ehein"], ["Maes", 4330400, "Ehein"]),
        refused=1,
        mended={"4330400": "0470000003"},
    ),
    "dates of a workbook": workbook(
        1,
        [*COLUMNS, "Né le"],
        ["Noël", 470000001, "Ehein", date(1960, 3, 12)],
        [date(1960, 3, 12), 470000002, "Ehein", None],
        ["Maes", 470000003, date(1960, 3, 12), None],
        refused=2,
        mended={"12/03/1960;0470000002": "Rossi;0470000002", "0470000003;12/03/1960": "0470000003;Ehein"},
    ),
    "dates of a Mac's workbook": workbook(
        *(0, COLUMNS, [date(1960, 3, 12), 470000001, "Ehein"]),
        dress=_count_from_1904,
        refused=1,
        mended={"12/03/1960;": "Noël;"},
    ),
    "house numbers that became dates": workbook(
        1,
        [*COLUMNS, "Rue", "N°"],
        ["Noël", 470000001, "Ehein", "rue Haute", date(2026, 3, 2)],
    ),
    "merged cells": workbook(
        3,
        COLUMNS,
        ["Noël", 470000001, "Ehein"],
        ["Maes", 470000002, None],
        ["Rossi", 470000003, None],
        ["Total : trois personnes", None, None],
        dress=_merge,
        refused=1,
        mended={"Total : trois personnes;;": "Total;0470000004;Ehein"},
    ),
    "errors of Excel": workbook(
        *(0, COLUMNS, ["Noël", 470000001, "#N/A"]), refused=1, mended={"0470000001;#N/A": "0470000001;Ehein"}
    ),
    "a hidden sheet before the list": workbook(1, ["rien"], dress=_hide_the_first),
    "yes and no of a workbook": workbook(
        *(2, [*COLUMNS, "Accord SMS"], ["Noël", 470000001, "E", True], ["Maes", 470000002, "E", False])
    ),
}
