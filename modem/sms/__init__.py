"""Short messages, pure: which alphabet, how many parts, PDUs in and out. No port, thread, clock, database."""

from modem.sms.composition import MAX_PARTS, Composition, Count, compose, count, normalise
from modem.sms.incoming import decode_incoming
from modem.sms.message import Concatenation, Deliver, Encoding, OutgoingPart, StatusReport
from modem.sms.outcome import Outcome, report_outcome
from modem.sms.submit import SubmitPdu, encode_submit, libgammu_message
from modem.sms.transliteration import propose_gsm7, replacements

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
    "SubmitPdu",
    "compose",
    "count",
    "decode_incoming",
    "encode_submit",
    "libgammu_message",
    "normalise",
    "propose_gsm7",
    "replacements",
    "report_outcome",
]
