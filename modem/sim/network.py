"""The network behind the modem: accepts TPDUs, joins the parts of a message, and logs what it accepted.

Message log (`--log`), a line per whole message:
    {"at": ISO UTC, "to": E.164, "text", "encoding": "gsm7|ucs2|8bit", "parts": 1, "references": [TP-MR …],
     "tpdus": [hex …]}
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TextIO

Encoding = Literal["gsm7", "ucs2", "8bit"]

_encode = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Concatenation:
    """3GPP TS 23.040 § 9.2.3.24.1 and .8. `wide` when the reference has 16 bits; part `number` of `total`, from 1."""

    reference: int
    total: int
    number: int
    wide: bool


@dataclass(frozen=True, slots=True)
class Submit:
    """One SMS-SUBMIT (3GPP TS 23.040 § 9.2.2.2). `to` is E.164; `text` is hex when 8-bit."""

    to: str
    address: bytes
    text: str
    encoding: Encoding
    concatenation: Concatenation | None
    wants_report: bool
    tpdu: bytes


# A submit that was taken, and its TP-MR.
Taken = tuple[Submit, int]


def whole_characters(text: str) -> str:
    """Halves of a surrogate pair joined where both came, shown as U+FFFD where one is missing."""
    if text.isascii():
        return text
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


class Journal:
    """Lines of JSON, appended and flushed one by one; with no path they are in `lines`."""

    def __init__(self, path: Path | None = None) -> None:
        """Raises OSError."""
        self.lines: list[Mapping[str, Any]] = []
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None

    def write(self, line: Mapping[str, Any]) -> None:
        if self._file is None:
            self.lines.append(line)
        else:
            self._file.write(_encode(line) + "\n")
            self._file.flush()

    def close(self) -> None:
        if self._file:
            self._file.close()


class Network:
    """One SIM's view of the network; its messages are logged at `log`, or kept. Raises OSError."""

    def __init__(self, log: Path | None = None) -> None:
        self.messages = Journal(log)
        self._open: dict[tuple[str, Concatenation], dict[int, Taken]] = {}

    def take(self, submit: Submit, mr: int, now: float) -> None:
        """The network accepts it: from here on a phone may show it. `mr` is the TP-MR that the modem gave."""
        parts = self._join((submit, mr))
        if not parts:
            return
        first, _ = parts[0]
        self.messages.write({
            "at": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
            "to": first.to,
            "text": whole_characters("".join([part.text for part, _ in parts])),
            "encoding": first.encoding,
            "parts": len(parts),
            "references": [reference for _, reference in parts],
            "tpdus": [part.tpdu.hex().upper() for part, _ in parts],
        })  # fmt: skip

    def _join(self, taken: Taken) -> list[Taken]:
        """All parts in order when `taken` completes its message, else nothing. A phone keeps the first of twins."""
        chain = taken[0].concatenation
        if chain is None or chain.total == 1:
            return [taken]
        key = taken[0].to, Concatenation(chain.reference, chain.total, 0, chain.wide)
        parts = self._open.setdefault(key, {})
        parts.setdefault(chain.number, taken)
        if len(parts) < chain.total:
            return []
        del self._open[key]
        return [parts[number] for number in sorted(parts)]

    def close(self) -> None:
        self.messages.close()
