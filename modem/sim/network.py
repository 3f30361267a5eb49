"""The network behind the modem: accepts TPDUs, joins the parts of a message, and logs what it accepted.

Message log (`--log`), a line per whole message:
    {"at": ISO UTC, "to": E.164, "text", "encoding": "gsm7|ucs2|8bit", "parts": 1, "references": [TP-MR …],
     "tpdus": [hex …]}
TPDU log (`--tpdu-log`), a line per TPDU, whatever became of its message:
    {"at", "to", "part", "parts", "reference": concatenation reference or null, "mr", "text", "tpdu",
     "t_cmgs": when the first byte of its AT+CMGS came, seconds since the epoch}
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
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
_Taken = tuple[Submit, int]


def _whole_characters(text: str) -> str:
    """Halves of a surrogate pair joined where both came, shown as U+FFFD where one is missing."""
    if text.isascii():
        return text
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


class Journal:
    """Lines of JSON, appended and flushed one by one; with no path they are in `lines`."""

    def __init__(self, path: Path | None = None) -> None:
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


@dataclass(slots=True)
class Network:
    """One SIM's view of the network. Close it, or use it as a context manager, when it has files.

    `counts`: tpdus, messages, and as repeated the parts that came again before their message was whole.
    """

    messages: Journal = field(default_factory=Journal)
    tpdus: Journal = field(default_factory=Journal)
    counts: Counter[str] = field(default_factory=Counter)
    _open: dict[tuple[str, Concatenation], dict[int, _Taken]] = field(default_factory=dict)

    @classmethod
    def logging_to(cls, messages: Path | None, tpdus: Path | None = None) -> "Network":
        """A network that writes its two logs to files. Raises OSError."""
        return cls(Journal(messages), Journal(tpdus))

    @property
    def incomplete(self) -> int:
        return len(self._open)

    def take(self, submit: Submit, mr: int, now: float, t_cmgs: float) -> None:
        """The network accepts it: from here on a phone may show it. `mr` is the TP-MR that the modem gave."""
        at = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
        chain = submit.concatenation
        self.counts["tpdus"] += 1
        self.tpdus.write({
            "at": at,
            "to": submit.to,
            "part": chain.number if chain else 1,
            "parts": chain.total if chain else 1,
            "reference": chain.reference if chain else None,
            "mr": mr,
            "text": _whole_characters(submit.text),
            "tpdu": submit.tpdu.hex().upper(),
            "t_cmgs": t_cmgs,
        })  # fmt: skip
        parts = self._join((submit, mr))
        if parts:
            self._write_message(at, parts)

    def _join(self, taken: _Taken) -> list[_Taken]:
        """All parts in order when `taken` completes its message, else nothing. A phone keeps the first of twins."""
        chain = taken[0].concatenation
        if chain is None or chain.total == 1:
            return [taken]
        key = taken[0].to, Concatenation(chain.reference, chain.total, 0, chain.wide)
        parts = self._open.setdefault(key, {})
        if parts.setdefault(chain.number, taken) is not taken:
            self.counts["repeated"] += 1
        if len(parts) < chain.total:
            return []
        del self._open[key]
        return [parts[number] for number in sorted(parts)]

    def _write_message(self, at: str, parts: list[_Taken]) -> None:
        self.counts["messages"] += 1
        first, _ = parts[0]
        self.messages.write({
            "at": at,
            "to": first.to,
            "text": _whole_characters("".join([submit.text for submit, _ in parts])),
            "encoding": first.encoding,
            "parts": len(parts),
            "references": [mr for _, mr in parts],
            "tpdus": [submit.tpdu.hex().upper() for submit, _ in parts],
        })  # fmt: skip

    def close(self) -> None:
        self.messages.close()
        self.tpdus.close()

    def __enter__(self) -> "Network":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
