"""A scripted modem on a pty and a clock that tests move: no test waits for a real time-out."""

import os
import pty
import re
import select
import threading
import tty
from collections.abc import Callable
from queue import Empty, SimpleQueue

_WAKE = object()
_HANG_S = 5  # a test that waits this long has failed
_ENTRY = re.compile(rb"([^\r\x1a\x1b]*)([\r\x1a\x1b])")

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
PROMPT = b"\r\n> "
PDU, ESC = "PDU", "ESC"

# Invented: a report on reference 7 for +32470000002, and a text from +32470000003.
REPORT = "0006070B912374000000F2621142211480406211422114804000"
DELIVER = "00040B912374000000F300006211422114804003CF7A1A"


def answer(line: str) -> bytes:
    return f"\r\n{line}\r\n".encode() + OK


class FakeClock:
    """Stands still until `advance`."""

    def __init__(self) -> None:
        self._now = 0.0
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, SimpleQueue]] = []

    def monotonic(self) -> float:
        return self._now

    def get(self, source, timeout_s):
        if timeout_s <= 0:
            return source.get_nowait()
        waiting = (self._now + timeout_s, source)
        with self._changed:
            self._waiting.append(waiting)
            self._changed.notify_all()
        try:
            while True:
                try:
                    item = source.get(timeout=_HANG_S)
                except Empty:
                    raise AssertionError("neither an answer nor time came") from None
                if item is not _WAKE:
                    return item
                if self._now >= waiting[0]:
                    raise Empty
        finally:
            with self._changed:
                self._waiting.remove(waiting)

    def advance(self, seconds: float, wanted_s: float | None = None) -> None:
        """Let time pass for somebody who waits (for exactly `wanted_s`, when given); waits for that somebody."""
        with self._changed:
            self._await(lambda deadline: wanted_s is None or deadline == self._now + wanted_s)
            self._pass(seconds)

    def pass_by(self, seconds: float) -> None:
        """Let time pass while nobody waits."""
        with self._changed:
            self._pass(seconds)

    def expire(self) -> None:
        """Let time pass until the one who waits gives up."""
        with self._changed:
            self._await(lambda deadline: deadline > self._now)
            self._pass(min(deadline for deadline, _ in self._waiting if deadline > self._now) - self._now)

    def _await(self, wanted: Callable[[float], bool]) -> None:
        waits = self._changed.wait_for(lambda: any(wanted(deadline) for deadline, _ in self._waiting), _HANG_S)
        assert waits, "nobody waits"

    def _pass(self, seconds: float) -> None:
        self._now += seconds
        for deadline, source in self._waiting:
            if deadline <= self._now:
                source.put(_WAKE)


Reply = bytes | Callable[["Peer"], None]

MODEM: dict[str, bytes] = {
    "AT+CGMI": answer("Example"),
    "AT+CGMM": answer("X1"),
    "AT+CGMR": answer("1.0"),
    "AT+CGSN": answer("350000000000017"),
    "AT+CPIN?": answer("+CPIN: READY"),
    "AT+CIMI": answer("206010000000001"),
    "AT+CCID": answer("+CCID: 8932000000000000012"),
    'AT+CPINR="SIM PIN"': answer("+CPINR: SIM PIN,3,3"),
    "AT+CPMS?": answer('+CPMS: "SM",3,20,"SM",3,20,"SM",3,20'),
    'AT+CPMS="SR"': b"\r\n+CMS ERROR: 302\r\n",
    "AT+CMGF?": answer("+CMGF: 0"),
    "AT+CNMI?": answer("+CNMI: 2,1,0,1,0"),
    "AT+CNMI=?": answer("+CNMI: (1,2),(1),(0),(0-2),(0)"),
    "AT+CSCA?": answer('+CSCA: "+32470000001",145'),
    "AT+CSQ": answer("+CSQ: 21,99"),
    "AT+CREG?": answer("+CREG: 2,5"),
    "AT+CGREG?": ERROR,
    "AT+CEREG?": answer('+CEREG: 2,1,"00C3","0001A2B3",7'),
    "AT+COPS?": answer('+COPS: 0,2,"20601",7'),
    ESC: b"",
}


class Peer:
    """Answers each command from `replies` (a list is used up one by one; its last stays), everything else with OK.

    CMGS commands are looked up as `AT+CMGS`, the PDU as `PDU`, ESC as `ESC`. `seen` is what came, in that form.
    """

    def __init__(self, **replies: Reply | list[Reply]) -> None:
        self.clock = FakeClock()
        self.seen: list[str] = []
        self.pdus: list[str] = []
        self.replies: dict[str, Reply | list[Reply]] = {**MODEM, "AT+CMGS": PROMPT, PDU: answer("+CMGS: 1"), **replies}
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.device = os.ttyname(self._slave)
        self._orders, self._ordering = os.pipe()
        self._thread = threading.Thread(target=self._run, name="peer")
        self.failure: BaseException | None = None
        # From this entry on (as counted in `seen`) nothing is answered any more.
        self.dies_at: int | None = None

    def __enter__(self) -> "Peer":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.vanish()
        os.close(self._orders)
        os.close(self._ordering)
        if self.failure:
            raise self.failure

    def say(self, data: bytes) -> None:
        os.write(self._master, data)

    def silence(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def ignore(self) -> None:
        """Say nothing until the driver gives up."""
        self.clock.expire()

    def vanish(self) -> None:
        """As if unplugged; from any thread."""
        if threading.current_thread() is self._thread:
            self._hang_up()
        elif self._thread.is_alive():
            os.write(self._ordering, b"\0")
            self._thread.join()

    def _hang_up(self) -> None:
        if self._master >= 0:
            os.close(self._master)
            os.close(self._slave)
            self._master = -1

    def _run(self) -> None:
        try:
            self._serve()
        except BaseException as failure:  # noqa: BLE001  raised again where the peer is left
            self.failure = failure
        finally:
            self._hang_up()

    def _serve(self) -> None:
        pending = b""
        while self._master >= 0:
            ready, _, _ = select.select([self._master, self._orders], [], [])
            if self._orders in ready:
                return
            pending += os.read(self._master, 4096)
            while self._master >= 0 and (entry := _ENTRY.match(pending)):
                pending = pending[entry.end() :]
                self._entry(entry[1].decode(), entry[2])

    def _entry(self, text: str, end: bytes) -> None:
        if end == b"\x1a":
            self.pdus.append(text)
        key = {b"\x1a": PDU, b"\x1b": ESC}.get(end, re.sub(r"^(AT\+CMGS)=.*", r"\1", text))
        self.seen.append(key)
        if self.dies_at is not None and len(self.seen) > self.dies_at:
            self.ignore()
            return
        reply = self.replies.get(key, OK)
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        if callable(reply):
            reply(self)
        else:
            self.say(reply)
