"""The dialogue with one modem: port, engine and the thread that reads.

The worker asks and waits; the reader feeds the engine, hands answers to the worker through a queue and everything
that nobody asked for to `on_heard`. Nothing sleeps or polls in between.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from modem.at import AtEngine, Event, Late, Prompt, Response, Restarted, Urc, command_name
from modem.driver.clock import Clock
from modem.driver.port import Port
from modem.errors import CommandError, ModemError, ModemTimeout, PortGone

COMMAND_TIMEOUT_S = 10.0
ESCAPE_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Lost:
    """The port vanished, the modem restarted after its set-up, or the dialogue was closed."""

    reason: str


Answer = Prompt | Response | Late | Restarted
Heard = Urc | Late | Lost


class Dialogue:
    """One command at a time, asked by one thread. `on_heard` is called in the reader's thread."""

    def __init__(self, port: Port, engine: AtEngine, clock: Clock, on_heard: Callable[[Heard], None]) -> None:
        self._port = port
        self._engine = engine
        self._clock = clock
        self._on_heard = on_heard
        self._answers: SimpleQueue[Answer | Lost] = SimpleQueue()
        # Held while the engine changes, so that an answer is either in the queue or still to come.
        self._lock = threading.Lock()
        self._lost: Lost | None = None
        self._settled = False
        self._reader = threading.Thread(target=self._read, name=f"reader {port.device}", daemon=True)
        self._reader.start()

    def settle(self) -> None:
        """From here on a restart of the modem loses the dialogue: its set-up is gone."""
        self._settled = True

    def close(self) -> None:
        self._lose("closed", tell=False)
        self._port.wake()
        self._reader.join()
        self._port.close()

    def write(self, data: bytes) -> None:
        """Bytes outside any command."""
        self._port.write(data)

    def ask(self, command: str, timeout_s: float = COMMAND_TIMEOUT_S) -> tuple[str, ...]:
        """The answer's lines. Raises CommandError (refused), ModemTimeout, PortGone."""
        self.send(command)
        deadline = self._clock.monotonic() + timeout_s
        while True:
            answer = self.take(deadline - self._clock.monotonic())
            if answer is None:
                given_up = self.give_up()
                if isinstance(given_up, tuple):
                    raise ModemTimeout(command_name(command))
                answer = given_up
            if isinstance(answer, Response):
                if not answer.final.ok:
                    raise answer.final.error(command)
                return answer.lines
            if isinstance(answer, Restarted):
                raise ModemTimeout(command_name(command))
            if isinstance(answer, Late):
                self.tell(answer)

    def attempt(self, command: str, timeout_s: float = COMMAND_TIMEOUT_S) -> tuple[str, ...] | None:
        """None when the modem refuses. Raises ModemTimeout, PortGone."""
        try:
            return self.ask(command, timeout_s)
        except CommandError:
            return None

    def send(self, command: str, expects_prompt: bool = False) -> None:
        with self._lock:
            self._check()
            data = self._engine.send(command, expects_prompt)
        self._write(data)

    def send_payload(self, text: str) -> None:
        """The PDU and Ctrl-Z; nothing when the command has ended meanwhile (its answer waits to be taken)."""
        with self._lock:
            if self._engine.in_flight is None:
                return
            data = self._engine.payload(text)
        self._write(data)

    def take(self, timeout_s: float) -> Answer | None:
        """The next that concerns the command in flight; None when nothing came in time. Raises PortGone."""
        try:
            answer = self._clock.get(self._answers, timeout_s)
        except Empty:
            return None
        return self._alive(answer)

    def give_up(self) -> Answer | tuple[str, ...]:
        """Stop waiting: the lines so far, or an answer that came in this very moment."""
        with self._lock:
            try:
                answer = self._answers.get_nowait()
            except Empty:
                return self._engine.abandon()
        return self._alive(answer)

    def tell(self, late: Late) -> None:
        """Pass on an answer that came too late for whoever asked."""
        self._on_heard(late)

    def leave_prompt(self) -> None:
        """ESC, and the answer that most modems give to it. Never fails: whoever calls has an error already."""
        try:
            with self._lock:
                data = self._engine.escape()
            self._write(data)
            answer: Answer | tuple[str, ...] | None = None
            while not isinstance(answer, Response | tuple):
                answer = self.take(ESCAPE_TIMEOUT_S) or self.give_up()
                if isinstance(answer, Late):
                    self.tell(answer)
        except ModemError:
            return

    def _alive(self, answer: Answer | Lost) -> Answer:
        if isinstance(answer, Lost):
            raise PortGone(f"{self._port.device}: {answer.reason}")
        return answer

    def _check(self) -> None:
        if self._lost:
            raise PortGone(f"{self._port.device}: {self._lost.reason}")

    def _write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except ModemError:
            with self._lock:
                self._engine.abandon()
            raise

    def _read(self) -> None:
        try:
            while (data := self._port.read()) is not None:
                self._dispatch(data)
        except PortGone as gone:
            self._lose(str(gone))

    def _dispatch(self, data: bytes) -> None:
        heard: list[Heard] = []
        with self._lock:
            asking = self._engine.in_flight is not None
            for event in self._engine.feed(data):
                heard.extend(self._unclaimed(event, asking))
        for unclaimed in heard:
            self._on_heard(unclaimed)

    def _unclaimed(self, event: Event, asking: bool) -> list[Heard]:
        """Put an answer into the queue; returns what belongs to nobody and is to be told."""
        if isinstance(event, Urc) or (isinstance(event, Late) and not asking):
            return [event]
        if isinstance(event, Restarted) and self._settled:
            self._lost = Lost("the modem restarted")
            if not asking:
                return [self._lost]
            self._answers.put(self._lost)
        elif not isinstance(event, Restarted) or asking:
            self._answers.put(event)
        return []

    def _lose(self, reason: str, tell: bool = True) -> None:
        with self._lock:
            self._lost = Lost(reason)
            asking = self._engine.in_flight is not None
            if asking:
                self._answers.put(self._lost)
        if tell and not asking:
            self._on_heard(self._lost)
