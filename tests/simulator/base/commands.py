"""AT command lines cut into commands (V.250 § 5.2), their refusal, and lines of profiles, which the simulated SIM fills
in.
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tests.simulator.base.phone import Phone

_PREFIXES = "+^*#%$!_"
_BASIC = re.compile(r"([&\\]?[A-Za-z])(\d*)(=\d*|\?)?")
_EXTENDED = re.compile(r'[+^*#%$!_][^;="?]*(?:"[^"]*"?|[^;"])*')


class Refused(Exception):
    """An AT command's error: a CME code (TS 27.007 § 9.2), a CMS code (TS 27.005 § 3.2.5), or a line as it is; with
    neither, the answer of this kind of modem to an unknown command.
    """

    def __init__(self, kind: Literal["", "CME", "CMS"] = "", code: int = 0, line: str = "") -> None:
        super().__init__(kind, code, line)
        self.kind = kind
        self.code = code
        self.line = line

    def final(self, phone: Phone) -> str:
        """The final result line under the setting of AT+CMEE; a CMS error is always shown."""
        if self.line or not self.kind:
            return self.line or phone.profile.unknown_answer
        if self.kind == "CME" and not phone.settings.error_detail:
            return "ERROR"
        return f"+{self.kind} ERROR: {self.code}"


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a line. `kind`: NAME, NAME=ARGUMENTS, NAME?, NAME=?; `name` in capitals with its prefix."""

    name: str
    kind: Literal["do", "set", "read", "test"]
    arguments: tuple[str, ...]
    written: str

    def number(self, position: int, allowed: Sequence[int], default: int | None = None) -> int:
        """An argument as a number within `allowed`. Raises Refused."""
        text = self.text(position)
        if not text and default is not None:
            return default
        if not text.isdecimal() or int(text) not in allowed:
            raise Refused("CME", 50)
        return int(text)

    def text(self, position: int) -> str:
        """An argument as text, empty when it is missing."""
        return self.arguments[position] if position < len(self.arguments) else ""


Answer = Callable[[Phone, Command], list[str]]


def cut(line: str) -> Iterator[Command]:
    """The commands of a line, without its AT. Raises Refused at what is no command."""
    at = 0
    while at < len(line):
        if line[at] in " ;":
            at += 1
            continue
        start, written = at, (_EXTENDED if line[at] in _PREFIXES else _BASIC).match(line, at)
        if written is None:
            raise Refused
        at = written.end()
        if line[start] in _PREFIXES:
            yield _extended(written[0].strip())
        elif written[1].upper() == "D":  # the rest is a number to dial
            yield Command("D", "do", (line[start + 1 :],), line)
            return
        else:
            yield Command(written[1].upper(), "do", (written[2],), written[0])


def _extended(written: str) -> Command:
    name, equals, value = written.partition("=")
    if not equals:
        kind: Literal["do", "read"] = "read" if name.endswith("?") else "do"
        return Command(name.rstrip("?").strip().upper(), kind, (), written)
    if value.strip() == "?":
        return Command(name.strip().upper(), "test", (), written)
    arguments = tuple(part.strip().strip('"') for part in _divided(value))
    return Command(name.strip().upper(), "set", arguments, written)


def _divided(value: str) -> list[str]:
    """At its commas outside quotes. Ends of lines are garbage in a command, and csv takes none."""
    line = value.replace("\r", " ").replace("\n", " ")
    return next(csv.reader([line], skipinitialspace=True), None) or [""]


def in_character_set(phone: Phone, text: str) -> str:
    """`text` in the form that AT+CSCS sets (TS 27.007 § 5.5); GSM and IRA are the same for all texts used here."""
    return text.encode("utf-16-be").hex().upper() if phone.settings.character_set == "UCS2" else text


def nothing(phone: Phone, command: Command) -> list[str]:
    """OK, and nothing happens."""
    return []


def number_setting(
    name: str, values: Sequence[int], attribute: str, also: Callable[[Phone], str] = lambda phone: ""
) -> Answer:
    """A setting with one number, as AT+CMMS; `also` follows it when it is read."""
    shown = f"({','.join(map(str, values))})"

    def answer(phone: Phone, command: Command) -> list[str]:
        if command.kind == "test":
            return [f"{name}: {shown}"]
        if command.kind == "read":
            return [f"{name}: {getattr(phone.settings, attribute)}{also(phone)}"]
        setattr(phone.settings, attribute, command.number(0, values, 0))
        return []

    return answer


def filled_in(template: str, phone: Phone) -> str:
    """The line with its placeholders (see `Profile.answers`) filled in."""
    values = {"{number}": phone.number, "{smsc}": phone.smsc}
    for name in ("imei", "imsi", "iccid"):
        values[f"{{{name}}}"] = getattr(phone.identity, name)
    for name, value in values.items():
        template = template.replace(name, value)
    return template
