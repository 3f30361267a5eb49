"""Events of the protocol, made of those of the engine."""

import logging

from modem.at import answers
from modem.at.events import Late
from modem.driver.dialogue.dialogue import Heard, Lost
from modem.driver.interface.protocol import (
    LateReceipt,
    ModemEvent,
    PortLost,
    StoredContent,
    StoredEvent,
    UnreadableEvent,
)
from modem.errors import PduError
from modem.sms.incoming import decode_incoming

_log = logging.getLogger(__name__)

# The URCs that become events, with the one line or the two that they have.
TELLING = frozenset({"+CDS", "+CMT", "+CDSI", "+CMTI"})
# Those of an incoming call.
CALLS = frozenset({"RING", "+CRING"})
_DIRECT = frozenset({"+CDS", "+CMT"})


def event(heard: Heard) -> ModemEvent | None:
    """None where it holds nothing to act on, such as a late answer without a reference."""
    if isinstance(heard, Lost):
        return PortLost(heard.flooded)
    if isinstance(heard, Late):
        reference = answers.reference(heard.lines)
        # A receipt that may be one submit's or another's is nobody's.
        return None if reference is None or heard.submit is None else LateReceipt(reference, heard.submit)
    if heard.name in _DIRECT:
        if len(heard.lines) == 2:
            return content(heard.lines[1])
        _log.warning("%s came without its PDU", heard.name)
        return None
    stored = answers.stored_at(heard.lines[0])
    return StoredEvent(*stored, report=heard.name == "+CDSI") if stored else None


def content(pdu: str) -> StoredContent:
    """The content of a PDU from the network; kept as it is where nobody can decode it."""
    try:
        return decode_incoming(pdu)
    except PduError:
        _log.warning("a PDU of %d octets cannot be decoded", len(pdu) // 2)
        return UnreadableEvent(pdu)
