"""SMS-SUBMIT through libgammu (3GPP TS 23.040 § 9.2.2.2), with libgammu's errors corrected or refused.

Tried with libgammu 1.45.1: the SCA comes out as `01 81`, which modems refuse; TP-VP is rounded down and stops at 37
weeks; without a validity its octet is written all the same; `UDH['ID8bit']` is ignored; in UCS-2 a `~` begins an
escape of its own and must be doubled; NUL ends the text.
"""

import re
from datetime import timedelta
from typing import Any, Final

import gammu

from modem.errors import PduError
from modem.sms.alphabet import SEPTETS, units
from modem.sms.message import OutgoingPart

SHORTEST: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(weeks=63)
_BANDS: Final = (
    # up to, in steps of, the octet that stands for no step at all
    (timedelta(hours=12), timedelta(minutes=5), -1),
    (timedelta(hours=24), timedelta(minutes=30), 119),
    (timedelta(days=30), timedelta(days=1), 166),
    (LONGEST, timedelta(weeks=1), 192),
)
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_LIBGAMMU_SCA: Final = b"\x01\x81"
_FIRST_OCTET_AT: Final = 2
_RELATIVE_VALIDITY: Final = 0b10000
_HEADER_SEPTETS: Final = 7
_HEADER_OCTETS: Final = 6
_FIXED: Final[dict[str, Any]] = {
    "SMSC": {"Number": "", "Validity": "4H"},  # relative format; the octet itself is written afterwards
    "Type": "Status_Report",  # of a submit: TP-SRR, a report is requested
    "Class": -1,
    "MessageReference": 0,  # the modem sets its own
    "Folder": 0,
    "Memory": "SM",
    "Location": 0,
    "State": "UnSent",
}


def tp_vp(validity: timedelta) -> int:
    """TP-VP, relative (§ 9.2.3.12.1): the smallest octet for at least `validity`, clamped to 5 minutes … 63 weeks."""
    validity = min(max(validity, SHORTEST), LONGEST)
    step, base = next((step, base) for up_to, step, base in _BANDS if validity <= up_to)
    return base - (-validity // step)  # minus the floor of the negative: rounded up


def encode_submit(part: OutgoingPart) -> str:
    """The line that follows the prompt, in hexadecimal: an empty SCA (`00`: the SIM's own SMSC) and the TPDU. A status
    report is requested, TP-VP is relative or missing, TP-PID 0, no class.

    Raises PduError for a part that cannot be sent exactly as it is: nothing is ever replaced by `?`.
    """
    try:
        pdu = bytearray(gammu.EncodePDU(_message(part), "Submit"))
    except (gammu.GSMError, ValueError, TypeError) as error:
        raise PduError("libgammu refused the part") from error
    validity_at = len(_LIBGAMMU_SCA) + 4 + len(part.msisdn) // 2 + 2
    _compare(part, bytes(pdu), validity_at + 1)
    if part.validity is None:
        pdu[_FIRST_OCTET_AT] &= ~_RELATIVE_VALIDITY
        del pdu[validity_at]
    else:
        pdu[validity_at] = tp_vp(part.validity)
    return "00" + pdu[len(_LIBGAMMU_SCA) :].hex().upper()


def _message(part: OutgoingPart) -> dict[str, Any]:
    """As libgammu wants it. Raises PduError for what it would change."""
    check_number(part)
    if not 1 <= part.seq <= part.total <= 255 or not 0 <= part.reference <= 255:
        raise PduError(f"part {part.seq} of {part.total}, reference {part.reference}: out of range")
    if part.encoding == "gsm7" and not SEPTETS.keys() >= set(part.text):
        raise PduError("the text holds characters that the GSM alphabet lacks")
    if any("\ud800" <= char <= "\udfff" for char in part.text):
        raise PduError("the text holds half a surrogate pair")
    ucs2 = part.encoding == "ucs2"
    message = _FIXED | {
        "Number": part.msisdn,
        "Text": part.text.replace("~", "~~") if ucs2 else part.text,
        "Coding": "Unicode_No_Compression" if ucs2 else "Default_No_Compression",
    }
    if part.total > 1:
        header = bytes((5, 0, 3, part.reference, part.total, part.seq))
        message["UDH"] = {"Type": "ConcatenatedMessages", "Text": header}
    return message


def check_number(part: OutgoingPart) -> None:
    """Raises PduError for a recipient that is not in E.164 format."""
    if not _E164.fullmatch(part.msisdn):
        raise PduError("the recipient is not in E.164 format")


def _compare(part: OutgoingPart, pdu: bytes, length_at: int) -> None:
    """Raise PduError unless the PDU is the part; a GSM-7 text's characters are all in the table already."""
    joined = part.total > 1
    if part.encoding == "ucs2":
        header = _HEADER_OCTETS if joined else 0
        text = part.text.encode("utf-16-be")
        exact = pdu[length_at] == header + len(text) and pdu[length_at + 1 + header :] == text
    else:
        exact = pdu[length_at] == (_HEADER_SEPTETS if joined else 0) + units(part.text, "gsm7")
    if not exact or not pdu.startswith(_LIBGAMMU_SCA):
        raise PduError("libgammu changed the text")
