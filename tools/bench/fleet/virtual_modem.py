"""A modem that exists in memory only: it takes each part in its time, and reports it as received.

Its port is a file that says who it is. The file `pace` beside it has the seconds that a part takes, which may change.
The port's name with `.log` after it is a file with a line for each part: when the worker came with it, when its intent
was stored, when the network took it (seconds of the machine's steady clock), and its number.
"""

import json
import random
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Unpack

from modem.driver.base.interface import (
    Before,
    Capability,
    ImsState,
    ModemEvent,
    ModemIdentity,
    Registration,
    Ring,
    StorageUse,
    StoredContent,
    StoredEvent,
    Wiring,
)
from modem.errors import CommandError
from modem.sms.message import OutgoingPart, StatusReport

# No two modems are alike, and eight hundred that are would all ask at the same moment.
_JITTER = 0.1
_REPORT_S = 3.0


class HandOver(NamedTuple):
    """A part at one modem, in seconds of the machine's steady clock."""

    came_s: float
    started_s: float
    taken_s: float
    msisdn: str


def make_port(port: Path, number: int) -> tuple[str, str]:
    """Plug in the modem with this number; returns its IMEI and the IMSI of its card."""
    imei, imsi = f"35{number:013}", f"20601{number:010}"
    port.write_text(json.dumps([imei, imsi]))
    _log_of(port).touch()
    return imei, imsi


def set_pace(folder: Path, seconds: float) -> None:
    """Each part that begins from now on takes a modem of this folder about so long."""
    fresh = folder / "pace.new"
    fresh.write_text(str(seconds))
    fresh.replace(folder / "pace")


def handed_over(port: Path) -> list[HandOver]:
    """The parts that this modem took, in order. A last line that is being written is left out."""
    lines = _log_of(port).read_text().split("\n")[:-1]
    rows = (line.split() for line in lines)
    return [HandOver(float(came), float(started), float(taken), to) for came, started, taken, to in rows]


def _log_of(port: Path) -> Path:
    return port.with_name(f"{port.name}.log")


class VirtualModem:
    """A `ModemDriver`, made by the daemon as any other."""

    capabilities: frozenset[Capability] = frozenset()

    def __init__(self, tty: str, **_wiring: Unpack[Wiring]) -> None:
        port = Path(tty)
        self._imei, self._imsi = json.loads(port.read_text())
        self._pace = port.with_name("pace")
        self._log = _log_of(port).open("a", buffering=1)
        self._reference = 0
        self._reports: deque[tuple[float, StatusReport]] = deque()

    def open(self, before: Before | None = None) -> ModemIdentity:
        return ModemIdentity("bench", "virtual", "1", self._imei, self._imsi, f"8932{self._imsi}", "+32475161616")

    def registration(self) -> Registration:
        return Registration(registered=True, technology="2G", operator="20601")

    def submit(self, part: OutgoingPart, on_pdu_start: Callable[[], None]) -> int:
        came_s = time.monotonic()
        on_pdu_start()
        started_s, submitted_at = time.monotonic(), datetime.now(UTC)
        time.sleep(float(self._pace.read_text()) * random.uniform(1 - _JITTER, 1 + _JITTER))
        taken_s = time.monotonic()
        self._log.write(f"{came_s:.4f} {started_s:.4f} {taken_s:.4f} {part.msisdn}\n")
        self._reference = (self._reference + 1) % 256
        report = StatusReport(self._reference, part.msisdn, submitted_at, 0)
        self._reports.append((taken_s + _REPORT_S, report))
        return self._reference

    def drain_events(self) -> list[ModemEvent]:
        events: list[ModemEvent] = []
        while self._reports and self._reports[0][0] <= time.monotonic():
            events.append(self._reports.popleft()[1])
        return events

    def signal_dbm(self) -> int | None:
        return -71

    def ims(self) -> ImsState:
        return ""

    def ussd(self, code: str) -> str:
        raise CommandError(code)

    def ring(self, number: str, ring_s: float, goes_on: Callable[[], bool]) -> Ring:
        raise CommandError("ATD")

    def hold_link(self, hold: bool) -> None:
        pass

    def probe(self) -> None:
        pass

    def reset(self) -> None:
        pass

    def switch_bearer(self) -> bool:
        return False

    def restore_smsc(self) -> bool:
        return False

    def storage_use(self) -> list[StorageUse]:
        return []

    def list_stored(self) -> list[tuple[StoredEvent, StoredContent]]:
        return []

    def read_stored(self, stored: StoredEvent) -> StoredContent | None:
        return None

    def delete_stored(self, stored: StoredEvent) -> None:
        pass

    def close(self) -> None:
        pass
