"""The values that pass between the pure layer and the rest: outgoing and incoming messages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Encoding = Literal["gsm7", "ucs2"]
Outcome = Literal["delivered", "pending", "expired", "undelivered"]


@dataclass(frozen=True, slots=True)
class OutgoingPart:
    """One SMS-SUBMIT to be (3GPP TS 23.040 § 9.2.2.2). `msisdn` is E.164 with its `+`, `text` this part's segment,
    `seq` from 1 to `total`; `reference` (0–255) joins a message's parts and differs between consecutive ones to a
    person. `validity` is left until the deadline; None (no TP-VP) only where a network refused every format.
    """

    msisdn: str
    text: str
    encoding: Encoding
    seq: int
    total: int
    reference: int
    validity: timedelta | None


@dataclass(frozen=True, slots=True)
class Concatenation:
    """The place of a part in its message (3GPP TS 23.040 § 9.2.3.24.1 and .8): reference 0–65535, `seq` from 1."""

    reference: int
    seq: int
    total: int


@dataclass(frozen=True, slots=True)
class Deliver:
    """A text sent to us. `sender` is E.164 when international, else as the network gave it; neither it nor `text` (LF
    aside) has control characters; `sent_at` is the SMSC's. `is_push`: a WAP push, with `text` in hexadecimal.
    """

    sender: str
    text: str
    sent_at: datetime
    concatenation: Concatenation | None
    is_push: bool = False


@dataclass(frozen=True, slots=True)
class StatusReport:
    """A report on a part that we submitted (3GPP TS 23.040 § 9.2.2.3): TP-MR (0–255), E.164 when international, TP-SCTS
    in UTC (TP-DT where the service centre left that out), and TP-ST (0–255).
    """

    reference: int
    recipient: str
    submitted_at: datetime
    status: int


def report_outcome(status: int) -> Outcome:
    """TP-ST for the part (§ 9.2.3.15): only 0x00 is delivered; `pending`, also of reserved values, leaves it sent."""
    if status == 0x00:
        return "delivered"
    if status == 0x46:
        return "expired"
    if 0x40 <= status <= 0x7F:
        return "undelivered"
    return "pending"
