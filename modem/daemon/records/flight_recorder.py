"""The flight recorder: the last lines between the box and one modem, masked once a line is whole, also in memory.

Its output is a script that the simulator plays (`python -m modem.sim --script FILE`): `> AT+…`, `< OK`, and the time of
the lines below as a comment.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from db.engine.clock import utc_now
from db.engine.connection import UNAVAILABLE
from db.modems.commands import save_transcript
from modem.at.masking import Masking
from modem.driver.base.interface import Direction

_log = logging.getLogger(__name__)

LINES: Final = 2000
# A set-up is some twenty-five commands. It stays while the port is open: without it nobody can play the rest.
SET_UP_LINES: Final = 120
# A modem that never ends its line must not fill the memory.
_LONGEST_LINE: Final = 4096
_FIRST_OF_SET_UP: Final = "ATE0"

_HEAD: Final = "# plp-alerte: numbers, texts, codes and card numbers are masked\n"
_LEFT_OUT: Final = "# (lines left out)\n"
# Ctrl-Z ends a PDU and ESC leaves a prompt; neither is part of a line.
_ENDS: Final[dict[Direction, bytes]] = {
    "sent": bytes.maketrans(b"\r\x1a\x1b", b"\n\n\n"),
    "read": bytes.maketrans(b"\r", b"\n"),
}
_NOISE: Final = bytes(c for c in (*range(0x20), 0x7F, 0xFF) if c not in b"\r\n\x1a\x1b")


class _Line(NamedTuple):
    number: int
    at: datetime
    text: str


class FlightRecorder:
    """One modem's. `hear` is used as a driver's `on_traffic` and may be called from any thread."""

    def __init__(self, host: str, modem: str, clock: Callable[[], datetime] = utc_now) -> None:
        self._host, self._modem, self._clock = host, modem, clock
        self._lock = threading.Lock()
        self._masking = Masking()
        self._halves: dict[Direction, bytes] = {"sent": b"", "read": b""}
        self._count = 0
        self._last: deque[_Line] = deque(maxlen=LINES)
        self._set_up: list[_Line] = []

    def hear(self, direction: Direction, data: bytes) -> None:
        """A chunk as it was written or read; it may hold half a line or several."""
        with self._lock:
            at = self._clock()
            if direction == "sent" and self._halves["read"].strip() == b">":
                self._take("read", b"\r", at)  # a prompt has no line end
            self._take(direction, data, at)

    def script(self) -> str:
        """All that is held, as the simulator plays it, oldest first; empty when nothing was ever heard."""
        with self._lock:
            last, set_up = list(self._last), list(self._set_up)
        if not last:
            return ""
        early = [line for line in set_up if line.number < last[0].number]
        between = _LEFT_OUT if early and early[-1].number + 1 < last[0].number else ""
        return "".join([_HEAD, *_timed(early), between, *_timed(last)])

    def save(self, now: datetime) -> None:
        """Put it into the database, where the console and `plp modem record` find it; without one it is lost."""
        try:
            if script := self.script():
                save_transcript(self._host, self._modem, script, now)
        except UNAVAILABLE:
            _log.warning("modem %s: the database is away; the transcript is not saved", self._modem)

    def _take(self, direction: Direction, data: bytes, at: datetime) -> None:
        *whole, half = (self._halves[direction] + data.translate(_ENDS[direction], _NOISE)).split(b"\n")
        self._halves[direction] = half[:_LONGEST_LINE]
        for line in whole:
            if not line.strip():
                continue
            text = line.decode("latin-1")
            masked = f"> {self._masking.sent(text)}" if direction == "sent" else f"< {self._masking.read(text)}"
            kept = _Line(self._count, at, masked.rstrip())
            self._count += 1
            self._last.append(kept)
            if direction == "sent" and text == _FIRST_OF_SET_UP:
                self._set_up = []
            if len(self._set_up) < SET_UP_LINES:
                self._set_up.append(kept)


def _timed(lines: list[_Line]) -> Iterator[str]:
    """The lines, with their time (UTC, to the millisecond) above every one that has another than the one before."""
    day = clock = ""
    for line in lines:
        if day != (day := f"{line.at:%Y-%m-%d}"):
            yield f"# {day} UTC\n"
        if clock != (clock := f"{line.at:%H:%M:%S}.{line.at.microsecond // 1000:03}"):
            yield f"# {clock}\n"
        yield f"{line.text}\n"
