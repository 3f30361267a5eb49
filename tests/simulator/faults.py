"""Faults and their times. A spec is `KIND[:ARGUMENT][@WHEN]`, several separated by commas:

    cms:38@0.05                    the network refuses with +CMS ERROR: 38, 5 % of the submits
    unanswered@=7                  the 7th submit is taken by the network and no result line ever comes
    noreport@10%                   the network takes it and never reports on it
    urc@0.2                        lines that nobody asked for, before 20 % of the lines of answers
    hang:taken/30@=3               the 3rd submit is taken, then the modem says nothing for 30 s
    number:+32470000001=cms:1      whatever is sent to that number, for the faults of submits

Without `@WHEN`, always. `@=N` counts AT+CMGS commands from 1. Chance comes from the seed alone. The kinds and their
arguments are the rows of mishaps.csv, which `python -m modem.sim --help` shows.
"""

import csv
import random
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

# What a kind strikes, and how often its dice are rolled:
# network  a submit, when the network decides about it; may bind to a recipient
# submit   what happens to the modem at a submit, whoever it is for
# line     a line that the modem says
# command  a command line
# start    once, when the modem is switched on
# text     a text that somebody sends to this SIM; may bind to a sender
Of = Literal["network", "submit", "line", "command", "start", "text"]
# By what an argument is: its form, its name in a sentence, and in --help.
_ARGUMENTS = {
    "": ("", "no argument", ""),
    "code": (r"(?P<code>0x[0-9A-Fa-f]+|\d+)", "a code from {lowest} to {highest}", "CODE"),
    "seconds": (r"(?P<seconds>\d+(?:\.\d+)?)", "seconds", "SECONDS"),
    "stage": (
        r"(?:(?P<stage>prompt|pdu|taken)(?:/(?=\d)|$))?(?P<seconds>\d+(?:\.\d+)?)?",
        "a stage (prompt, pdu, taken), or / and seconds",
        "[STAGE/]SECONDS",
    ),
    "refusal": (
        r"(?P<code>\d+)/(?P<seconds>\d+(?:\.\d+)?)",
        "a code from {lowest} to {highest}, / and seconds",
        "CODE/SECONDS",
    ),
    "word": (".+", "a word", "NAME"),
}
_CODED = ("code", "refusal")


@dataclass(frozen=True, slots=True)
class Kind:
    """`argument` is what may follow the colon, one of `words` where there are any; `needs`: it must. Codes lie from
    `lowest` to `highest`; `default` stands for a code, or for seconds, that are not given.
    """

    name: str
    of: Of
    argument: str
    needs: bool
    lowest: int
    highest: int
    default: int
    words: tuple[str, ...]
    meaning: str

    @property
    def form(self) -> str:
        return "|".join(self.words) or _ARGUMENTS[self.argument][0]

    @property
    def argument_words(self) -> str:
        """The argument, for a sentence."""
        told = " or ".join(self.words) or _ARGUMENTS[self.argument][1]
        return told.format(lowest=self.lowest, highest=self.highest)

    @property
    def usage(self) -> str:
        """`late:SECONDS`, `hang[:[STAGE/]SECONDS]`, as --help shows it."""
        argument = "|".join(self.words) or _ARGUMENTS[self.argument][2]
        return self.name if not argument else f"{self.name}:{argument}" if self.needs else f"{self.name}[:{argument}]"


def _kind(row: dict[str, Any]) -> Kind:
    row |= {name: int(row[name] or 0) for name in ("lowest", "highest", "default")}
    return Kind(**row | {"needs": bool(row["needs"]), "words": tuple(filter(None, row["words"].split("|")))})


_TABLE = files("tests.simulator").joinpath("mishaps.csv").read_text(encoding="utf-8")
KINDS = {row["name"]: _kind(row) for row in csv.DictReader(_TABLE.splitlines())}


def described() -> str:
    """The table for --help."""
    width = max(len(kind.usage) for kind in KINDS.values())
    return "\n".join(f"  {kind.usage:{width}}  {kind.meaning}" for kind in KINDS.values())


_SPEC = re.compile(
    r"(?:number:(?P<number>\+?\d+)=)?(?P<kind>[a-z]+(?:-[a-z]+)*)(?::(?P<argument>[^@,=]+))?"
    r"(?:@(?:=(?P<nth>\d+)|(?P<percent>100|\d{1,2}(?:\.\d+)?)%|(?P<rate>0?\.\d+|[01](?:\.0+)?)))?"
)

STRAY_LINES = (
    "^RSSI:14", '^HCSQ:"LTE",42,39,90,20', "+CIEV: 5,2", "RING", "+CREG: 1", "*RADIOPOWER: 1", "+ZUSIMR:2",
    "^BOOT:20431022,0,0,0,77", '+CGREG: 1,"00C3","0000A1B2"', "UNDER-VOLTAGE WARNNING", "NO CARRIER", "+CUSD: 2",
)  # fmt: skip


