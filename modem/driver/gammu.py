"""The python-gammu driver, for phones and sticks that the AT driver cannot drive (`driver = gammu`).

Never the default: libgammu sleeps 700 ms in every message. It runs in a process of its own
(`modem.driver.gammu_process`), which is killed when it does not answer in time.
"""

import re
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

from modem.at.answers import StorageUse
from modem.driver.dialogue.handover import DOUBTFUL_AFTER_S, DOUBTFUL_CODES
from modem.driver.dialogue.storage import REPORTS
from modem.driver.dialogue.unlock import FEW_TRIES
from modem.driver.gammu_process.child import Child
from modem.driver.gammu_process.incoming import understood
from modem.driver.gammu_process.messages import (
    Arrived,
    Card,
    Connect,
    Delete,
    Gone,
    Hold,
    Identity,
    Kept,
    ListStored,
    Look,
    Message,
    Network,
    Prepare,
    Probe,
    Read,
    Ready,
    Refused,
    Restart,
    Sent,
    Signal,
    Storage,
    Submit,
    Switch,
    Switched,
    Traffic,
    Unlock,
)
from modem.driver.gammu_process.refusals import modem_error
from modem.driver.interface.protocol import (
    Capability,
    Direction,
    ModemEvent,
    ModemIdentity,
    PinKeeper,
    PortLost,
    Receipt,
    Registration,
    ReportEvent,
    StoredContent,
    StoredEvent,
)
from modem.errors import (
    CmeError,
    CmsError,
    ModemError,
    ModemTimeout,
    PinRequired,
    PortError,
    PortGone,
    ProtocolError,
    PukRequired,
    SimError,
    SubmitUnconfirmed,
)
from modem.sms.message import OutgoingPart
from modem.sms.submit import libgammu_message

# A serial port with AT behind it, 115200 baud. `at115200` is the same for phones of 2000: until it knows the phone it
# waits 1 ms after each byte and 0.4 s after each command, 4.1 s in all where this takes 0.3 s.
SERIAL_AT: Final = "dku2at"
OPEN_TIMEOUT_S: Final = 30.0
CALL_TIMEOUT_S: Final = 20.0
# A storage that cannot be listed is read place by place.
LIST_TIMEOUT_S: Final = 60.0
PROBE_TIMEOUT_S: Final = 5.0
_PIN: Final = re.compile(r"[0-9]{4,8}")
_WRONG_PASSWORD: Final = 16

_Answer = TypeVar("_Answer")


