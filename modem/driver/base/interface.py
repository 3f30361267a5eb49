"""The interface of every driver: mechanism only. A driver never retries and never decides. The common part of all
drivers: their settings, their lock, and the events that wait to be fetched.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal, Protocol, Required, TypedDict, Unpack

from modem.at.answers import StorageUse as StorageUse
from modem.errors import CommandError
from modem.sms.message import Deliver, OutgoingPart, StatusReport

# What not every driver does: these are marks in the contract suite (tests/contract).
#   port      it has the tty itself: lines, prompts and places, USSD, the relay link and the bearer are its own affair
#   voice     a telephone can be let ring (ATD…;); others refuse
#   whole     it cuts long texts itself: `submit` takes a message, whose parts share one fate
Capability = Literal["port", "voice", "whole"]
Direction = Literal["sent", "read"]
Technology = Literal["2G", "3G", "4G"]
# What a set-up misses.
#   smsc     the card has no service centre
#   reports  every AT+CNMI that would bring status reports was refused
#   at       it is ModemManager's: no AT command reaches it, so it has no USSD codes and no transcript
Lack = Literal["smsc", "reports", "at"]
# SMS over 4G by IMS: registered for it; registered with the IMS, it does not say for what; not registered; nor does the
# network announce IMS; "" where it does not tell.
ImsState = Literal["sms", "registered", "none", "unoffered", ""]
# rang: until it was hung up, or until somebody took it, which few modems tell
Ring = Literal["rang", "busy", "no_answer", "no_carrier", "no_dialtone"]
# How long a result is waited for where no section says otherwise.
SUBMIT_TIMEOUT_S: Final = 180.0
_log = logging.getLogger(__name__)
# All that came to one modem while the database was away may wait here: more reports than a zone has people. Of a modem
# that says more than a network, only the newest.
MOST_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class ModemIdentity:
    """`imsi` may be None until the SIM is ready, `iccid` if no dialect reads it; `lacks` is empty if nothing tells."""

    manufacturer: str
    model: str
    revision: str
    imei: str
    imsi: str | None
    iccid: str | None
    smsc: str | None
    lacks: tuple[Lack, ...] = ()


@dataclass(frozen=True, slots=True)
class Registration:
    """The best answer of CREG, CGREG and CEREG (3GPP TS 27.007 § 7.2, § 10.1.20); `unregistered`: why not, if told."""

    registered: bool
    technology: Technology | None = None
    operator: str | None = None
    unregistered: Literal["denied", "searching", ""] = ""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A message waits in the modem (`+CMTI`, `+CDSI`) until `read_stored` and `delete_stored`."""

    storage: str
    index: int
    report: bool


@dataclass(frozen=True, slots=True)
class UnreadableEvent:
    """A PDU that came from the network and that no rule can decode; `pdu` is its hexadecimal line."""

    pdu: str


# A status report, or a text; they reach us as they come (+CDS, +CMT), or are read from a stored place.
StoredContent = StatusReport | Deliver | UnreadableEvent


@dataclass(frozen=True, slots=True)
class LateReceipt:
    """A `+CMGS:` that came after its submit had been given up (docs/reference/modem-facts.md, "Time-outs"); `submit` is
    that of its `SubmitUnconfirmed`. A receipt that may be another's is never reported.
    """

    reference: int
    submit: int


@dataclass(frozen=True, slots=True)
class OlderReceipt:
    """A `+CMGS:` for what was handed over before the port was opened; `submit` is that of its `OlderSubmit`."""

    reference: int
    submit: int


@dataclass(frozen=True, slots=True)
class OlderSubmit:
    """A submit from before a port is opened that has no result yet: the caller's number for it, and its age."""

    submit: int
    age_s: float


@dataclass(frozen=True, slots=True)
class Before:
    """A modem's past before its port is opened.

    submits     those that it may answer still, oldest first
    imsi        the SIM that they went through
    reference   TP-MR of an earlier submit of this SIM, `since` places before the first of them, or before the next one;
                None: none is known
    usual_s     how long this modem's results take, nearly all of them; None where it has had none
    is_blocked  it answers nothing else during a submit, as far as anybody has seen
    """

    submits: tuple[OlderSubmit, ...]
    imsi: str
    reference: int | None = None
    since: int = 1
    usual_s: float | None = None
    is_blocked: bool = True


