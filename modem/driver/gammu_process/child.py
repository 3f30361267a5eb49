"""The driver's end: the process, called with a deadline and killed when it does not answer; and the messages, pickled:
a `Call` at a time, which has one `Answer`. `Heard` comes at any time. Texts, numbers and PINs are in no `repr`.
"""

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe
from queue import Empty, SimpleQueue
from subprocess import DEVNULL
from typing import Any, Final

from modem.driver.interface.protocol import Direction, ModemEvent, PortLost
from modem.errors import ModemError, ModemTimeout, PortGone
from plp.watchdog.threads import alive


@dataclass(frozen=True, slots=True)
class Call:
    """A method of `Phone` or of its `storages`, with its arguments."""

    method: str
    arguments: tuple[Any, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a method, or its error."""

    value: Any = field(repr=False)
    error: ModemError | None = None


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes of the dialogue; the PIN is left out."""

    direction: Direction
    data: bytes = field(repr=False)


Heard = ModemEvent | Traffic
_COMMAND: Final = (sys.executable, "-m", "modem.driver.gammu_process")


class Child:
    """One process, from the moment it is made. Asked by one thread; `kill` may come from any.

    `on_heard` gets, in the reader's thread, unsolicited messages, and `PortLost` when the process ends without having
    been killed. Raises OSError when the process cannot be started.
    """

    def __init__(self, device: str, on_heard: Callable[[Heard], None]) -> None:
        self._on_heard = on_heard
        self._answers: SimpleQueue[Answer] = SimpleQueue()
        self._ended = Answer(None, PortGone(f"{device} is gone, and the gammu process with it"))
        self.killed = False  # by us, not by an end of its own
        self._pipe, theirs = Pipe()
        with theirs:
            try:
                self._process = subprocess.Popen(
                    (*_COMMAND, device), stdin=theirs.fileno(), stdout=DEVNULL, stderr=DEVNULL
                )
            except OSError:
                self._pipe.close()
                raise
        self._reader = threading.Thread(target=self._read, name=f"reader gammu {device}", daemon=True)
        self._reader.start()

    def ask(self, call: Call, timeout_s: float) -> Any:
        """The result of the method. Raises what it raises, PortGone, and ModemTimeout after the kill."""
        with suppress(OSError):  # it has ended, which its answer says
            self._pipe.send(call)
        alive(timeout_s)
        try:
            answer = self._answers.get(timeout=timeout_s)
        except Empty:
            self.kill()
            raise ModemTimeout(call.method) from None
        if answer is self._ended:
            self._answers.put(answer)  # for whoever asks next
        if answer.error:
            raise answer.error
        return answer.value

    def kill(self) -> None:
        """End it at once; harmless when it has ended. Whoever asks gets PortGone."""
        self.killed = True
        self._process.kill()

    def close(self) -> None:
        """`kill`, and wait until the port is free and the reader's thread has ended."""
        self.kill()
        self._reader.join()
        self._pipe.close()

    def _read(self) -> None:
        with suppress(Exception):  # the end, or a message of another version: the process is killed
            while True:
                message = self._pipe.recv()
                if isinstance(message, Answer):
                    self._answers.put(message)
                else:
                    self._on_heard(message)
        self._process.kill()
        self._process.wait()
        self._answers.put(self._ended)
        if not self.killed:
            self._on_heard(PortLost())