class GammuDriver:
    """`ModemDriver` over python-gammu. `on_event` says, from the reader's thread, that `drain_events` has something.

    connection  libgammu's name of it (`dku2at`, `at115200`, `fbus`, `none` …), `model` of the phone, "" to find out
    pin         decides about the PIN; without it none is entered
    smsc        the service centre to use, E.164; without it the card's own
    usb_id      not needed: libgammu asks the phone what it is
    on_traffic  gets the lines of an AT phone's dialogue as libgammu tells them: numbers and texts too, never the PIN

    A call that is not answered within its deadline costs the process: `PortLost` is told, and `open` starts another.
    """

    def __init__(
        self,
        device: str,
        *,
        on_event: Callable[[], None],
        pin: PinKeeper | None = None,
        smsc: str | None = None,
        submit_timeout_s: float = 180,
        usb_id: str | None = None,
        on_traffic: Callable[[Direction, bytes], None] | None = None,
        connection: str = SERIAL_AT,
        model: str = "",
        open_timeout_s: float = OPEN_TIMEOUT_S,
        call_timeout_s: float = CALL_TIMEOUT_S,
    ) -> None:
        self._connect = Connect(device, connection, model, traffic=on_traffic is not None)
        self._on_event = on_event
        self._pin, self._smsc = pin, smsc
        self._on_traffic = on_traffic
        self._submit_timeout_s = submit_timeout_s
        self._open_timeout_s, self._call_timeout_s = open_timeout_s, call_timeout_s
        self._turn = threading.RLock()
        self._heard: deque[ModemEvent] = deque()
        self._child: Child | None = None

    @property
    def capabilities(self) -> frozenset[Capability]:
        """No `late`, because the process is gone then; of phones that are no AT phones what they are asked for."""
        return frozenset({"direct", "stored", "link", "reset", "bearer"} if self._connect.speaks_at else {"stored"})

    # -- the port ----------------------------------------------------------------------------------------------

    def open(self) -> ModemIdentity:
        """Start the process, take the port and set the phone up: a second, on a phone that answers at once.

        Raises PortError, ModemTimeout, SimError, CommandError, ProtocolError.
        """
        with self._turn:
            self._drop()
            for lost in [event for event in self._heard if isinstance(event, PortLost)]:
                self._heard.remove(lost)  # the port that was lost is not the one that is opened now
            try:
                self._child = Child(self._connect.device, self._hear)
            except OSError as error:
                raise PortError("the gammu process cannot be started") from error
            try:
                identity = self._one(Identity, self._connect, self._open_timeout_s)
                self._unlock(identity)
                card = self._one(Card, Prepare(self._smsc), self._open_timeout_s)
            except BaseException:
                self._drop()
                raise
        return ModemIdentity(
            identity.manufacturer,
            identity.model,
            identity.revision,
            identity.imei,
            card.imsi,
            identity.iccid,
            card.smsc,
        )

    def close(self) -> None:
        """Give the port back; harmless when it is gone or was never open.

        From another thread it ends whatever waits: a submit that was handed over is SubmitUnconfirmed from PortGone.
        """
        if child := self._child:
            child.kill()
        with self._turn:
            self._drop()

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child:
            child.close()

    def _unlock(self, identity: Identity) -> None:
        """Once per card and PIN; never a PUK (27.007 § 8.3)."""
        card = identity.iccid or identity.imei
        if identity.lock == "PUK":
            raise PukRequired("the SIM is blocked and asks for its PUK")
        if identity.lock == "other":
            raise SimError("the SIM asks for a code that is no PIN")
        if identity.lock == "PIN":
            left = identity.tries_left
            if left is not None and left <= FEW_TRIES:
                raise PinRequired("the SIM asks for its PIN and has few tries left", left)
            pin = self._pin.take(card, left) if self._pin else None
            if pin is None:
                raise PinRequired("the SIM asks for its PIN", left)
            if not _PIN.fullmatch(pin):
                raise PinRequired("the PIN does not have 4 to 8 digits", left)
            try:
                self._ask(Unlock(pin))
            except (CmeError, PinRequired) as error:
                if self._pin and (isinstance(error, PinRequired) or error.code == _WRONG_PASSWORD):
                    self._pin.refused(card)
                    raise PinRequired("the SIM refused the PIN") from None
                raise
        if self._pin:
            self._pin.accepted(card)

    # -- questions and orders ----------------------------------------------------------------------------------

    def registration(self) -> Registration:
        """The best of CEREG, CGREG and CREG on an AT phone; without the technology on others.

        Raises SimMissing, and PortGone when the card is not the one that `open` met.
        """
        told = self._one(Network, Look("network"))
        return Registration(told.registered, told.roaming, told.technology, told.operator)

    def signal_dbm(self) -> int | None:
        return self._one(Signal, Look("signal")).dbm

    def hold_link(self, hold: bool) -> None:
        with suppress(ModemError):  # a courtesy: the next submit finds out what is wrong
            self._ask(Hold(hold))

    def submit(self, part: OutgoingPart, on_pdu_start: Callable[[], None]) -> Receipt:
        """`on_pdu_start` runs before libgammu is asked at all, because nothing can hold it back at the prompt.

        So a kill in between leaves a part UNCONFIRMED of which nothing went out. A part that libgammu would not send
        octet for octet as the AT driver does (one without validity) is a PduError.
        """
        libgammu_message(part)
        with self._turn:
            self._ask(Ready())
            on_pdu_start()
            started = time.monotonic()
            try:
                return Receipt(self._one(Sent, Submit.of(part), self._submit_timeout_s).reference)
            except ProtocolError:
                # taken, but under no reference
                raise SubmitUnconfirmed(time.monotonic() - started) from None
            except ModemError as error:
                if self._may_be_out(error, time.monotonic() - started):
                    raise SubmitUnconfirmed(time.monotonic() - started) from error
                raise

    def _may_be_out(self, error: ModemError, waited_s: float) -> bool:
        """False when it is sure that the network has nothing of it."""
        if isinstance(error, CmsError):
            return error.code in DOUBTFUL_CODES and waited_s > DOUBTFUL_AFTER_S
        if isinstance(error, ModemTimeout):
            return self._child is not None and self._child.killed  # else there was no prompt
        return isinstance(error, PortGone)

    def probe(self) -> None:
        self._ask(Probe(), PROBE_TIMEOUT_S)

    def reset(self) -> None:
        with self._turn:
            with suppress(PortGone):  # a modem that goes before it answers has obeyed
                self._ask(Restart())
            self._drop()  # held, the port's name could not come back

    def switch_bearer(self) -> bool:
        return self._one(Switched, Switch()).yes

    def restore_smsc(self) -> bool:
        """libgammu names the centre in each message: the configured one, else what the card tells, or told before."""
        return self._one(Card, Prepare(self._smsc), self._open_timeout_s).smsc is not None

    # -- what came in ------------------------------------------------------------------------------------------

    def storage_use(self) -> list[StorageUse]:
        told = self._ask(Look("storages"))
        return [StorageUse(use.name, use.used, use.total) for use in told if isinstance(use, Storage)]

    def list_stored(self) -> list[tuple[StoredEvent, StoredContent]]:
        found = []
        for message in self._ask(ListStored(), LIST_TIMEOUT_S):
            if isinstance(message, Kept):
                told = understood(message)
                report = isinstance(told, ReportEvent) or message.storage == REPORTS
                place = StoredEvent(message.storage, message.index, report)
                found.append((place, told))
        return found

    def read_stored(self, stored: StoredEvent) -> StoredContent | None:
        found = [m for m in self._ask(Read(stored.storage, stored.index)) if isinstance(m, Kept)]
        return understood(found[0]) if found else None

    def delete_stored(self, stored: StoredEvent) -> None:
        self._ask(Delete(stored.storage, stored.index))

    def drain_events(self) -> list[ModemEvent]:
        events: list[ModemEvent] = []
        while self._heard:
            events.append(self._heard.popleft())
        return events

    # -- the process -------------------------------------------------------------------------------------------

    def _ask(self, question: Message, timeout_s: float | None = None) -> list[Message]:
        """The answers. Raises what was refused, PortGone, and ModemTimeout after the kill."""
        with self._turn:
            if self._child is None:
                raise PortGone(f"{self._connect.device} is not open")
            try:
                answers = self._child.ask(question, timeout_s or self._call_timeout_s)
            except ModemTimeout:
                self._hear(Gone())
                raise
        for refused in answers:
            if isinstance(refused, Refused):
                raise modem_error(refused)
        return answers

    def _one(self, kind: type[_Answer], question: Message, timeout_s: float | None = None) -> _Answer:
        for answer in self._ask(question, timeout_s):
            if isinstance(answer, kind):
                return answer
        raise ProtocolError(f"the gammu process did not answer {type(question).__name__}")

    def _hear(self, message: Message) -> None:
        """From the reader's thread."""
        if isinstance(message, Traffic):
            self._show(message)
            return
        if isinstance(message, Gone):
            self._heard.append(PortLost())
        elif isinstance(message, Arrived):
            self._heard.append(StoredEvent(message.storage, message.index, message.report))
        elif isinstance(message, Kept):
            self._heard.append(understood(message))
        self._on_event()

    def _show(self, traffic: Traffic) -> None:
        if self._on_traffic:
            try:
                self._on_traffic(traffic.direction, traffic.data.encode("latin-1", "replace"))
            except Exception:  # noqa: BLE001  a recorder's defect must not cost the modem
                self._on_traffic = None