@dataclass(frozen=True, slots=True)
class PortLost:
    """The port vanished, or the modem restarted, while no command was in flight: close and open again."""


ModemEvent = StoredContent | StoredEvent | LateReceipt | OlderReceipt | PortLost


class PinKeeper(Protocol):
    """Decides whether a PIN may be entered: once per card and PIN, remembered across restarts
    (docs/reference/modem-facts.md, "Error codes and what to do", 311).

    `card` is the ICCID; the IMEI if the card does not report it before the PIN; "" if the modem reports neither.
    """

    def take(self, card: str, tries_left: int | None) -> str | None:
        """The PIN to enter now, noted durably as tried; None: do not enter any."""

    def accepted(self, card: str, *before: str) -> None:
        """The card is open: forget its notes; those made while it was known as one of `before` become `card`'s."""

    def refused(self, card: str) -> None:
        """The card refused the PIN that `take` gave: it is never entered into this card again."""

    def at_most(self, card: str) -> int | None:
        """The most tries that can be left after those that it refused; None when it refused none."""


class Wiring(TypedDict, total=False):
    """The settings of any driver.

    on_event    says, from the reader's thread, that `drain_events` has something
    pin         decides about the PIN; without it none is entered
    smsc        the service centre to use, E.164; without it the card's own
    usb_id      `vendor:product` where it is known: some models need something before they say who they are
    on_traffic  gets every chunk that was written or read, in the thread that did it: PINs, numbers and texts too
    """

    on_event: Required[Callable[[], None]]
    pin: PinKeeper | None
    smsc: str | None
    submit_timeout_s: float
    usb_id: str | None
    on_traffic: Callable[[Direction, bytes], None] | None


