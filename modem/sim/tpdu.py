"""TPDUs as the network sees them (3GPP TS 23.040 § 9.2): SMS-SUBMIT read, SMS-DELIVER and SMS-STATUS-REPORT made.

A submit is read as the SMS-DELIVER that it becomes: both have the same address, coding, header and text. Tests have a
network with a codec of its own (`tests/simulator/base/tpdu.py`).
"""

import time

from modem.errors import PduError
from modem.sim.network import Concatenation, Submit
from modem.sms.incoming import alphabet, decode_incoming
from modem.sms.message import Deliver

_VALIDITY_OCTETS = (0, 7, 1, 7)  # by TP-VPF: none, enhanced, relative, absolute


def read_submit(tpdu: bytes) -> Submit:
    """Raises ValueError for what is no whole SMS-SUBMIT with a text."""
    try:
        address = tpdu[2 : 4 + (tpdu[2] + 1) // 2]
        message = decode_incoming("00" + _deliver(tpdu, address, address, 0.0).hex())
        encoding = alphabet(tpdu[2 + len(address) + 1])
    except (IndexError, PduError) as error:
        raise ValueError("no text") from error
    if tpdu[0] & 0x03 != 0x01 or not isinstance(message, Deliver):
        raise ValueError("not an SMS-SUBMIT")
    place = message.concatenation
    chain = Concatenation(place.reference, place.total, place.seq, wide=False) if place else None
    return Submit(message.sender, address, message.text, encoding, chain, bool(tpdu[0] & 0x20), tpdu)


def deliver_of(submit: Submit, sender: str, now: float) -> bytes:
    """The SMS-DELIVER (§ 9.2.2.1) that its recipient gets; `sender` is E.164, `now` in seconds since the epoch."""
    digits = sender.removeprefix("+")
    return _deliver(submit.tpdu, submit.address, bytes([len(digits), 0x91]) + _semi_octets(digits), now)


def report_on(submit: Submit, reference: int, submitted: float, discharged: float) -> bytes:
    """The SMS-STATUS-REPORT (§ 9.2.2.3) that its recipient has it; `reference` is TP-MR."""
    return bytes([0x06, reference]) + submit.address + _time_stamp(submitted) + _time_stamp(discharged) + b"\0"


def _deliver(submit: bytes, address: bytes, sender: bytes, now: float) -> bytes:
    """Protocol, coding, header and text as they were sent to `address`."""
    at = 2 + len(address)
    protocol_and_coding, rest = submit[at : at + 2], submit[at + 2 + _VALIDITY_OCTETS[submit[0] >> 3 & 0x03] :]
    return bytes([0x04 | submit[0] & 0x40]) + sender + protocol_and_coding + _time_stamp(now) + rest


def _semi_octets(digits: str) -> bytes:
    """§ 9.1.2.3: the first digit in the low half; an odd number of them ends with F."""
    filled = digits + "F" * (len(digits) % 2)
    return bytes.fromhex("".join(later + first for first, later in zip(filled[::2], filled[1::2], strict=True)))


def _time_stamp(now: float) -> bytes:
    """§ 9.2.3.11, in UTC."""
    return _semi_octets(time.strftime("%y%m%d%H%M%S00", time.gmtime(now)))
