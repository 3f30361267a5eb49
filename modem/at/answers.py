"""The values in the lines of an answer (3GPP TS 27.005 and 27.007; docs/reference/modem-facts.md, "After opening").

A function returns None, or an empty value, if the lines do not contain its value: a modem may add further lines, so a
line is recognised by its name, never by its place.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

# Home and roaming, also where only SMS is served (6, 7).
_REGISTERED = frozenset({1, 5, 6, 7})
_IMS_SMS = 0x4
_MOST_DIGITS = 9
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class NetworkStatus:
    """27.007 § 7.2: `status` is <stat>; `access` is <AcT>."""

    status: int
    access: int | None = None

    @property
    def registered(self) -> bool:
        return self.status in _REGISTERED


@dataclass(frozen=True, slots=True)
class StorageUse:
    """27.005 § 3.2.2: one message storage and how full it is."""

    name: str
    used: int
    total: int


def fields(text: str) -> list[str]:
    """At least one field: `0,2,"20601",7` → its fields without quotes; a comma inside quotes does not part."""
    return [part.strip() for part in next(csv.reader([text], skipinitialspace=True), []) or [""]]


def value(lines: Iterable[str], name: str) -> str | None:
    """The text behind `name:` in the first such line."""
    for line in lines:
        head, colon, rest = line.partition(":")
        if colon and head.strip() == name:
            return rest.strip()
    return None


def _fields_of(lines: Iterable[str], name: str) -> list[str]:
    """The fields behind `name:`, padded with "" to six: one that is missing is as good as empty."""
    values = fields(value(lines, name) or "")
    return values + [""] * (6 - len(values))


def network_status(lines: Iterable[str], name: str) -> NetworkStatus | None:
    """AT+CREG?, AT+CGREG?, AT+CEREG? (`name` `+CREG` …): <n>,<stat>[,<lac>,<ci>[,<AcT>…]]."""
    _, status, _, _, access, *_ = _fields_of(lines, name)
    stat = _number(status)
    return None if stat is None else NetworkStatus(stat, _number(access))


def announces_ims(lines: Iterable[str]) -> bool | None:
    """AT+CIREP? (27.007 § 8.64): <reporting>,<nwimsvops>: the network announces IMS; None if unknown."""
    announced = _fields_of(lines, "+CIREP")[1]
    return announced == "1" if announced in ("0", "1") else None


def ims(lines: Iterable[str]) -> Literal["sms", "registered", "none", ""]:
    """AT+CIREG? (27.007 § 8.71): <n>,<reg_info>[,<ext_info>], of which (hexadecimal) 4 is SMS; "" for a refusal."""
    _, registered, capabilities, *_ = _fields_of(lines, "+CIREG")
    if registered != "1":
        return "none" if registered == "0" else ""
    capable = re.fullmatch("[0-9A-Fa-f]{1,8}", capabilities) and int(capabilities, 16) & _IMS_SMS
    return "sms" if capable else "registered"


def operator(lines: Iterable[str]) -> tuple[str, int | None] | None:
    """AT+COPS? (27.007 § 7.3): <oper>, in the format that was set, and <AcT>; None while on no network."""
    _, _, name, access, *_ = _fields_of(lines, "+COPS")
    return (shown(name), _number(access)) if name else None


def technology(access: int | None) -> Literal["2G", "3G", "4G"] | None:
    """<AcT> of 27.007 § 7.3: 0, 1, 3 GSM and EGPRS; 2, 4–6 UTRAN and HSPA; from 7 on E-UTRAN and its kin."""
    if access is None:
        return None
    if access in (0, 1, 3):
        return "2G"
    return "3G" if access in (2, 4, 5, 6) else "4G"


def signal_dbm(lines: Iterable[str]) -> int | None:
    """AT+CSQ (27.007 § 8.5): 0–31 are −113 to −51 dBm in steps of 2; 99 is unknown."""
    rssi = _number(_fields_of(lines, "+CSQ")[0])
    return None if rssi is None or rssi > 31 else -113 + 2 * rssi


def pin_state(lines: Iterable[str]) -> str | None:
    """AT+CPIN?: `READY`, `SIM PIN`, `SIM PUK` …; some firmware quotes it."""
    text = value(lines, "+CPIN")
    return text.strip('"').strip().upper() if text else None


def text_line(lines: Iterable[str]) -> str:
    """AT+CGMI, +CGMM, +CGMR: the first line, without the command's name that some models repeat; "" when none."""
    for line in lines:
        text = re.sub(r"^(?:\+\w+|Revision|Manufacturer|Model):\s*", "", line, flags=re.IGNORECASE)
        if text.strip('" '):
            return shown(text.strip('" '))
    return ""


