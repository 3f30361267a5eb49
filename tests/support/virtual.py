"""The worker and the AT driver at a simulated modem in one virtual time: it passes only where somebody waits, so that
minutes of a modem's life take a moment.
"""

import heapq
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from base.settings.values import ModemSettings
from modem.daemon.worker.worker import ModemWorker
from modem.driver import at
from modem.driver.dialogue import dialogue, steps
from modem.driver.dialogue.dialogue import Clock
from modem.errors import PortGone
from modem.sim.identity import Identity
from tests.simulator.base.network import Network
from tests.simulator.dialects import PROFILES
from tests.simulator.faults import Faults
from tests.simulator.modem import SimModem
from tests.simulator.phone import Phone

# A reader that does not come back within so long has failed.
_HANG_S = 20.0


class Wire:
    """A port without a tty: it stands where `modem.driver.base.port.Port` does."""

    def __init__(self, world: "World") -> None:
        if world.modem.power.gone:
            raise PortGone("the port is away")
        self.device = "virtual"
        self._world = world
        self._said: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._is_idle = self._is_woken = self.is_gone = False
        world.wire = self

    def read(self) -> bytes | None:
        with self._changed:
            self._is_idle = True
            self._changed.notify_all()
            while not (self._said or self._is_woken or self.is_gone):
                assert self._changed.wait(_HANG_S * 10), "nothing is said"
            self._is_idle = False
            if self._is_woken:
                return None
            if not self._said:
                raise PortGone("the port vanished")
            return self._said.popleft()

    def write(self, data: bytes) -> None:
        if self.is_gone:
            raise PortGone("the port vanished")
        self.hear(self._world.modem.feed(data, self._world.now))

    def hear(self, data: bytes) -> None:
        """The modem says this."""
        with self._changed:
            if data:
                self._said.append(data)
                self._changed.notify_all()

    def vanish(self) -> None:
        with self._changed:
            self.is_gone = True
            self._changed.notify_all()

    def settle(self) -> None:
        """Wait until the reader has dealt with all that was said."""
        with self._changed:
            done = self._changed.wait_for(
                lambda: self._is_woken or self.is_gone or (self._is_idle and not self._said), _HANG_S
            )
            assert done, "the reader does not come back"

    def wake(self) -> None:
        with self._changed:
            self._is_woken = True
            self._changed.notify_all()

    def close(self) -> None:
        self._world.wire = None


@dataclass(order=True)
class _Deed:
    at: float
    number: int
    do: Callable[[], object]


class World(Clock):
    """The time, in seconds since the epoch, and the modem that lives in it."""

    def __init__(self, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = now.timestamp()
        self.wire: Wire | None = None
        self._deeds: list[_Deed] = []
        self._order = count()
        monkeypatch.setattr(at, "Port", lambda device, keeps=False: Wire(self))
        for module in (dialogue, steps):
            monkeypatch.setattr(module, "time", self)
        self.modem: SimModem

    def switch_on(self, profile: str, *faults: str, seed: int = 0, **options: Any) -> None:
        """Another modem, on for long, with its own network."""
        phone = Phone(Identity.derive(seed), Network(), PROFILES[profile], report_s=0.5)
        self.modem = SimModem(phone, Faults(faults, seed), **options)
        self.modem.power_on(self.now, warm=True)

    @property
    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    def at(self, when: float, do: Callable[[], object]) -> None:
        """Do it then, whatever the driver does at that moment."""
        heapq.heappush(self._deeds, _Deed(when, next(self._order), do))

    # -- as the driver's clock, and as the module time ---------------------------------------------------------

    def monotonic(self) -> float:
        return self.now

    def get(self, source: SimpleQueue[Any], timeout_s: float) -> Any:
        end = self.now + max(0.0, timeout_s)
        while True:
            if self.wire:
                self.wire.settle()
            try:
                return source.get_nowait()
            except Empty:
                if self.now >= end:
                    raise
            self._go_on(end)

    def sleep(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self._go_on(end)
        if self.wire:
            self.wire.settle()

    def _go_on(self, end: float) -> None:
        """To the next event, at most to `end`."""
        power = self.modem.power
        due = self._deeds[0].at if self._deeds else end
        own = self.modem.due()
        self.now = max(self.now, min(end, due, end if own is None else own))
        while self._deeds and self._deeds[0].at <= self.now:
            heapq.heappop(self._deeds).do()
        said = self.modem.poll(self.now)
        if power.absence_s is not None:
            seconds, power.absence_s = power.absence_s, None
            if self.wire:
                self.wire.vanish()
            self._away_until = self.now + seconds
            self.at(self._away_until, lambda: self.modem.power_on(self.now))
            power.vanish(seconds)
        elif self.wire:
            self.wire.hear(said)


class Life:
    """A worker at the modem of a world."""

    def __init__(self, world: World, **settings: Any) -> None:
        self.world = world
        self.driver = at.AtDriver("virtual", on_event=lambda: None, clock=world)
        values = {"messages_per_minute": 0, "urgent_messages_per_minute": 0} | settings
        self.worker = ModemWorker(
            "box",
            ModemSettings("a", "sim", **values),
            self.driver,
            lambda: not world.modem.power.gone,
            lambda: world.utc,
            lambda write: write(),
        )

    def live(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Let so much time pass; True as soon as `until` holds."""
        end = self.world.now + seconds
        while self.world.now < end:
            if until():
                return True
            if not self.worker.step(self.world.utc):
                self.world.sleep(max(0.05, self.worker.idle_s(self.world.utc)))
        return until()

    @property
    def is_ready(self) -> bool:
        return self.worker.status.state == "ready"

    def close(self) -> None:
        self.worker.close()
