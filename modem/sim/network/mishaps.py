"""The kinds of fault: the rows of mishaps.csv, by what each strikes and how often its dice are rolled.

network  a submit, when the network decides about it; may bind to a recipient
submit   what happens to the modem at a submit, whoever it is for
line     a line that the modem says
command  a command line
start    once, when the modem is switched on
text     a text that somebody sends to this SIM; may bind to a sender
"""

import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal, cast

Of = Literal["network", "submit", "line", "command", "start", "text"]
Argument = Literal["", "code", "seconds", "stage", "word"]


@dataclass(frozen=True, slots=True)
class Kind:
    """`argument` is what may follow the colon; `needs`: it must. Codes lie from `lowest` to `highest`; `default` stands
    for a code, or for seconds, that are not given.
    """

    name: str
    of: Of
    meaning: str
    argument: Argument = ""
    needs: bool = False
    lowest: int = 0
    highest: int = 0
    default: int = 0
    words: tuple[str, ...] = ()

    @property
    def argument_words(self) -> str:
        """The argument, for a sentence."""
        if self.argument == "code":
            return f"a code from {self.lowest} to {self.highest}"
        words = {"": "no argument", "seconds": "seconds", "stage": "a stage (prompt, pdu, taken), or / and seconds"}
        return " or ".join(self.words) or words.get(self.argument, "a word")

    @property
    def usage(self) -> str:
        """`late:SECONDS`, `hang[:[STAGE/]SECONDS]`, as --help shows it."""
        shown = {"": "", "code": "CODE", "seconds": "SECONDS", "stage": "[STAGE/]SECONDS", "word": "|".join(self.words)}
        argument = shown[self.argument] or "NAME"
        return self.name if not self.argument else f"{self.name}{f':{argument}' if self.needs else f'[:{argument}]'}"


def _kinds() -> dict[str, Kind]:
    table = files(__package__).joinpath("mishaps.csv").read_text(encoding="utf-8")
    return {row["name"]: _kind(row) for row in csv.DictReader(table.splitlines())}


def _kind(row: dict[str, str]) -> Kind:
    return Kind(
        row["name"],
        cast(Of, row["of"]),
        row["meaning"],
        cast(Argument, row["argument"]),
        needs=bool(row["needs"]),
        lowest=int(row["lowest"] or 0),
        highest=int(row["highest"] or 0),
        default=int(row["default"] or 0),
        words=tuple(filter(None, row["words"].split("|"))),
    )


KINDS = _kinds()


def described() -> str:
    """The table for --help."""
    width = max(len(kind.usage) for kind in KINDS.values())
    return "\n".join(f"  {kind.usage:{width}}  {kind.meaning}" for kind in KINDS.values())
