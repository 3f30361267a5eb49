"""The dialogue with one modem: port, engine and the thread that reads. Nothing sleeps or polls in between.

The worker asks and waits; the reader feeds the engine, queues answers, and gives unsolicited lines to `on_heard`.
"""

import logging
import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TypeVar

from base.watchdog import alive
from modem.at.commands import CALL_ENDS, command_name
from modem.at.engine import AtEngine
from modem.at.events import Doubtful, Event, Late, Prompt, Response, Restarted, Urc
from modem.driver.base.interface import Direction
from modem.driver.base.port import Port
from modem.driver.dialogue.footing import Footing, is_ready
from modem.errors import CommandError, ModeLost, ModemError, ModemTimeout, PortGone

T = TypeVar("T")

_log = logging.getLogger(__name__)

COMMAND_TIMEOUT_S = 10.0
ESCAPE_TIMEOUT_S = 2.0
# An answer that has its own line and then nothing for so long is whole: a Wavecom ends AT+CPIN? without OK.
SETTLED_S = 0.5
# A modem that was silent and answers again has answered all that it was asked meanwhile so soon.
OWED_S = 0.5
USSD = "+CUSD"
Traffic = Callable[[Direction, bytes], None]


class Clock:
    """The time, and the waiting, of a dialogue: the machine's own. Tests have another, so that they need not wait."""

    def monotonic(self) -> float:
        """Seconds from a fixed point."""
        return time.monotonic()

    def get(self, source: SimpleQueue[T], timeout_s: float) -> T:
        """The next of `source`; raises queue.Empty when none came in time."""
        alive(max(0.0, timeout_s))
        return source.get(timeout=max(0.0, timeout_s))


@dataclass(frozen=True, slots=True)
class Lost:
    """The port vanished, the modem restarted, or the dialogue was closed. `receipts`: as in `ModeLost`, or 0."""

    reason: str
    receipts: int = 0

    def error(self, device: str) -> PortGone:
        told = f"{device}: {self.reason}"
        return ModeLost(told, self.receipts) if self.receipts else PortGone(told)


@dataclass(frozen=True, slots=True)
class Told:
    """The command in flight has its answer; its final result may follow, or never come."""


Answer = Prompt | Response | Doubtful | Late | Restarted | Told
Heard = Urc | Late | Lost


def _ends_a_pause(heard: Urc | Late) -> bool:
    return is_ready(heard) or heard.lines[0].startswith(USSD) or heard.lines[0] in CALL_ENDS


