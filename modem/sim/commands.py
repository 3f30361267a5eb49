"""AT command lines: cut into commands (V.250 § 5.2), and the general ones answered (V.250, 3GPP TS 27.007)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from modem.sim.identity import TEST_NETWORK
from modem.sim.phone import Phone, Settings
from modem.sim.profile import GSM

OPERATOR = "SIMULATION"
OPERATOR_SHORT = "SIM"

_BASIC = re.compile(r"([&\\]?[A-Za-z])(\d*)(=\d*|\?)?")
_EXTENDED = re.compile(r'[+^*#%$][^;="?]*(?:"[^"]*"?|[^;"])*')
_COMMA = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')  # outside quotes
_MEANINGS = {
    3: "operation not allowed", 4: "operation not supported", 10: "SIM not inserted", 11: "SIM PIN required",
    12: "SIM PUK required", 16: "incorrect password", 30: "no network service", 50: "incorrect parameters",
}  # fmt: skip


class Refused(Exception):
    """An AT command's error: bare, or a CME code (TS 27.007 § 9.2), or a CMS code (TS 27.005 § 3.2.5)."""

    def __init__(self, kind: Literal["", "CME", "CMS"] = "", code: int = 0) -> None:
        super().__init__(kind, code)
        self.kind = kind
        self.code = code

    def line(self, error_detail: int) -> str:
        """The final result line under this setting of AT+CMEE; a CMS code is always shown."""
        if self.kind == "CMS":
            return f"+CMS ERROR: {self.code}"
        if not self.kind or error_detail == 0:
            return "ERROR"
        return f"+CME ERROR: {self.code if error_detail == 1 else _MEANINGS.get(self.code, 'unknown')}"


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a line. `kind`: NAME, NAME=ARGUMENTS, NAME?, NAME=?; `name` in capitals with its prefix."""

    name: str
    kind: Literal["do", "set", "read", "test"]
    arguments: tuple[str, ...]
    written: str

    def number(self, position: int, allowed: range | tuple[int, ...], default: int | None = None) -> int:
        """An argument as a number within `allowed`. Raises Refused."""
        text = self.arguments[position] if position < len(self.arguments) else ""
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
        found = (_EXTENDED if line[at] in "+^*#%$" else _BASIC).match(line, at)
        if found is None:
            raise Refused
        at = found.end()
        if line[found.start()] in "+^*#%$":
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
    arguments = tuple(part.strip().strip('"') for part in _COMMA.split(value))
    return Command(name.strip().upper(), "set", arguments, written)


def nothing(phone: Phone, command: Command) -> list[str]:
    """OK, and nothing happens."""
    return []


def _echo(phone: Phone, command: Command) -> list[str]:
    phone.settings.echo = command.number(0, (0, 1), 0) == 1
    return []


def _reset_settings(phone: Phone, command: Command) -> list[str]:
    before = phone.settings
    phone.settings = Settings(registration_reports=before.registration_reports, quiet=before.quiet)
    return []


def _dial(phone: Phone, command: Command) -> list[str]:
    raise Refused("CME", 3)


def _identification(phone: Phone, command: Command) -> list[str]:
    about = phone.profile
    return [about.manufacturer, about.model, about.revision, f"IMEI: {phone.identity.imei}"]


def _told(tell: Callable[[Phone], str]) -> Answer:
    def answer(phone: Phone, command: Command) -> list[str]:
        return [] if command.kind == "test" else [tell(phone)]

    return answer


def _error_detail(phone: Phone, command: Command) -> list[str]:
    if command.kind == "test":
        return ["+CMEE: (0-2)"]
    if command.kind == "read":
        return [f"+CMEE: {phone.settings.error_detail}"]
    phone.settings.error_detail = command.number(0, range(3), 0)
    return []


def need_sim(phone: Phone) -> None:
    """Raises Refused unless the SIM is ready."""
    codes = {"ABSENT": 10, "SIM PIN": 11, "SIM PUK": 12}
    if phone.sim_state in codes:
        raise Refused("CME", codes[phone.sim_state])


def _pin(phone: Phone, command: Command) -> list[str]:
    if command.kind == "test":
        return []
    if phone.sim_state == "ABSENT":
        raise Refused("CME", 10)
    if command.kind == "read":
        return [f"+CPIN: {phone.sim_state}"]
    if phone.sim_state == "READY":
        raise Refused("CME", 3)
    if phone.sim_state == "SIM PUK":
        raise Refused("CME", 12)
    if not phone.enter_pin(command.text(0)):
        raise Refused("CME", 16)
    return []


def _pin_tries(phone: Phone, command: Command) -> list[str]:
    return [f"+CPINR: SIM PIN,{phone.pin_tries},3"]


def _imsi(phone: Phone, command: Command) -> list[str]:
    if command.kind == "test":
        return []
    need_sim(phone)
    return [phone.identity.imsi]


def _iccid(phone: Phone, command: Command) -> list[str]:
    if command.name not in phone.profile.iccid:
        raise Refused
    if not phone.card_in:
        raise Refused("CME", 10)
    return [phone.profile.iccid[command.name] + phone.identity.iccid]


def _registration(phone: Phone, command: Command) -> list[str]:
    if command.name not in phone.profile.registration:
        raise Refused
    reports = phone.settings.registration_reports
    if command.kind == "test":
        return [f"{command.name}: (0-2)"]
    if command.kind == "read":
        return [f"{command.name}: {reports.get(command.name, 0)},{phone.registration_line(command.name)}"]
    reports[command.name] = command.number(0, range(3), 0)
    return []


def _operator(phone: Phone, command: Command) -> list[str]:
    settings = phone.settings
    technology = "" if phone.profile.technology == GSM else f",{phone.profile.technology}"
    if command.kind == "test":
        return [f'+COPS: (2,"{OPERATOR}","{OPERATOR_SHORT}","{TEST_NETWORK}"{technology}),,(0-4),(0-2)']
    if command.kind == "read":
        if not phone.registered:
            return [f"+COPS: {2 if phone.deregistered else 0}"]
        name = (OPERATOR, OPERATOR_SHORT, TEST_NETWORK)[settings.operator_format]
        return [f'+COPS: 0,{settings.operator_format},"{name}"{technology}']
    mode = command.number(0, range(5))
    settings.operator_format = command.number(1, range(3), settings.operator_format)
    if mode == 1 and command.text(2) not in (OPERATOR, OPERATOR_SHORT, TEST_NETWORK):
        raise Refused("CME", 30)
    if mode != 3:
        phone.deregistered = mode == 2
    return []


def _quality(phone: Phone, command: Command) -> list[str]:
    if command.kind == "test":
        return ["+CSQ: (0-31,99),(99)"]
    return [f"+CSQ: {phone.quality if phone.network_on and phone.radio_on else 99},99"]


def _functionality(phone: Phone, command: Command) -> list[str]:
    if command.kind == "test":
        return ["+CFUN: (0,1,4),(0,1)"]
    if command.kind == "read":
        return [f"+CFUN: {1 if phone.radio_on else 4}"]
    phone.radio_on = command.number(0, (0, 1, 4), 1) == 1
    return []


def _choice(name: str, values: tuple[str, ...], attribute: str) -> Answer:
    """A setting with quoted values, as AT+CSCS."""

    def answer(phone: Phone, command: Command) -> list[str]:
        if command.kind == "test":
            return [f"{name}: (" + ",".join(f'"{value}"' for value in values) + ")"]
        if command.kind == "read":
            return [f'{name}: "{getattr(phone.settings, attribute)}"']
        if command.text(0) not in values:
            raise Refused("CME", 50)
        setattr(phone.settings, attribute, command.text(0))
        return []

    return answer


GENERAL: dict[str, Answer] = {
    "E": _echo,
    "Z": _reset_settings,
    "&F": _reset_settings,
    "D": _dial,
    "I": _identification,
    **dict.fromkeys(("V", "Q", "X", "S", "H", "&C", "&D", "&W", "&K", "+CHUP", "+IPR", "+IFC"), nothing),
    "+CGMI": _told(lambda phone: phone.profile.manufacturer),
    "+GMI": _told(lambda phone: phone.profile.manufacturer),
    "+CGMM": _told(lambda phone: phone.profile.model),
    "+GMM": _told(lambda phone: phone.profile.model),
    "+CGMR": _told(lambda phone: phone.profile.revision),
    "+GMR": _told(lambda phone: phone.profile.revision),
    "+CGSN": _told(lambda phone: phone.identity.imei),
    "+GSN": _told(lambda phone: phone.identity.imei),
    "+CMEE": _error_detail,
    "+CPIN": _pin,
    "+CPINR": _pin_tries,
    "+CIMI": _imsi,
    **dict.fromkeys(("+CCID", "+ICCID", "^ICCID", "+QCCID"), _iccid),
    **dict.fromkeys(("+CREG", "+CGREG", "+CEREG"), _registration),
    "+COPS": _operator,
    "+CSQ": _quality,
    "+CFUN": _functionality,
    "+CSCS": _choice("+CSCS", ("GSM", "IRA", "UCS2"), "character_set"),
}
