"""Final result codes (V.250 § 5.7, 3GPP TS 27.007 § 9.2, 27.005 § 3.2.5)."""

import re
from dataclasses import dataclass
from typing import Literal

from modem.errors import CmeError, CmsError, CommandError

FinalKind = Literal["OK", "ERROR", "CME", "CMS", "CALL"]

_CODED = re.compile(r"\+(CM[ES]) ERROR: ?(\S.*)")
_PLAIN: dict[str, FinalKind] = {
    "OK": "OK",
    "ERROR": "ERROR",
    "COMMAND NOT SUPPORT": "ERROR",  # Huawei
    "TOO MANY PARAMETERS": "ERROR",  # Huawei
}
_CALL_ENDS = frozenset({"NO CARRIER", "NO ANSWER", "NO DIALTONE", "BUSY", "CONNECT"})
_CALL = re.compile(r"AT(?:D|A$|O|H|\+CHUP)")

# What firmware that ignores AT+CMEE=1 writes instead of the number.
_CME_TEXTS = {
    "phone failure": 0,
    "operation not allowed": 3,
    "operation not supported": 4,
    "ph-sim pin required": 5,
    "sim not inserted": 10,
    "sim pin required": 11,
    "sim puk required": 12,
    "sim failure": 13,
    "sim busy": 14,
    "sim wrong": 15,
    "incorrect password": 16,
    "sim pin2 required": 17,
    "sim puk2 required": 18,
    "memory full": 20,
    "not found": 22,
    "no network service": 30,
    "network timeout": 31,
    "unknown": 100,
    "unknown error": 100,
}
_CMS_TEXTS = {
    "me failure": 300,
    "sms service of me reserved": 301,
    "operation not allowed": 302,
    "operation not supported": 303,
    "invalid pdu mode parameter": 304,
    "invalid text mode parameter": 305,
    "sim not inserted": 310,
    "sim pin required": 311,
    "ph-sim pin required": 312,
    "sim failure": 313,
    "sim busy": 314,
    "sim wrong": 315,
    "sim puk required": 316,
    "memory failure": 320,
    "invalid memory index": 321,
    "memory full": 322,
    "smsc address unknown": 330,
    "no network service": 331,
    "network timeout": 332,
    "unknown error": 500,
}
_UNKNOWN_CODE = {"CME": 100, "CMS": 500}


@dataclass(frozen=True, slots=True)
class Final:
    """`code` is there for CME and CMS only; `text` is the line as the modem wrote it."""

    kind: FinalKind
    code: int | None = None
    text: str = ""

    @property
    def ok(self) -> bool:
        return self.kind == "OK"

    def error(self, command: str) -> CommandError:
        """The error to raise for a final that is not OK; it names the command without its arguments."""
        name = command_name(command)
        if self.kind == "CME":
            return CmeError(name, self.code)
        if self.kind == "CMS":
            return CmsError(name, self.code)
        return CommandError(name)


def command_name(command: str) -> str:
    """`AT+CPIN="…"` → `AT+CPIN`: arguments hold PINs and numbers and have no place in an error."""
    return command.partition("=")[0]


def parse_final(line: str, command: str | None) -> Final | None:
    """The final result in a whole line, or None. `NO CARRIER` and its like end only a command about a call; else they
    are URCs.
    """
    if kind := _PLAIN.get(line):
        return Final(kind, text=line)
    if line in _CALL_ENDS:
        return Final("CALL", text=line) if command and _CALL.match(command.upper()) else None
    if line.startswith("+CM") and (coded := _CODED.fullmatch(line)):
        error, value = coded.groups()
        coded_kind: Literal["CME", "CMS"] = "CME" if error == "CME" else "CMS"
        return Final(coded_kind, _code(coded_kind, value), line)
    return None


def _code(kind: Literal["CME", "CMS"], value: str) -> int:
    if value.isascii() and value.isdigit():
        return int(value)
    texts = _CME_TEXTS if kind == "CME" else _CMS_TEXTS
    return texts.get(value.strip().lower(), _UNKNOWN_CODE[kind])
