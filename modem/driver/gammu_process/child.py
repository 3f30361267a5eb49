"""The driver's end: the process, asked with a deadline and killed when it does not answer."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import IO, Final, cast

from modem.driver.gammu_process.messages import Done, Gone, Message, Refused, heard, line, parse
from modem.errors import ModemTimeout, PortGone, ProtocolError

_COMMAND: Final = (sys.executable, "-m", "modem.driver.gammu_process")


class Ended:
    """The process is gone; nothing comes behind it."""


class Child:
    """One process, from the moment it is made. Asked by one thread; `kill` may come from any.

    `on_heard` gets, in the reader's thread, what came by itself, and `Gone` at the latest when the process ends
    without having been killed. Raises OSError when the process cannot be started.
    """

    def __init__(self, name: str, on_heard: Callable[[Message], None]) -> None:
        self._on_heard = on_heard
        self._answers: SimpleQueue[Message | Ended] = SimpleQueue()
        self._started: SimpleQueue[subprocess.Popen[bytes] | OSError] = SimpleQueue()
        self.killed = False  # by us, not by an end of its own
        self._reader = threading.Thread(target=self._run, name=f"reader gammu {name}", daemon=True)
        self._reader.start()
        started = self._started.get()
        if isinstance(started, OSError):
            self._reader.join()
            raise started
        self._process = started
        self._questions = cast(IO[bytes], started.stdin)

    def ask(self, question: Message, timeout_s: float) -> list[Message]:
        """The answers before `Done`, or the `Refused` alone. Raises PortGone, and ModemTimeout after the kill."""
        with suppress(BrokenPipeError):  # its end is in the queue
            self._questions.write(line(question))
        answers: list[Message] = []
        give_up_at = time.monotonic() + timeout_s
        while True:
            try:
                answer = self._answers.get(timeout=max(0.0, give_up_at - time.monotonic()))
            except Empty:
                self.kill()
                raise ModemTimeout(type(question).__name__) from None
            if isinstance(answer, Ended):
                self._answers.put(answer)
                raise PortGone("the port is gone, and the gammu process with it")
            if isinstance(answer, Done):
                return answers
            if isinstance(answer, Refused):
                return [answer]
            answers.append(answer)

    def kill(self) -> None:
        """End it at once; harmless when it has ended. Whoever asks gets PortGone."""
        self.killed = True
        self._process.kill()

    def close(self) -> None:
        """`kill`, and wait until the port is free and the reader's thread has ended."""
        self.kill()
        self._reader.join()
        self._questions.close()

    def _run(self) -> None:
        # The reader starts it, because the death signal comes at the end of the thread that did, not of the process.
        try:
            process = subprocess.Popen(
                _COMMAND, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            self._started.put(error)
            return
        self._started.put(process)
        with cast(IO[bytes], process.stdout) as output:
            self._read(output)
        process.kill()
        process.wait()
        self._answers.put(Ended())
        if not self.killed:
            self._on_heard(Gone())

    def _read(self, output: IO[bytes]) -> None:
        for data in output:
            try:
                message = parse(data)
            except ProtocolError:
                return  # two programs that do not understand each other: the process is killed
            if isinstance(message, Gone):
                return
            if heard(message):
                self._on_heard(message)
            else:
                self._answers.put(message)
