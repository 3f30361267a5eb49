"""Messages of ModemManager's (its interface Sms) as our values and back; its errors on D-Bus (ModemManager-errors.h) as
ours, with whether anything may have been sent. ModemManager converts the errors of QMI and MBIM into its own, whose
text shows where they come from.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from modem.driver.base.interface import StoredContent
from modem.errors import CmeError, CmsError, CommandError, ModemError, NotAllowed, NotManaged, PduError, TextError
from modem.sms.composition import MAX_PARTS, compose
from modem.sms.incoming import clean
from modem.sms.message import Deliver, OutgoingPart, StatusReport
from modem.sms.submit import check_number

# MMSmsState and MMSmsPduType.
RECEIVED: Final = 3
_DELIVER: Final = 1
SUBMIT: Final = 2
_STATUS_REPORT: Final = 3
_RELATIVE: Final = 1
# MM_SMS_DELIVERY_STATE_UNKNOWN: every other value is TP-ST.
_NOT_TOLD: Final = 0x100
_PREFIX: Final = "org.freedesktop.ModemManager1.Error."
# What the bus says of a service or an object that is not on it (any more).
_BUS: Final = "org.freedesktop.DBus.Error."
_GONE: Final = (
    "ServiceUnknown", "NameHasNoOwner", "NoReply", "UnknownObject", "UnknownMethod", "UnknownInterface", "Disconnected",
    "Spawn.ServiceNotFound", "Spawn.ChildExited",
)  # fmt: skip
_DENIED: Final = (f"{_BUS}AccessDenied", f"{_PREFIX}Core.Unauthorized")
# 3GPP TS 27.005 § 3.2.5 and 27.007 § 9.2, by ModemManager's names.
_CMS: Final = {
    "MeFailure": 300, "SmsServiceReserved": 301, "NotAllowed": 302, "NotSupported": 303, "InvalidPduParameter": 304,
    "InvalidTextParameter": 305, "SimNotInserted": 310, "SimPin": 311, "PhSimPin": 312, "SimFailure": 313,
    "SimBusy": 314, "SimWrong": 315, "SimPuk": 316, "SimPin2": 317, "SimPuk2": 318, "MemoryFailure": 320,
    "InvalidIndex": 321, "MemoryFull": 322, "SmscAddressUnknown": 330, "NoNetwork": 331, "NetworkTimeout": 332,
    "NoCnmaAckExpected": 340, "Unknown": 500,
}  # fmt: skip
_CME: Final = {
    "PhoneFailure": 0, "NotAllowed": 3, "NotSupported": 4, "SimNotInserted": 10, "SimPin": 11, "SimPuk": 12,
    "SimFailure": 13, "SimBusy": 14, "SimWrong": 15, "IncorrectPassword": 16, "MemoryFull": 20, "NoNetwork": 30,
    "NetworkTimeout": 31, "Unknown": 100,
}  # fmt: skip
# The number of one that ModemManager has no name for.
_NUMBERED: Final = re.compile(r"(?:message|mobile equipment) error: ([0-9]+)")
# The order did not even reach the modem, or the modem itself said no (QMI, MBIM).
_REFUSED: Final = ("Core.WrongState", "Core.InvalidArgs", "Core.Unsupported", "Core.NotFound", "Core.TooMany")
_MODEMS_NO: Final = re.compile("QMI protocol|MBIM (?:protocol|status)")


def parts_of(part: OutgoingPart) -> int:
    """The number of SMS that ModemManager makes of it. Raises PduError for a text that it would change."""
    check_number(part)
    try:
        made = compose(part.text, max_parts=MAX_PARTS)
    except TextError as error:
        raise PduError("the text cannot be sent") from error
    if part.total != 1 or (made.text, made.encoding) != (part.text, part.encoding):
        raise PduError("ModemManager would send another text than this part")
    return len(made.segments)


def properties_of(part: OutgoingPart, smsc: str | None) -> dict[str, tuple[str, Any]]:
    """The argument of `Messaging.Create`."""
    fields: dict[str, tuple[str, Any]] = {
        "number": ("s", part.msisdn),
        "text": ("s", part.text),
        "delivery-report-request": ("b", True),
    }
    if smsc:
        fields["smsc"] = "s", smsc
    if part.validity is not None:
        fields["validity"] = "(uv)", (_RELATIVE, ("u", max(1, int(part.validity.total_seconds() // 60))))
    return fields


def content(properties: Mapping[str, Any]) -> StoredContent | None:
    """A text or a report that came in; None for what is ours, or not yet complete."""
    if properties["State"] != RECEIVED:
        return None
    sent_at = _time(properties["Timestamp"])
    stamp = "" if sent_at else str(properties["Timestamp"])
    if properties["PduType"] == _DELIVER:
        return Deliver(clean(properties["Number"]), clean(properties["Text"]), sent_at, None, stamp=stamp)
    if properties["PduType"] != _STATUS_REPORT or properties["DeliveryState"] == _NOT_TOLD:
        return None
    reference = properties["MessageReference"] % 256
    return StatusReport(reference, properties["Number"], sent_at, properties["DeliveryState"])


def _time(text: str) -> datetime | None:
    """ISO 8601, with an offset that may have hours only; None for what is no time."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


class UnclearError(CommandError):
    """An error that does not show whether the modem obeyed."""

    kind = "ModemManager"


def refusal(method: str, name: str, text: str) -> ModemError:
    """The error of `modem.errors` for one on the bus; `text` is ModemManager's, and is not shown."""
    if name.removeprefix(_BUS) in _GONE:
        return NotManaged(f"ModemManager has no such modem ({name.rpartition('.')[2]})")
    if name in _DENIED or "PolicyKit" in text:
        return NotAllowed("ModemManager does not allow it")
    kind, _, nick = name.removeprefix(_PREFIX).partition(".")
    numbered = _NUMBERED.search(text)
    number = int(numbered[1]) if numbered else None
    if kind == "Message":
        return CmsError(method, number if number is not None else _CMS.get(nick))
    if kind == "MobileEquipment":
        return CmeError(method, number if number is not None else _CME.get(nick))
    if f"{kind}.{nick}" in _REFUSED or (_MODEMS_NO.search(text) and "imeout" not in text):
        return CommandError(method)
    return UnclearError(method)
