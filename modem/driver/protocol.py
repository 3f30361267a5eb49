"""What every driver offers: mechanism only. A driver never retries and never decides."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from modem.sms import Deliver, OutgoingPart, StatusReport

Technology = Literal["2G", "3G", "4G"]


@dataclass(frozen=True, slots=True)
class ModemIdentity:
    """Who answered at the port. `imsi` may be None until the SIM is ready, `iccid` where no dialect knew it."""

    manufacturer: str
    model: str
    revision: str
    imei: str
    imsi: str | None
    iccid: str | None
    smsc: str | None


@dataclass(frozen=True, slots=True)
class Registration:
    """3GPP TS 27.007 § 7.2 and § 10.1.20: the best answer of CREG, CGREG and CEREG."""

    registered: bool
    roaming: bool
    technology: Technology | None
    operator: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """`reference` is TP-MR as `+CMGS:` gave it, 0–255."""

    reference: int


@dataclass(frozen=True, slots=True)
class ReportEvent:
    """A status report that reached us."""

    report: StatusReport


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """A text that reached us directly (`+CMT`)."""

    deliver: Deliver


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A message waits in the modem's storage (`+CMTI`, `+CDSI`).

    `read_stored` reads it, `delete_stored` frees its place once the database has it.
    """

    storage: str
    index: int
    report: bool


@dataclass(frozen=True, slots=True)
class LateReceipt:
    """A `+CMGS:` that came after its submit had been given up (modem-facts: a late answer)."""

    reference: int


@dataclass(frozen=True, slots=True)
class PortLost:
    """The port vanished, or the modem restarted, while nobody was asking anything: close and open again."""


ModemEvent = ReportEvent | InboundEvent | StoredEvent | LateReceipt | PortLost


class ModemDriver(Protocol):
    """One modem at one port. Used by one worker thread; `on_event` may be called from any thread.

    Every method raises errors of `modem.errors` and nothing else.
    """

    def open(self) -> ModemIdentity:
        """Take the port and set the modem up. Raises PortGone, PortBusy, ModemTimeout, SimError, CommandError."""
        ...

    def registration(self) -> Registration: ...

    def signal_dbm(self) -> int | None:
        """Received signal strength in dBm (AT+CSQ); None when the modem does not know."""
        ...

    def hold_link(self, hold: bool) -> None:
        """Ask the modem to keep the relay link open between submits (AT+CMMS); never fails."""
        ...

    def submit(self, part: OutgoingPart, on_pdu_start: Callable[[], None]) -> Receipt:
        """Hand one part over; `on_pdu_start` runs after the prompt and before any byte that can reach the network.

        Raises CmsError or CommandError (refused), ModemTimeout (no prompt: nothing went out), SubmitUnconfirmed
        (the PDU went out), PortGone before `on_pdu_start`, and after it SubmitUnconfirmed from PortGone.
        An exception of `on_pdu_start` leaves the prompt with ESC, sends nothing, and is raised again.
        """
        ...

    def read_stored(self, stored: StoredEvent) -> ReportEvent | InboundEvent | None:
        """What waits at that place (AT+CMGR); None when it is empty or cannot be decoded.

        It stays there until `delete_stored`: the database must have it first (modem-facts).
        """
        ...

    def delete_stored(self, stored: StoredEvent) -> None:
        """Free that place (AT+CMGD); harmless when it is empty already."""
        ...

    def drain_events(self) -> list[ModemEvent]:
        """What the modem said by itself since the last call, oldest first; never blocks."""
        ...

    def close(self) -> None:
        """Give the port back; harmless when it is gone or was never open."""
        ...