def shown(text: str) -> str:
    """A name as pages and terminals may show it: C1 codes move a terminal's cursor, and no name is longer."""
    return "".join(filter(str.isprintable, text))[:_LONGEST_NAME]


def imei(lines: Iterable[str]) -> str | None:
    """AT+CGSN: 15 digits (14 without the check digit, 16 with the software version)."""
    return _digits(lines, 14, 16)


def serial(lines: Iterable[str]) -> str | None:
    """AT+CGSN of a modem that has a serial number of its maker's instead (27.007 § 5.4): up to 20 characters."""
    matches = (re.fullmatch(r"[0-9A-Za-z](?:[0-9A-Za-z ./-]{0,18}[0-9A-Za-z])?", text_line([line])) for line in lines)
    return next((match[0] for match in matches if match and re.search("[0-9]", match[0])), None)


def imsi(lines: Iterable[str]) -> str | None:
    """AT+CIMI: up to 15 digits (3GPP TS 23.003 § 2.2)."""
    return _digits(lines, 6, 15)


def iccid(lines: Iterable[str]) -> str | None:
    """AT+CCID, +ICCID, ^ICCID?, +QCCID: 18–20 digits beginning with 89 (ITU-T E.118), also from a SIM file's bytes with
    their nibbles swapped (some Huawei); a filling F is dropped.
    """
    for line in lines:
        match = re.search(r"(?<![0-9A-Fa-f])(\d{18,20})F{0,2}(?![0-9A-Fa-f])", line) or re.search(
            r"(?<![0-9A-Fa-f])(98[0-9]{16}[0-9Ff]{0,2})(?![0-9A-Fa-f])", line
        )
        if match:
            digits = match[1]
            if digits.startswith("98"):
                digits = "".join(digits[i + 1 : i + 2] + digits[i] for i in range(0, len(digits), 2))
            return digits.upper().rstrip("F")
    return None


def smsc(lines: Iterable[str]) -> str | None:
    """AT+CSCA?: <sca>[,<tosca>], with the plus sign that type 145 means."""
    address, kind, *_ = _fields_of(lines, "+CSCA")
    return f"+{address}" if address and kind == "145" and not address.startswith("+") else address or None


def storages(lines: Iterable[str]) -> list[StorageUse]:
    """AT+CPMS? ("SM",3,30,…) names its storages; the answer to AT+CPMS=… (3,30,…) does not: name "" then."""
    parts = fields(value(lines, "+CPMS") or "")
    named = len(parts) % 3 == 0 and not parts[0].isdecimal()
    width = 3 if named else 2
    uses = []
    for i in range(0, len(parts) - width + 1, width):
        name, *counts = parts[i : i + 3] if named else ("", *parts[i : i + 2])
        used, total = map(_number, counts)
        if used is not None and total is not None:
            uses.append(StorageUse(shown(name), used, total))
    return uses


def reference(lines: Iterable[str]) -> int | None:
    """AT+CMGS: TP-MR, 0–255 (27.005 § 3.5.1)."""
    number = _number((value(lines, "+CMGS") or "").partition(",")[0].strip(' "'))
    return number if number is not None and number <= 255 else None


def stored_at(line: str) -> tuple[str, int] | None:
    """`+CMTI: "SM",3` and `+CDSI: "SR",1` → storage and index."""
    parts = fields(line.partition(":")[2])
    index = _number(parts[1]) if len(parts) > 1 else None
    return None if index is None else (parts[0], index)


def listed(lines: Iterable[str], name: str) -> list[list[int]]:
    """The numbers that AT+CNMI=? and its like list, per figure: `(0-2),(0,1),2` → [[0, 1, 2], [0, 1], [2]]. A figure
    that cannot be read offers nothing.
    """
    figures = re.findall(r"\(([^()]*)\)|(\d+)", value(lines, name) or "")
    ranges = (re.findall(r"(\d)(?:\s*-\s*(\d))?", bracketed or alone) for bracketed, alone in figures)
    return [
        [number for first, last in pairs for number in range(int(first), int(last or first) + 1)] for pairs in ranges
    ]


def _number(text: str) -> int | None:
    """None also for what no field of these commands holds, and no column takes."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None


def _digits(lines: Iterable[str], shortest: int, longest: int) -> str | None:
    for line in lines:
        if match := re.search(rf"(?<!\d)\d{{{shortest},{longest}}}(?!\d)", line):
            return match[0]
    return None
