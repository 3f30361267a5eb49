"""A port in memory: the real dialogue and the real engine on it, without a thread and without a pty."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Protocol, TypeVar
from unittest.mock import patch

from modem.driver import at
from modem.driver.dialogue import dialogue
from modem.errors import PortGone
from tests.world.timeline import Timeline

T = TypeVar("T")


class Plug(Protocol):
    """The other end of a port."""

    def listen(self, dialogue: "SteppedDialogue") -> None: ...

    def type(self, data: bytes) -> None:
        """A client's bytes. Raises PortGone."""

    def leave(self) -> None:
        """The client closed the port."""


class DialogueClock(dialogue.Clock):
    """Waits in virtual time. Whoever waits for an answer is an actor: others go on meanwhile."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def monotonic(self) -> float:
        return self._timeline.now_s

    def get(self, source: SimpleQueue[T], timeout_s: float) -> T:
        until_s = self._timeline.now_s + timeout_s
        actor = self._timeline.running
        while source.empty():
            if actor is None or self._timeline.now_s >= until_s:
                raise Empty
            actor.wait(until_s - self._timeline.now_s)
        return source.get_nowait()


class MemoryPort:
    """`Port` as the driver opens it, at the stick that is plugged in under this name."""

    plugs: Callable[[str], Plug | None]

    def __init__(self, device: str, keeps: bool = False) -> None:
        self.device = device
        plug = type(self).plugs(device)
        if plug is None:
            raise PortGone(f"{device} is missing")
        self.plug = plug

    def read(self) -> bytes | None:
        """Nobody reads here: the stick hands over what it says."""
        return None

    def write(self, data: bytes) -> None:
        self.plug.type(data)

    def wake(self) -> None:
        """Nobody waits."""

    def close(self) -> None:
        self.plug.leave()


class SteppedDialogue(dialogue.Dialogue):
    """The dialogue whose reader is the stick: it calls `say` in the moment in which its bytes come."""

    def __init__(self, port: MemoryPort, *rest: object) -> None:
        super().__init__(port, *rest)
        self._reader.join()
        port.plug.listen(self)

    def say(self, data: bytes) -> None:
        self._on_traffic("read", data)
        self._dispatch(data)

    def hang_up(self) -> None:
        """The port vanished."""
        self._lose(dialogue.Lost("vanished"))


@contextmanager
def ports_in_memory(plugs: Callable[[str], Plug | None]) -> Iterator[None]:
    """Every AT driver of this process opens its port here during the block."""
    port = type("WorldPort", (MemoryPort,), {"plugs": staticmethod(plugs)})
    with patch.object(at, "Port", port), patch.object(at, "Dialogue", SteppedDialogue):
        yield
