"""The machine's clock: it is set, or begins anew where it has no battery; and what the kernel tells of it."""

import random
from collections.abc import Callable
from pathlib import Path

from modem.daemon.clock import Boots
from tests.world.timeline import Timeline

# How long after a start a server gives the right time.
LEARNT_AFTER_S = (25.0, 300.0, 1500.0)
# So long before the end the time was saved that a start without a battery begins with.
SAVED_BEFORE_S = 1200.0


class Kernel:
    """`battery` is `kept`, or where the clock begins anew: at the time that was `saved`, or in `1970`."""

    def __init__(self, timeline: Timeline, folder: Path, battery: str, chance: random.Random) -> None:
        self._timeline, self._folder, self._battery, self._chance = timeline, folder, battery, chance
        self._starts = 1
        self._is_right = True
        # When the clock was set last, and whoever notices it at once.
        self.set_at_s = float("-inf")
        self.on_set: Callable[[], None] = lambda: None

    def boots(self, noted: Path) -> Boots:
        """As the daemon makes it."""
        boot, clock = self._folder / "kernel" / "boot_id", self._folder / "kernel" / "rtc0"
        clock.mkdir(parents=True, exist_ok=True)
        boot.write_text(f"start {self._starts}\n", encoding="ascii")
        shown = self._timeline.now().timestamp() if self._battery == "kept" else 0
        (clock / "since_epoch").write_text(f"{shown:.0f}\n", encoding="ascii")
        return Boots(noted, boot, clock.parent, lambda: self._is_right)

    def set(self, off_s: float) -> None:
        """From now on the clock is so much ahead of the right time."""
        self._timeline.off_s, self.set_at_s = off_s, self._timeline.now_s
        self.on_set()

    def lose_power(self, seconds: float) -> None:
        """At the next start it is another boot; where the clock has no battery, it is learnt anew."""
        self._starts += 1
        if self._battery != "kept":
            self._timeline.after(seconds, lambda: self._begin_anew(seconds))

    def _begin_anew(self, seconds: float) -> None:
        self._is_right = False
        lost_s = self._timeline.now_s
        if self._battery == "saved":
            lost_s = seconds + self._chance.uniform(0, SAVED_BEFORE_S) - self._timeline.off_s
        self.set(-lost_s)
        self._timeline.after(self._chance.choice(LEARNT_AFTER_S), self.learn)

    def learn(self) -> None:
        """A server gives the right time, where the machine asks for it."""
        if self._battery != "kept":
            self._is_right = True
            self.set(0.0)
