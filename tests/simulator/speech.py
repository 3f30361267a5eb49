"""What a modem says: at once or later, in words or in figures, and with what disturbs it on the way."""

import heapq
from itertools import count

from tests.simulator.base import modem
from tests.simulator.base.modem import framed
from tests.simulator.faults import STRAY_LINES
from tests.simulator.phone import Phone

_DRIBBLE_S = 0.0002
# Result codes as ATV0 has them (V.250 § 5.7.1); an error with a code of its own stays what it is.
_RESULTS = {
    "OK": 0, "CONNECT": 1, "RING": 2, "NO CARRIER": 3, "ERROR": 4, "NO DIALTONE": 6, "BUSY": 7, "NO ANSWER": 8
}  # fmt: skip
_GARBAGE = (b"\xff", b"\x00", b"\xff\xff", b"\x00\xff\x00")


class Speech(modem.Speech):
    """`now` and `due` are as in SimModem."""

    def __init__(self, phone: Phone) -> None:
        super().__init__(phone)
        self._phone: Phone = phone
        self._slow = bytearray()
        self._slow_at = 0.0
        self._later: list[tuple[float, int, str]] = []
        self._order = count()
        self.left_alone_until = 0.0

    def line(self, text: str) -> None:
        end, faults, settings = self._phone.profile.line_end, self._phone.faults, self._phone.settings
        if (result := _RESULTS.get(text)) is not None:
            self.left_alone_until = self._phone.now + self._phone.profile.gap_s
            if not settings.results or not settings.verbose:
                self._said += f"{result}\r".encode() if settings.results else b""
                return
        if not faults.of_lines:
            self._said += framed(text, end)
            return
        end = "\r\r\n" if faults.hits("crcrlf") else end
        self._stray()
        self._said += self._damaged(framed(text, end))

    def prompt(self) -> None:
        prompt = f"\r\n{self._phone.profile.prompt}".encode()
        if self._phone.faults.of_lines:
            self._stray()
            prompt = self._damaged(prompt)
        self._said += prompt

    def later(self, due: float, *lines: str) -> None:
        """Lines that are said by themselves at `due`."""
        for line in lines:
            heapq.heappush(self._later, (due, next(self._order), line))

    def catch_up(self, now: float) -> None:
        """Say what `later` put off until now."""
        while self._later and self._later[0][0] <= now:
            self.line(heapq.heappop(self._later)[2])

    def hush(self) -> None:
        """What was to be said later is not said."""
        self._later.clear()

    @property
    def later_due(self) -> float | None:
        return self._later[0][0] if self._later else None

    @property
    def due(self) -> float | None:
        """The time of the next byte for `take`, because bytes dribble."""
        return self._slow_at if self._slow else None

    def take(self, now: float) -> bytes:
        if not self._phone.faults.dribble and not self._slow:
            return super().take(now)
        self._slow += self._said
        self._said.clear()
        if not self._slow or now < self._slow_at:
            return b""
        self._slow_at = now + _DRIBBLE_S
        said = bytes(self._slow[:1])
        del self._slow[:1]
        return said

    def forget(self) -> None:
        super().forget()
        self._slow.clear()
        self._later.clear()

    def _stray_line(self, end: str) -> bytes:
        """A line that nobody asked for."""
        return framed(self._phone.faults.dice.choice(STRAY_LINES), end)

    def _stray(self) -> None:
        if self._phone.faults.hits("urc"):
            self._said += self._stray_line(self._phone.profile.line_end)

    def _damaged(self, data: bytes) -> bytes:
        """With garbage inside."""
        faults = self._phone.faults
        if faults.hits("garbage"):
            at = faults.dice.randrange(len(data) + 1)
            data = data[:at] + faults.dice.choice(_GARBAGE) + data[at:]
        return data
