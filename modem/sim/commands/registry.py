"""AT command lines cut into commands (V.250 § 5.2), the words in which they are refused, and lines of profiles and
transcripts, which the simulated SIM fills in.
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from modem.sim.network.phone import PUK_TRIES, Phone

_PREFIXES = "+^*#%$!_"
_BASIC = re.compile(r"([&\\]?[A-Za-z])(\d*)(=\d*|\?)?")
_EXTENDED = re.compile(r'[+^*#%$!_][^;="?]*(?:"[^"]*"?|[^;"])*')
_FINAL = re.compile(r"OK|ERROR|COMMAND NOT SUPPORT|TOO MANY PARAMETERS|\+CM[ES] ERROR:.*")
_CME = {
    3: "operation not allowed", 4: "operation not supported", 10: "SIM not inserted", 11: "SIM PIN required",
    12: "SIM PUK required", 14: "SIM busy", 16: "incorrect password", 30: "no network service",
    50: "incorrect parameters", 100: "unknown",
}  # fmt: skip
_CMS = {
    300: "ME failure", 302: "operation not allowed", 303: "operation not supported",
    304: "Invalid PDU mode parameter", 305: "Invalid text mode parameter", 310: "SIM not inserted",
    311: "SIM PIN required", 314: "SIM busy", 316: "SIM PUK required", 321: "Invalid memory index", 322: "memory full",
    330: "SMSC address unknown", 331: "no network service", 332: "network timeout", 500: "unknown error",
}  # fmt: skip


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
        """The final result line under the setting of AT+CMEE and in the style of the kind of modem."""
        detail = phone.settings.error_detail
        if self.line or not self.kind:
            return self.line or phone.profile.unknown_answer
        if self.kind == "CME":
            return f"+CME ERROR: {self.code if detail == 1 else _CME.get(self.code, 'unknown')}" if detail else "ERROR"
        code = phone.profile.sms_error or self.code
        return cms_line(code, phone)


class NeverAnswered(Exception):
    """A command to which this modem says nothing at all."""


def cms_line(code: int, phone: Phone) -> str:
    """A CMS error is always told, in words where AT+CMEE=2 asks for them."""
    return f"+CMS ERROR: {_CMS.get(code, code) if phone.settings.error_detail == 2 else code}"


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
        """An argument as text, empty when it is not there."""
        return self.arguments[position] if position < len(self.arguments) else ""


Answer = Callable[[Phone, Command], list[str]]


def cut(line: str) -> Iterator[Command]:
    """The commands of a line, without its AT. Raises Refused at what is no command."""
    at = 0
    while at < len(line):
        if line[at] in " ;":
            at += 1
            continue
        found = (_EXTENDED if line[at] in _PREFIXES else _BASIC).match(line, at)
        if found is None:
            raise Refused
        at = found.end()
        if line[found.start()] in _PREFIXES:
            yield _extended(found[0].strip())
        elif found[1].upper() == "D":  # the rest is a number to dial
            yield Command("D", "do", (line[found.start() + 1 :],), line)
            return
        else:
            yield Command(found[1].upper(), "do", (found[2],), found[0])


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


def is_final(line: str) -> bool:
    """True when `line` is a final result code."""
    return _FINAL.fullmatch(line) is not None


def in_character_set(phone: Phone, text: str) -> str:
    """`text` as AT+CSCS wants it (TS 27.007 § 5.5); GSM and IRA are the same for all that is told here."""
    return text.encode("utf-16-be").hex().upper() if phone.settings.character_set == "UCS2" else text


def nothing(phone: Phone, command: Command) -> list[str]:
    """OK, and nothing happens."""
    return []


def number_setting(
    name: str, values: Sequence[int], attribute: str, also: Callable[[Phone], str] = lambda phone: ""
) -> Answer:
    """A setting with one number, as AT+CMMS; `also` is told behind it when it is read."""
    shown = f"({','.join(map(str, values))})"

    def answer(phone: Phone, command: Command) -> list[str]:
        if command.kind == "test":
            return [f"{name}: {shown}"]
        if command.kind == "read":
            return [f"{name}: {getattr(phone.settings, attribute)}{also(phone)}"]
        setattr(phone.settings, attribute, command.number(0, values, 0))
        return []

    return answer


_OF_THE_CARD = ("{iccid", "{pin_tries}", "{puk_tries}", "{tries}", "{number}", "{smsc}", "{imsi}")


def need_card(phone: Phone, *, unlocked: bool = True) -> None:
    """Raises Refused unless the SIM is there, has been read, and (where `unlocked`) is open."""
    codes = {"SIM PIN": 11, "SIM PUK": 12}
    if phone.sim_state == "ABSENT":
        raise Refused("CME", 10)
    if phone.card_busy:
        raise Refused("CME", 14)
    if unlocked and phone.sim_state in codes:
        raise Refused("CME", codes[phone.sim_state])


def filled_in(template: str, phone: Phone) -> str:
    """The line with its placeholders (see `Profile.answers`) filled in. Raises Refused when the card does not tell."""
    if "{" not in template:
        return template
    if any(name in template for name in _OF_THE_CARD):
        need_card(phone, unlocked="{imsi}" in template)
    for name, value in _values(phone).items():
        template = template.replace(name, value)
    return template


def _values(phone: Phone) -> dict[str, str]:
    iccid = phone.identity.iccid + "F" * (len(phone.identity.iccid) % 2)
    tries = {"SIM PIN": str(phone.pin_tries), "SIM PUK": str(PUK_TRIES)}
    return {
        "{imei}": phone.identity.imei,
        "{imsi}": phone.identity.imsi,
        "{iccid}": phone.identity.iccid,
        "{iccid_swapped}": "".join(iccid[at + 1] + iccid[at] for at in range(0, len(iccid), 2)),
        "{smsc}": phone.smsc,
        "{number}": phone.number,
        "{sim_state}": "NOT INSERTED" if phone.sim_state == "ABSENT" else phone.sim_state,
        "{pin_tries}": str(phone.pin_tries),
        "{puk_tries}": str(PUK_TRIES),
        "{tries}": tries.get(phone.sim_state, ""),
    }
