"""The network behind the modem: accepts TPDUs, joins the parts of a message, and logs what it accepted.

Message log (`--log`), a line per whole message:
    {"at": ISO UTC, "to": E.164, "text", "encoding": "gsm7|ucs2|8bit", "parts": 1, "references": [TP-MR …],
     "tpdus": [hex …]}
TPDU log (`--tpdu-log`), a line per TPDU, whatever became of its message:
    {"at", "to", "part", "parts", "reference": concatenation reference or null, "mr", "text", "tpdu",
     "t_cmgs": when the first byte of its AT+CMGS came, seconds since the epoch}

Texts and status reports on their way to a SIM, in the order of time, and the storages in which they wait: tiny, and
numbered from 1 (3GPP TS 27.005 § 3.1).
"""

import heapq
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Literal, NamedTuple, TextIO

from modem.sim.tpdu import Concatenation, Submit, make_report

_encode = json.JSONEncoder(ensure_ascii=False).encode
# A submit that was taken, and its TP-MR.
_Taken = tuple[Submit, int]
Kind = Literal["deliver", "report", "submit"]
# a network that cannot hand something over tries again
RETRY_S = 10.0


def _whole_characters(text: str) -> str:
    """Halves of a surrogate pair joined where both came, shown as U+FFFD where one is missing."""
    if text.isascii():
        return text
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


class Journal:
    """Lines of JSON, appended and flushed one by one; with no path, only kept in `lines`."""

    def __init__(self, path: Path | None = None, *, keep: bool = False) -> None:
        self.lines: list[Mapping[str, Any]] = []
        self._keep = keep
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None

    def write(self, line: Mapping[str, Any]) -> None:
        if self._keep:
            self.lines.append(line)
        if self._file:
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

    messages: Journal = field(default_factory=lambda: Journal(keep=True))
    tpdus: Journal = field(default_factory=lambda: Journal(keep=True))
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


@dataclass(slots=True)
class Stored:
    """One place of storage. `status` as in TS 27.005 § 3.1: 0 unread, 1 read, 2 unsent, 3 sent."""

    kind: Kind
    status: int
    pdu: bytes


@dataclass(slots=True)
class Storage:
    """One memory (SM, ME, SR): place → message, at most `places` of them."""

    places: int
    messages: dict[int, Stored] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        return len(self.messages) >= self.places

    def put(self, message: Stored) -> int | None:
        """The place it got, the lowest that was free; None when all are taken."""
        if self.full:
            return None
        place = next(place for place in range(1, self.places + 1) if place not in self.messages)
        self.messages[place] = message
        return place


class Arrival(NamedTuple):
    """One TPDU that comes at `due` (seconds since the epoch); `smsc` (E.164) is empty for the SIM's own centre."""

    due: float
    order: int
    kind: Kind
    tpdu: bytes
    smsc: str


class Arrivals:
    """The queue of one SIM."""

    def __init__(self) -> None:
        self._coming: list[Arrival] = []
        self._order = count()

    @property
    def due(self) -> float | None:
        return self._coming[0].due if self._coming else None

    def add(self, due: float, kind: Kind, tpdu: bytes, smsc: str = "") -> None:
        heapq.heappush(self._coming, Arrival(due, next(self._order), kind, tpdu, smsc))

    def postpone(self, arrival: Arrival, now: float) -> None:
        """It could not be handed over: once more later."""
        self.add(now + RETRY_S, arrival.kind, arrival.tpdu, arrival.smsc)

    def take(self, now: float) -> Arrival | None:
        """The oldest of the arrivals until now."""
        return heapq.heappop(self._coming) if self._coming and self._coming[0].due <= now else None

    def add_report(self, submit: Submit, reference: int, now: float, report_s: float) -> None:
        """The network reports on this submit `report_s` after `now`: its recipient has it."""
        due = now + report_s
        self.add(due, "report", make_report(submit.address, reference, 0, now, due))

    def add_part(self, due: float, tpdu: bytes, sender: str = "") -> None:
        """One SMS-DELIVER comes at `due`; `sender` where it is known."""
        self.add(due, "deliver", tpdu)