class FaultSpecError(ValueError):
    """A spec that cannot be understood; the text is a sentence for whoever typed it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault. `nth` or `rate` say when; `number` is E.164 when it binds to one recipient (or sender).

    Of the argument, `text` is the whole; its kind takes `code`, `seconds` (0 where none were given) or `stage`.
    """

    kind: str
    text: str
    code: int
    seconds: float
    stage: str
    rate: float
    nth: int | None
    number: str | None

    @classmethod
    def parse(cls, spec: str) -> "Rule":
        """Raises FaultSpecError."""
        found = _SPEC.fullmatch(spec)
        if found is None:
            told = "KIND[:ARGUMENT][@RATE or @=N], with a rate between 0 and 1, or 0 % and 100 %"
            raise FaultSpecError(f"Fault {spec!r} does not read {told}.")
        kind = KINDS.get(found["kind"])
        if kind is None:
            raise FaultSpecError(f"Fault {spec!r}: unknown kind {found['kind']!r}; known are {', '.join(KINDS)}.")
        if found["number"] and kind.of not in ("network", "text"):
            raise FaultSpecError(f"Fault {spec!r}: {found['kind']} cannot depend on the number.")
        text, nth = found["argument"] or "", int(found["nth"]) if found["nth"] else None
        if nth is not None and (kind.of not in ("network", "submit") or nth < 1):
            told = f"@=N counts submits from 1, and {kind.name} must be a fault of submits"
            raise FaultSpecError(f"Fault {spec!r}: {told}.")
        rate = float(found["percent"]) / 100 if found["percent"] else float(found["rate"] or 1)
        code, seconds, stage = _argument(spec, kind, text)
        return cls(found["kind"], text, code, seconds, stage, rate, nth, found["number"])


def _argument(spec: str, kind: Kind, text: str) -> tuple[int, float, str]:
    """Code, seconds and stage of the argument, as the kind wants it."""
    told = re.fullmatch(kind.form, text)
    given = told.groupdict() if told else {}
    code = int(given.get("code") or str(kind.default), 0)
    in_range = kind.argument not in _CODED or kind.lowest <= code <= kind.highest
    if (kind.needs and not text) or (text and not told) or not in_range:
        raise FaultSpecError(f"Fault {spec!r}: {kind.name} takes {kind.argument_words}.")
    seconds = float(given.get("seconds") or (kind.default if kind.argument == "seconds" else 0))
    stage = given.get("stage") or ("pdu" if kind.argument == "stage" else "")
    return (code if kind.argument in _CODED else 0), seconds, stage


class Faults:
    """Rules of one run and their `dice`. `submits` is the number of AT+CMGS till now, `struck` how often each kind."""

    def __init__(self, specs: Iterable[str] = (), seed: int = 0) -> None:
        """Raises FaultSpecError."""
        self.submits = 0
        self.struck: Counter[str] = Counter()
        self.dice = random.Random(seed)
        self.replace(specs)

    def replace(self, specs: Iterable[str]) -> None:
        """Other rules from now on, with the same dice and counts. Raises FaultSpecError and changes nothing."""
        rules = [Rule.parse(spec.strip()) for text in specs for spec in text.split(",") if spec.strip()]
        self.rules = rules
        self.kinds = {rule.kind for rule in rules}
        self.of_lines = any(KINDS[kind].of == "line" for kind in self.kinds)
        self.dribble = "dribble" in self.kinds

    def hits(self, kind: str, number: str | None = None) -> Rule | None:
        """The first rule of this kind that strikes now, for a submit to (or a text from) `number` where that matters.
        It rolls the dice: ask once per occasion.
        """
        if kind not in self.kinds:
            return None
        struck = next((rule for rule in self.rules if rule.kind == kind and self._strikes(rule, number)), None)
        if struck:
            self.struck[kind] += 1
        return struck

    def filters(self, number: str, text: str) -> bool:
        """True when the network drops this text by a `filtered` rule."""
        rule = self.hits("filtered", number)
        what, _, which = rule.text.partition("/") if rule else ("", "", "")
        match what:
            case "after":
                return self.submits > int(which)
            case "range":
                return number.startswith(which)
            case "text":
                return which in text
        return what == "all"

    def names(self, kind: str, word: str) -> bool:
        """True when a rule of this kind that has `word` for its argument strikes now."""
        if kind not in self.kinds:
            return False
        return any(rule.kind == kind and rule.text == word and self._strikes(rule, None) for rule in self.rules)

    def _strikes(self, rule: Rule, number: str | None) -> bool:
        if rule.number is not None and rule.number != number:
            return False
        if rule.nth is not None:
            return rule.nth == self.submits
        return rule.rate == 1 or self.dice.random() < rule.rate
