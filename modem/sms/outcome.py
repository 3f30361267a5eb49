"""The meaning of a status report's TP-ST for the part (3GPP TS 23.040 § 9.2.3.15; docs/reference/modem-facts.md, "CNMI
and status reports").
"""

from typing import Literal

Outcome = Literal["delivered", "pending", "expired", "undelivered"]


def report_outcome(status: int) -> Outcome:
    """Only 0x00 is delivered. `pending` (reserved values too): nothing final is known, it stays sent."""
    if status == 0x00:
        return "delivered"
    if status == 0x46:
        return "expired"
    if 0x40 <= status <= 0x7F:
        return "undelivered"
    return "pending"
