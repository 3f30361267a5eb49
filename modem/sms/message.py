"""The values that pass between the pure layer and the rest: outgoing and incoming messages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Encoding = Literal["gsm7", "ucs2"]
Outcome = Literal["delivered", "pending", "expired", "undelivered"]


@dataclass(frozen=True, slots=True)
class OutgoingPart:
    """One SMS-SUBMIT to be (3GPP TS 23.040 § 9.2.2.2).

    `msisdn` is E.164 with its `+`. `text` is this part's segment alone, as `compose` cut it. `seq` counts
    from 1 to `total`; `reference` (0–255) joins the parts of one message and differs between consecutive
    messages to one person. `validity` is the time left until the message's deadline; None for no TP-VP, which
    only a network that refused every validity format gets (+CMS ERROR: 198, 199).
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
    """A text that somebody sent to us. `sender` is E.164 when international, else as the network gave it.

    `sender` and `text` hold no control characters (LF in `text` aside). `sent_at` is the SMSC's, in UTC; None
    where its stamp is no time: then `stamp` has that in hexadecimal. `is_push`: its octets are of a WAP push, and
    `text` has them in hexadecimal.
    """

    sender: str
    text: str
    sent_at: datetime | None
    concatenation: Concatenation | None
    is_push: bool = False
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The network's report on a part that we submitted (3GPP TS 23.040 § 9.2.2.3).

    `reference` is TP-MR (0–255), `recipient` E.164 when international, `submitted_at` TP-SCTS in UTC (TP-DT if the
    service centre left that out, None if both are no times), `status` TP-ST (0–255).
    """

    reference: int
    recipient: str
    submitted_at: datetime | None
    status: int


def report_outcome(status: int) -> Outcome:
    """The meaning of TP-ST for the part (§ 9.2.3.15; docs/reference/modem-facts.md, "CNMI and status reports").

    Only 0x00 is delivered. `pending` (reserved values too): nothing final is known, so the part stays sent.
    """
    if status == 0x00:
        return "delivered"
    if status == 0x46:
        return "expired"
    if 0x40 <= status <= 0x7F:
        return "undelivered"
    return "pending"
