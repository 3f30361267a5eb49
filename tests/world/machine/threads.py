"""What stands in a host for threads, for their end, and for the lock at the server."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from peewee import OperationalError

from base.settings.values import ModemSettings
from db.alerts.values import Claim
from modem.daemon.ports.registry import PortRegistry
from modem.daemon.worker.worker import ModemWorker
from modem.daemon.worker_threads import ModemThread
from modem.driver.at import AtDriver
from modem.driver.base.interface import ModemDriver
from tests.world.outside.port import DialogueClock
from tests.world.timeline import Timeline

if TYPE_CHECKING:
    from tests.world.machine.host import Host

# An errand looks so often at most.
ERRAND_S = 12.0
# A server takes a host for alive so long after its last word.
STANDS_S = 30.0


class Never:
    """The end of a process, which a night never waits for."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def is_set(self) -> bool:
        return False

    def wait(self, timeout_s: float) -> bool:
        self._timeline.sleep(timeout_s)
        return False


class Ending(Never):
    """The end of a daemon that ends by itself."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__(timeline)
        self._is_set = False

    def set(self) -> None:
        self._is_set = True

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, timeout_s: float) -> bool:
        return self._is_set or super().wait(timeout_s)


class Resting(Never):
    """The end of an errand; its waits are those of a loop that nobody needs more often."""

    def __init__(self, host: "Host") -> None:
        super().__init__(host.box.timeline)
        self._host = host

    def wait(self, timeout_s: float) -> bool:
        self._host.rest(max(timeout_s, ERRAND_S * self._host.box.pace()))
        return False


class Seat(ModemThread):
    """A modem's thread without the thread: its worker drives the stick that the settings name."""

    def __init__(self, host: "Host", section: ModemSettings, start: Callable[[Claim, object], None]) -> None:
        timeline = host.box.timeline
        super().__init__(host.name, section, host.settings.path, PortRegistry({}), host.ending, host.paused, start)
        stick = host.box.sticks[section.name]
        driver = AtDriver(
            section.device,
            clock=DialogueClock(timeline),
            on_event=lambda: host.wake_soon(section.name),
            submit_timeout_s=float(section.submit_timeout_s),
        )
        self.driver = host.box.watched(driver, section.name)
        self.worker = ModemWorker(
            *(host.name, section, cast(ModemDriver, self.driver), lambda: stick.plugged, timeline.now),
            self._persist,
            start=start,
        )


class ServerLock:
    """The daemon's lock at the server, lost with the host's connection; where that ended without a word, the server
    keeps it for a while.
    """

    def __init__(self, host: "Host") -> None:
        self._host = host
        self._is_held = False
        self.stands_until_s = 0.0

    def is_held(self) -> bool:
        return self._is_held

    def lose(self, silently: bool) -> None:
        if self._is_held and silently:
            self.stands_until_s = self._host.box.timeline.now_s + STANDS_S
        self._is_held = False

    def take(self) -> bool:
        """False when the server thinks that another has it. Raises OperationalError while it is away."""
        if not self._host.reaches_server():
            raise OperationalError("the server cannot be reached")
        self._is_held = self._host.box.timeline.now_s >= self.stands_until_s
        return self._is_held


class Lock:
    """`threading.Lock` among actors: a transaction within it takes its time, and others wait for it in that time."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._is_held = False

    def __enter__(self) -> None:
        while self._is_held:
            self._timeline.sleep(0.005)
        self._is_held = True

    def __exit__(self, *_: object) -> None:
        self._is_held = False
