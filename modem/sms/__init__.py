"""Short messages, pure: which alphabet, how many parts, PDUs in and out. No port, thread, clock, database."""

from modem.sms.composition import MAX_PARTS, Composition, Count, compose, count, normalise
from modem.sms.message import Concatenation, Deliver, Encoding, OutgoingPart, StatusReport
from modem.sms.outcome import Outcome, report_outcome

__all__ = [
    "MAX_PARTS",
    "Composition",
    "Concatenation",
    "Count",
    "Deliver",
    "Encoding",
    "Outcome",
    "OutgoingPart",
    "StatusReport",
    "compose",
    "count",
    "normalise",
    "report_outcome",
]
