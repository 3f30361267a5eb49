"""The machine's clock: was it set, compared with one that cannot be set; and is it known how long the machine was off?
A box without a battery for its clock continues at the time of its last shutdown: two hours later the queue looks as if
ordered a minute ago. The network corrects the clock only when everything has been sent.
"""

import ctypes
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_CLOCKS = Path("/sys/class/rtc")
# As far apart may a clock with a battery and the system's be that was set by it.
_ALIKE_S = 60.0
# adjtimex(2): the system's clock is not synchronised.
_TIME_ERROR = 5
_TIMEX_BYTES = 512
# Time servers move a clock by fractions of a second; this much is a person, or a box that learned the time.
LEAST = timedelta(seconds=10)


class Boots:
    """`folder` is where this machine keeps what is its own; the rest is the kernel, for tests another."""

    def __init__(
        self,
        folder: Path,
        boot_id: Path = _BOOT_ID,
        clocks: Path = _CLOCKS,
        synchronised: Callable[[], bool] | None = None,
    ) -> None:
        self._noted, self._boot_id, self._clocks = folder / "boot-id", boot_id, clocks
        self._synchronised = synchronised or _is_synchronised

    def downtime_is_unknown(self, clock_is_behind: bool = False) -> bool:
        """True after a start since `note` if no battery or server gave the time, or an empty battery an old one."""
        before, current = _read(self._noted), _read(self._boot_id)
        if not before or before == current:
            return False
        # A clock that runs without power shows the same time.
        shown = map(_read, self._clocks.glob("*/since_epoch"))
        is_kept = any(abs(float(text) - time.time()) <= _ALIKE_S for text in shown if text.isdigit())
        return clock_is_behind or not (is_kept or self._synchronised())

    def note(self) -> None:
        """The findings of this start were dealt with. On a full disk the next start deals with them again."""
        with suppress(OSError):
            self._noted.write_text(_read(self._boot_id) + "\n", encoding="ascii")


def _read(file: Path) -> str:
    """Empty when it cannot be read."""
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _is_synchronised() -> bool:
    """The kernel's word on its clock: synchronised with time servers, by any program."""
    timex = ctypes.create_string_buffer(_TIMEX_BYTES)  # all zero: nothing is set
    return int(ctypes.CDLL(None).adjtimex(timex)) not in (_TIME_ERROR, -1)


class ClockWatch:
    """`steady_s` are seconds that also go on in a machine that sleeps (CLOCK_BOOTTIME): a night asleep is no jump."""

    def __init__(self, now: datetime, steady_s: float) -> None:
        self._now, self._steady_s = now, steady_s
        self._jump = timedelta()

    def jump(self, now: datetime, steady_s: float) -> timedelta | None:
        """The change of the clock since the last `written_down`; None when it was not set, or hardly."""
        off = (now - self._now) - timedelta(seconds=steady_s - self._steady_s)
        self._now, self._steady_s = now, steady_s
        if abs(off) >= LEAST:
            self._jump += off
        return self._jump if abs(self._jump) >= LEAST else None

    def written_down(self) -> None:
        self._jump = timedelta()