class ModemDriver(Protocol):
    """One modem at one port, for one thread; `on_event` may come from any. Raises only errors of `modem.errors`."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """The abilities of this driver beyond the core; a method for one that it lacks does nothing or raises."""

    def open(self, before: Before | None = None) -> ModemIdentity:
        """Take the port and set the modem up; where it has submits from `before` without an answer, listen for what it
        still says of them (`OlderReceipt`), until 45 s after the last one at most. Raises PortGone, PortBusy,
        ModemTimeout, SimError, CommandError.
        """

    def registration(self) -> Registration:
        """The registration. Raises SimMissing and PortGone where it sees that the card was changed."""

    def signal_dbm(self) -> int | None:
        """Received signal strength in dBm (AT+CSQ); None if the modem does not know it."""

    def ims(self) -> ImsState:
        """SMS over 4G by IMS, as the modem tells it (AT+CIREG?)."""
        return ""

    def ussd(self, code: str) -> str:
        """The network's answer to a USSD code (AT+CUSD, 27.007 § 7.15), within 15 s; a dialogue is not continued.

        Raises CommandError where the network or the modem has no answer, ModemTimeout, PortGone.
        """
        raise CommandError("AT+CUSD")

    def ring(self, number: str, ring_s: float, goes_on: Callable[[], bool]) -> Ring:
        """Let the telephone of `number` (E.164) ring for `ring_s` at most, and hang up (ATD…;, V.250 § 6.3.1 and 27.007
        § 6.2; ATH, AT+CHUP). It stops when `goes_on`, called every second, returns False. Nothing else is done
        meanwhile.

        Raises CommandError where the modem makes no voice calls, ModemTimeout, PortGone.
        """
        raise CommandError("ATD")

    def hold_link(self, hold: bool) -> None:
        """Ask the modem to keep the relay link open between submits (AT+CMMS); never fails."""

    def submit(self, part: OutgoingPart, on_pdu_start: Callable[[], None]) -> int:
        """Hand one part over: TP-MR, 0–255, as `+CMGS:` gave it. `on_pdu_start` runs after the prompt and before any
        byte that can reach the network.

        A driver that is `whole` takes a message instead: all its text as part 1 of 1. The reference is its last SMS's.

        Raises CmsError or CommandError (refused), ModemTimeout (no prompt: nothing went out), SubmitUnconfirmed
        (the PDU went out), PortGone before `on_pdu_start`, and after it SubmitUnconfirmed from PortGone, or
        NotHandedOver where the command ended before the PDU, of which nothing was written.
        An exception of `on_pdu_start` leaves the prompt with ESC, sends nothing, and is raised again.
        """

    def probe(self) -> None:
        """Ask for any sign of life (AT); raises ModemTimeout or PortGone when none comes."""

    def reset(self) -> None:
        """Restart the modem (AT+CFUN=1,1), also while it is not open: its port may vanish for up to a minute.

        Raises CommandError when it refuses, ModemTimeout when it does not even answer, and the port's errors of `open`.
        """

    def switch_bearer(self) -> bool:
        """Take the other way for SMS (AT+CGSMS 3 ↔ 2) until the next `open`; False when it has no other."""

    def restore_smsc(self) -> bool:
        """Tell the card its service centre (AT+CSCA): ours, else its own of before; False if unknown or refused."""

    def storage_use(self) -> list[StorageUse]:
        """The use of the storages that receive (AT+CPMS?); empty if the modem does not report it."""

    def list_stored(self) -> Iterable[tuple[StoredEvent, StoredContent]]:
        """All messages in the modem's storages, texts and reports (AT+CMGL=4, else AT+CMGR); they are kept. The modem
        is asked as they are taken, and anything else may be asked of it between two.
        """

    def read_stored(self, stored: StoredEvent) -> StoredContent | None:
        """The message at that place (AT+CMGR), None for none; it stays until the database has it (`delete_stored`)."""

    def delete_stored(self, stored: StoredEvent) -> None:
        """Free that place (AT+CMGD); harmless if it is already empty. Raises CommandError if it stays occupied."""

    def drain_events(self) -> list[ModemEvent]:
        """The unsolicited events since the last call, oldest first; never blocks."""

    def close(self) -> None:
        """Release the port; harmless if it is gone or was never open. From another thread it ends waiting calls: a
        submit that was handed over is SubmitUnconfirmed from PortGone.
        """


class BaseDriver(ModemDriver):
    """One modem. Its commands run under `_turn`; `close`, from any thread, first ends the one that waits."""

    def __init__(self, device: str, **wiring: Unpack[Wiring]) -> None:
        self._device, self._on_event = device, wiring["on_event"]
        self._pin, self._smsc, self._usb_id = wiring.get("pin"), wiring.get("smsc"), wiring.get("usb_id")
        self._submit_timeout_s = wiring.get("submit_timeout_s", SUBMIT_TIMEOUT_S)
        self._on_traffic = wiring.get("on_traffic")
        self._turn = threading.RLock()
        self._heard: deque[ModemEvent] = deque(maxlen=MOST_AT_ONCE)
        self._drops = False

    def drain_events(self) -> list[ModemEvent]:
        return [self._heard.popleft() for _ in range(len(self._heard))]

    def _forget_losses(self) -> None:
        """The port that was lost is not the one that is opened now."""
        for lost in [event for event in self._heard if isinstance(event, PortLost)]:
            self._heard.remove(lost)

    def _add(self, event: ModemEvent) -> None:
        """Keep an event; called from any thread."""
        if len(self._heard) == self._heard.maxlen and not self._drops:
            self._drops = True
            _log.warning("%s: %d events wait, and older ones are dropped", self._device, len(self._heard))
        self._heard.append(event)
        self._on_event()

    def _show(self, direction: Direction, data: bytes) -> None:
        if self._on_traffic:
            try:
                self._on_traffic(direction, data)
            except Exception as error:  # noqa: BLE001  (whoever looks on must not stop an alert)
                self._on_traffic = None
                _log.warning("%s: traffic is no longer recorded: %s", self._device, type(error).__name__)
