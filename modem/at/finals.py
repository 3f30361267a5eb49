"""Final result codes (V.250 § 5.7, 3GPP TS 27.007 § 9.2, 27.005 § 3.2.5)."""

import re
from dataclasses import dataclass
from typing import Literal

from modem.at.urcs import LINES
from modem.errors import CallEnded, CmeError, CmsError, CommandError

FinalKind = Literal["OK", "ERROR", "CME", "CMS", "CALL"]

_CODED = re.compile(r"\+(CM[ES]) ERROR: ?(\S.*)")
_PLAIN: dict[str, FinalKind] = {
    "OK": "OK",
    "ERROR": "ERROR",
    "COMMAND NOT SUPPORT": "ERROR",  # Huawei
    "TOO MANY PARAMETERS": "ERROR",  # Huawei
}
CALL_ENDS = frozenset({"NO CARRIER", "NO ANSWER", "NO DIALTONE", "BUSY", "CONNECT"})
_CALL = re.compile(r"AT(?:D|A$|O|H|\+CHUP)")

_UNKNOWN_CODE = {"CME": 100, "CMS": 500}


@dataclass(frozen=True, slots=True)
class Final:
    """`code` is set for CME and CMS only; `text` is the line as the modem wrote it."""

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
        if self.kind == "CALL":
            return CallEnded(name, self.text)
        return CommandError(name)


def command_name(command: str) -> str:
    """`AT+CPIN="…"` → `AT+CPIN`, `ATD…;` → `ATD`: PINs and numbers have no place in an error."""
    return "ATD" if command[:3].upper() == "ATD" else command.partition("=")[0]


def parse_final(line: str, command: str | None) -> Final | None:
    """The final result in a whole line, or None. `NO CARRIER` and its like end only a command about a call; else they
    are URCs.
    """
    if kind := _PLAIN.get(line):
        return Final(kind, text=line)
    if line in CALL_ENDS:
        return Final("CALL", text=line) if command and _CALL.match(command.upper()) else None
    if line.startswith("+CM") and (coded := _CODED.fullmatch(line)):
        error, value = coded.groups()
        coded_kind: Literal["CME", "CMS"] = "CME" if error == "CME" else "CMS"
        return Final(coded_kind, _code(coded_kind, value), line)
    return None


def _code(kind: Literal["CME", "CMS"], value: str) -> int:
    if value.isascii() and value.isdigit():
        return int(value)
    code: int = LINES[kind.lower()].get(value.strip().lower(), _UNKNOWN_CODE[kind])
    return code
