"""What the driver and its process say to each other: one flat dataclass per line of JSON.

Every question is answered by no or several messages and then by `Done` or `Refused`. Messages of `HEARD` come at any
time. Texts, numbers and PINs are in no message's `repr`.
"""

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from modem.errors import ProtocolError
from modem.sms.message import Concatenation, Deliver, Encoding, OutgoingPart, StatusReport

Lock = Literal["none", "PIN", "PUK", "other"]
Reason = Literal["gone", "busy", "port", "timeout", "protocol", "ERROR", "CME", "CMS", "no_sim", "locked"]

_SPEAKS_AT: Final = re.compile(r"(?:at\d*|blueat|bluerfat|irdaat|dku2at|proxyat)(?:-.*)?", re.IGNORECASE)

# -- questions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Connect:
    """Take the port; answered by `Identity`. `connection` and `model` are gammu's; `traffic`: tell the dialogue."""

    device: str
    connection: str
    model: str
    traffic: bool

    @property
    def speaks_at(self) -> bool:
        """True for phones that libgammu speaks AT with."""
        return _SPEAKS_AT.fullmatch(self.connection) is not None


@dataclass(frozen=True, slots=True)
class Ready:
    """Is the port still there, and all known that a message needs? The phone itself is not asked."""


@dataclass(frozen=True, slots=True)
class Unlock:
    """Enter the PIN."""

    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Prepare:
    """Make it ready to send; answered by `Card`. `smsc` stands for the card's own service centre."""

    smsc: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Submit:
    """Answered by `Sent`."""

    msisdn: str = field(repr=False)
    text: str = field(repr=False)
    encoding: Encoding
    seq: int
    total: int
    reference: int
    validity_s: float | None

    @classmethod
    def of(cls, part: OutgoingPart) -> "Submit":
        validity_s = None if part.validity is None else part.validity.total_seconds()
        return cls(part.msisdn, part.text, part.encoding, part.seq, part.total, part.reference, validity_s)

    @property
    def part(self) -> OutgoingPart:
        validity = None if self.validity_s is None else timedelta(seconds=self.validity_s)
        return OutgoingPart(self.msisdn, self.text, self.encoding, self.seq, self.total, self.reference, validity)


@dataclass(frozen=True, slots=True)
class Look:
    """Answered by `Network`, `Signal`, or a `Storage` for each."""

    at: Literal["network", "signal", "storages"]


@dataclass(frozen=True, slots=True)
class Read:
    """Answered by `Pdu`, `Text` or `Report`; by `Done` alone when the place is empty."""

    storage: str
    index: int


@dataclass(frozen=True, slots=True)
class Delete:
    """Free that place."""

    storage: str
    index: int


@dataclass(frozen=True, slots=True)
class ListStored:
    """Answered by `Pdu`, `Text` and `Report`."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Any sign of life."""


@dataclass(frozen=True, slots=True)
class Restart:
    """Restart the phone."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep the link between messages, or do not any more."""

    hold: bool


@dataclass(frozen=True, slots=True)
class Switch:
    """Take the other bearer; answered by `Switched`."""


# -- answers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answered, its card's ICCID where it tells it, and what that asks for; `tries_left` of a PIN."""

    manufacturer: str
    model: str
    revision: str
    imei: str
    iccid: str | None
    lock: Lock
    tries_left: int | None


@dataclass(frozen=True, slots=True)
class Card:
    """What the card says once it is open."""

    imsi: str | None = field(repr=False)
    smsc: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """TP-MR, 0–255."""

    reference: int


@dataclass(frozen=True, slots=True)
class Network:
    """As `protocol.Registration`."""

    registered: bool
    roaming: bool
    technology: Literal["2G", "3G", "4G"] | None
    operator: str | None


@dataclass(frozen=True, slots=True)
class Signal:
    """dBm; None when the phone does not know."""

    dbm: int | None


@dataclass(frozen=True, slots=True)
class Storage:
    """As `answers.StorageUse`."""

    name: str
    used: int
    total: int


@dataclass(frozen=True, slots=True)
class Switched:
    """`yes` when there was another."""

    yes: bool


@dataclass(frozen=True, slots=True)
class Done:
    """The question is answered."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It failed. `at` is the command or the device, `code` the CME or CMS code, `holder` who has the port."""

    reason: Reason
    at: str
    code: int | None = None
    holder: str | None = None


# -- messages of people and of the network: where they wait, or "" and 0 when they came directly -------------------


@dataclass(frozen=True, slots=True)
class Pdu:
    """A PDU as a modem gave it: hexadecimal, the SMSC's address first. `report` is what the place was called."""

    storage: str
    index: int
    report: bool
    pdu: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a phone that shows no PDU, as libgammu read it. `sent_at` is ISO, in UTC."""

    storage: str
    index: int
    sender: str = field(repr=False)
    text: str = field(repr=False)
    sent_at: str
    reference: int | None
    seq: int | None
    total: int | None

    @property
    def deliver(self) -> Deliver:
        place = None
        if self.reference is not None and self.seq is not None and self.total is not None:
            place = Concatenation(self.reference, self.seq, self.total)
        return Deliver(self.sender, self.text, datetime.fromisoformat(self.sent_at), place)


@dataclass(frozen=True, slots=True)
class Report:
    """A status report of a phone that shows no PDU. Times are ISO, in UTC."""

    storage: str
    index: int
    reference: int
    recipient: str = field(repr=False)
    submitted_at: str
    discharged_at: str
    status: int

    @property
    def report(self) -> StatusReport:
        submitted_at, discharged_at = map(datetime.fromisoformat, (self.submitted_at, self.discharged_at))
        return StatusReport(self.reference, self.recipient, submitted_at, discharged_at, self.status)


# -- what is heard -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arrived:
    """Something waits at that place."""

    storage: str
    index: int
    report: bool


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes of the dialogue with an AT phone, as latin-1; the PIN is left out."""

    direction: Literal["sent", "read"]
    data: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Gone:
    """The port hung up, and the process ends."""


Kept = Pdu | Text | Report
Message = (
    Connect | Ready | Unlock | Prepare | Submit | Look | Read | Delete | ListStored | Probe | Restart | Hold | Switch
    | Identity | Card | Sent | Network | Signal | Storage | Switched | Done | Refused | Kept | Arrived | Traffic | Gone
)  # fmt: skip
_KINDS: Final[dict[str, type[Any]]] = {kind.__name__: kind for kind in Message.__args__}


def heard(message: Message) -> bool:
    """True for what came by itself; False for questions and answers."""
    return isinstance(message, Arrived | Traffic | Gone) or (isinstance(message, Kept) and not message.storage)


def line(message: Message) -> bytes:
    """With its line end; shorter than what a pipe takes at once (4096 octets)."""
    return json.dumps({"": type(message).__name__, **asdict(message)}).encode() + b"\n"


def parse(data: bytes) -> Message:
    """Raises ProtocolError, which does not show `data`."""
    try:
        fields = json.loads(data)
        message: Message = _KINDS[fields.pop("")](**fields)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ProtocolError("a line between the gammu driver and its process makes no sense") from None
    return message