class Dialogue:
    """One command at a time, by one thread. `on_heard` runs in the reader's thread, `on_traffic` in the one at work."""

    def __init__(
        self,
        port: Port,
        engine: AtEngine,
        clock: Clock,
        on_heard: Callable[[Heard], None],
        on_traffic: Traffic,
    ) -> None:
        self._port = port
        self._engine = engine
        self.clock = clock
        self.tell = on_heard  # also an answer that came too late for its caller
        self._on_traffic = on_traffic
        # How long the modem is left alone after a result.
        self.gap_s = 0.0
        self._answered_at = -math.inf
        # The end of the last wait without an answer, until what may follow the next answer has come.
        self._gave_up_at = math.inf
        self._answers: SimpleQueue[Answer | Lost] = SimpleQueue()
        self._ready: SimpleQueue[None] = SimpleQueue()
        # Held while the engine changes, so that an answer is either in the queue or still to come.
        self._lock = threading.Lock()
        self._lost: Lost | None = None
        self._settled = False
        self.footing = Footing()
        self._closed = False
        self._reader = threading.Thread(target=self._read, name=f"reader {port.device}", daemon=True)
        self._reader.start()

    def settle(self) -> None:
        """From here on a restart of the modem loses the dialogue, because its set-up is lost."""
        self._settled = True

    def abort(self) -> None:
        """From any thread: waiting callers get PortGone now, and so do all later ones."""
        self._lose(Lost("closed"), tell=False)
        with self._lock:
            if not self._closed:
                self._port.wake()

    def close(self) -> None:
        """Release the port; no caller may still be waiting."""
        self.abort()
        self._reader.join()
        with self._lock:
            if not self._closed:
                self._closed = True
                self._port.close()

    def lost(self, reason: str, receipts: int = 0) -> PortGone:
        """The error to raise, now and whenever it is asked, because the modem is not what it was."""
        lost = Lost(reason, receipts)
        self._lose(lost, tell=False)
        return lost.error(self._port.device)

    def write(self, data: bytes) -> None:
        """Write bytes outside any command. Raises PortGone."""
        with self._lock:
            self._check()
        self._write(data)

    @property
    def awaits_older(self) -> bool:
        """True while a submit from before this dialogue may be answered."""
        with self._lock:
            return self._engine.any_awaited

    def none_before(self) -> None:
        """Nothing from before this dialogue is answered any more."""
        with self._lock:
            self._engine.none_before()

    def forget_before(self) -> None:
        """The SIM is another one than before."""
        with self._lock:
            self._engine.forget_before()

    def pause(self, timeout_s: float) -> None:
        """Wait until it says ready, answers a USSD code or the last submit that was given up, or a call ends; at most
        this long. Raises PortGone.
        """
        with suppress(Empty):
            self.clock.get(self._ready, timeout_s)
        with self._lock:
            self._check()

    def ask(self, command: str, timeout_s: float = COMMAND_TIMEOUT_S) -> tuple[str, ...]:
        """The answer's lines. Raises CommandError (refused), ModemTimeout, PortGone."""
        self.send(command)
        deadline, settled_at = self.clock.monotonic() + timeout_s, math.inf
        while True:
            answer = self.take(min(deadline, settled_at) - self.clock.monotonic())
            if answer is None:
                given_up = self.give_up()
                if isinstance(given_up, tuple):
                    if settled_at < math.inf:
                        return given_up
                    raise ModemTimeout(command_name(command))
                answer = given_up
            if isinstance(answer, Told):
                settled_at = self.clock.monotonic() + SETTLED_S
            if isinstance(answer, Response):
                if not answer.final.ok:
                    raise answer.final.error(command)
                return answer.lines
            if isinstance(answer, Restarted):
                raise ModemTimeout(command_name(command))
            if isinstance(answer, Late):
                self.tell(answer)

    def attempt(self, command: str, timeout_s: float = COMMAND_TIMEOUT_S) -> tuple[str, ...] | None:
        """The same; None when the modem refuses."""
        try:
            return self.ask(command, timeout_s)
        except CommandError:
            return None

    def send(self, command: str, expects_prompt: bool = False) -> None:
        """The first answer after one that did not come may be that one: its own then follows at once, and must not be
        taken for this command's.
        """
        gap_s = self.gap_s
        if self._answered_at >= self._gave_up_at:
            gap_s, self._gave_up_at = max(gap_s, OWED_S), math.inf
        if (left_s := self._answered_at + gap_s - self.clock.monotonic()) > 0:
            time.sleep(left_s)
        with self._lock:
            self._check()
            while not self._ready.empty():
                self._ready.get()
            data = self._engine.send(command, expects_prompt)
        self._write(data)

    def send_payload(self, text: str) -> int | None:
        """Write the PDU and Ctrl-Z: this submit's number, as in `Late`, or None when the command had ended before."""
        with self._lock:
            if self._lost or self._engine.in_flight is None:
                return None
            data = self._engine.payload(text, self.clock.monotonic())
            number = self._engine.submits
        self._write(data)
        return number

    def take(self, timeout_s: float) -> Answer | None:
        """The next that concerns the command in flight; None when nothing came in time. Raises PortGone."""
        try:
            answer = self.clock.get(self._answers, timeout_s)
        except Empty:
            return None
        return self._alive(answer)

    def give_up(self) -> Answer | tuple[str, ...]:
        """Stop waiting: the lines so far, or an answer that came in this very moment, or that is believed now."""
        with self._lock:
            try:
                answer = self._answers.get_nowait()
            except Empty:
                if believed := self._engine.believe():
                    return believed
                self._gave_up_at = self.clock.monotonic()
                return self._engine.abandon()
        return self._alive(answer)

    def leave_prompt(self) -> None:
        """ESC, and the answer that most modems give to it. Never fails, since the caller already has an error."""
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
            raise answer.error(self._port.device)
        return answer

    def _check(self) -> None:
        if self._lost:
            raise self._lost.error(self._port.device)

    def _write(self, data: bytes) -> None:
        self._on_traffic("sent", data)
        try:
            self._port.write(data)
        except ModemError as error:
            with self._lock:
                self._engine.abandon()
            # Half a command may be in the tty: what comes next would be taken for its other half.
            self._lose(Lost(str(error)), tell=False)
            raise

    def _read(self) -> None:
        try:
            while (data := self._port.read()) is not None:
                self._on_traffic("read", data)
                self._dispatch(data)
        except PortGone as gone:
            self._lose(Lost(str(gone)))
        except Exception as error:  # noqa: BLE001  (a defect must show as a lost port, not as a silent modem)
            _log.error("%s: the reader ended: %s", self._port.device, type(error).__name__)
            self._lose(Lost("its reader ended"))

    def _dispatch(self, data: bytes) -> None:
        heard: list[Heard] = []
        with self._lock:
            asking, awaited = self._engine.in_flight is not None, self._engine.any_awaited
            events = self._engine.feed(data)
            self.footing.echoed(self._engine.echoes)  # before an answer to it is told
            for event in events:
                self.footing.heard(event, self.clock.monotonic())
                heard.extend(self._unclaimed(event, asking))
            if awaited and not self._engine.any_awaited:
                self._ready.put(None)
            if self._engine.has_told:
                self._answers.put(Told())
        for unclaimed in heard:
            self.tell(unclaimed)
            if isinstance(unclaimed, Lost) or (unclaimed.lines[:1] and _ends_a_pause(unclaimed)):
                self._ready.put(None)

    def _unclaimed(self, event: Event, asking: bool) -> list[Heard]:
        """Put an answer into the queue; returns what belongs to nobody and is to be passed on."""
        if isinstance(event, Urc) or (isinstance(event, Late) and not asking):
            return [event]
        if isinstance(event, Restarted):
            return self._restarted(event)
        if isinstance(event, Response):
            self._answered_at = self.clock.monotonic()
        self._answers.put(event)
        return []

    def _restarted(self, event: Restarted) -> list[Heard]:
        """Drop an answer that has already arrived: the restart is the answer only to the command that it ended."""
        if self._settled:
            self._lost = Lost("the modem restarted")
            if not event.command:
                return [self._lost]
            self._answers.put(self._lost)
        elif event.command:
            self._answers.put(event)
        return []

    def _lose(self, lost: Lost, tell: bool = True) -> None:
        with self._lock:
            self._lost = self._lost or lost
            asking = self._engine.in_flight is not None
            if asking:
                self._answers.put(self._lost)
            self._ready.put(None)
        if tell and not asking:
            self.tell(self._lost)
