"""The AT driver: any modem that speaks 3GPP TS 27.005 and 27.007 on a tty."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from modem.at import URCS, AtEngine, Late, Urc, answers
from modem.driver.clock import Clock, SystemClock
from modem.driver.dialogue import Dialogue, Heard, Lost
from modem.driver.handover import Handover, Patience
from modem.driver.port import Port
from modem.driver.protocol import (
    InboundEvent,
    LateReceipt,
    ModemEvent,
    ModemIdentity,
    PortLost,
    Receipt,
    Registration,
    ReportEvent,
    StoredEvent,
)
from modem.driver.quirks import DEFAULT_QUIRKS, Quirks
from modem.driver.setup import set_up
from modem.errors import CommandError, ModemError, PduError, PortGone
from modem.sms import OutgoingPart, StatusReport, decode_incoming, encode_submit

_log = logging.getLogger(__name__)
_TELLING = frozenset({"+CDS", "+CMT", "+CDSI", "+CMTI"})
_CALLS = frozenset({"RING", "+CRING"})
_NETWORKS = ("CEREG", "CGREG", "CREG")


class AtDriver:
    """`ModemDriver` over a tty. `on_event` says, from the reader's thread, that `drain_events` has something.

    `pin` is entered at most once in the life of this object. An incoming call is refused before the next command.
    """

    def __init__(
        self,
        device: str,
        *,
        on_event: Callable[[], None],
        pin: str | None = None,
        submit_timeout_s: float = 180,
        quirks: Quirks = DEFAULT_QUIRKS,
        clock: Clock | None = None,
    ) -> None:
        self._device = device
        self._on_event = on_event
        self._pin = pin
        self._submit_timeout_s = submit_timeout_s
        self._quirks = quirks
        self._clock = clock or SystemClock()
        self._patience = Patience()
        self._turn = threading.RLock()
        self._heard: deque[Heard] = deque()
        self._ringing = False
        self._dialogue: Dialogue | None = None
        self._storage: str | None = None

    def open(self) -> ModemIdentity:
        """Take the port and set the modem up. Raises PortError, ModemTimeout, SimError, CommandError, ProtocolError."""
        with self._turn:
            self.close()
            engine = AtEngine((*self._quirks.urcs, *URCS))
            dialogue = Dialogue(Port(self._device), engine, self._clock, self._hear)
            try:
                identity = set_up(dialogue, self._quirks, self._take_pin)
            except BaseException:
                dialogue.close()
                raise
            self._dialogue = dialogue
            return identity

    def close(self) -> None:
        with self._turn:
            dialogue, self._dialogue = self._dialogue, None
            self._storage = None
            self._ringing = False
            if dialogue:
                dialogue.close()

    def registration(self) -> Registration:
        """The best of CEREG, CGREG and CREG, with the operator as MCC and MNC."""
        with self._asking() as dialogue:
            found = [
                status
                for name in _NETWORKS
                if (status := answers.network_status(dialogue.attempt(f"AT+{name}?") or (), f"+{name}"))
            ]
            registered = [status for status in found if status.registered]
            if not registered:
                return Registration(registered=False, roaming=False, technology=None, operator=None)
            operator = answers.operator(dialogue.attempt("AT+COPS?") or ())
        accesses = [status.access for status in registered] + [operator.access if operator else None]
        return Registration(
            registered=True,
            roaming=registered[0].roaming,
            technology=answers.technology(next((a for a in accesses if a is not None), None)),
            operator=operator.name if operator else None,
        )

    def signal_dbm(self) -> int | None:
        with self._asking() as dialogue:
            return answers.signal_dbm(dialogue.attempt("AT+CSQ") or ())

    def hold_link(self, hold: bool) -> None:
        try:
            with self._asking() as dialogue:
                dialogue.attempt("AT+CMMS=2" if hold else "AT+CMMS=0")
        except ModemError:
            return  # a courtesy: the next submit finds out what is wrong

    def submit(self, part: OutgoingPart, on_pdu_start: Callable[[], None]) -> Receipt:
        pdu = encode_submit(part)
        with self._asking() as dialogue:
            return Handover(dialogue, self._clock, self._patience, self._submit_timeout_s).submit(pdu, on_pdu_start)

    def read_stored(self, stored: StoredEvent) -> ReportEvent | InboundEvent | None:
        with self._asking() as dialogue:
            if not self._select(dialogue, stored.storage):
                return None
            try:
                pdu = answers.stored_pdu(dialogue.ask(f"AT+CMGR={stored.index}"))
            except CommandError:  # +CMS ERROR: 321, and what else an empty place is called
                return None
        return _decoded(pdu) if pdu else None

    def delete_stored(self, stored: StoredEvent) -> None:
        with self._asking() as dialogue:
            if self._select(dialogue, stored.storage):
                dialogue.attempt(f"AT+CMGD={stored.index}")

    def drain_events(self) -> list[ModemEvent]:
        events: list[ModemEvent] = []
        while self._heard:
            if event := _event(self._heard.popleft()):
                events.append(event)
        return events

    @contextmanager
    def _asking(self) -> Iterator[Dialogue]:
        """The dialogue, alone, after a waiting call is refused."""
        with self._turn:
            if self._dialogue is None:
                raise PortGone(f"{self._device} is not open")
            if self._ringing:
                self._ringing = False
                if self._dialogue.attempt("ATH") is None:
                    self._dialogue.attempt("AT+CHUP")
            yield self._dialogue

    def _select(self, dialogue: Dialogue, storage: str) -> bool:
        """Make `storage` the one that is read and deleted from (27.005 § 3.2.2); False when the modem refuses."""
        if storage != self._storage and dialogue.attempt(f'AT+CPMS="{storage}"') is not None:
            self._storage = storage
        return storage == self._storage

    def _take_pin(self) -> str | None:
        pin, self._pin = self._pin, None
        return pin

    def _hear(self, heard: Heard) -> None:
        if isinstance(heard, Urc) and heard.name in _CALLS:
            self._ringing = True
        if not isinstance(heard, Urc) or heard.name in _TELLING:
            self._heard.append(heard)
            self._on_event()


def _event(heard: Heard) -> ModemEvent | None:
    if isinstance(heard, Lost):
        return PortLost()
    if isinstance(heard, Late):
        reference = answers.reference(heard.lines)
        return None if reference is None else LateReceipt(reference)
    if heard.name in ("+CDS", "+CMT"):
        return _decoded(heard.lines[1]) if len(heard.lines) == 2 else None
    stored = answers.stored_at(heard.lines[0])
    return StoredEvent(*stored, report=heard.name == "+CDSI") if stored else None


def _decoded(pdu: str) -> ReportEvent | InboundEvent | None:
    try:
        incoming = decode_incoming(pdu)
    except PduError:
        _log.warning("a PDU of %d octets cannot be decoded and is left aside", len(pdu) // 2)
        return None
    return ReportEvent(incoming) if isinstance(incoming, StatusReport) else InboundEvent(incoming)
