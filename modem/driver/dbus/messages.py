"""Messages of ModemManager's (its interface Sms) as our values, and back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from modem.driver.interface.protocol import InboundEvent, ReportEvent, StoredContent
from modem.errors import PduError, TextError
from modem.sms.composition import MAX_PARTS, compose
from modem.sms.incoming import clean
from modem.sms.message import Deliver, OutgoingPart, StatusReport
from modem.sms.submit import check_number

# MMSmsState and MMSmsPduType.
RECEIVED: Final = 3
SENT: Final = 5
_DELIVER: Final = 1
SUBMIT: Final = 2
_STATUS_REPORT: Final = 3
_RELATIVE: Final = 1
# MM_SMS_DELIVERY_STATE_UNKNOWN: every other value is TP-ST.
_NOT_TOLD: Final = 0x100


def parts_of(part: OutgoingPart) -> int:
    """The number of SMS that ModemManager makes of it. Raises PduError for what it would not send exactly as it is.

    It chooses the alphabet and cuts a text by itself, so it takes messages whole.
    """
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
    found: dict[str, tuple[str, Any]] = {
        "number": ("s", part.msisdn),
        "text": ("s", part.text),
        "delivery-report-request": ("b", True),
    }
    if smsc:
        found["smsc"] = "s", smsc
    if part.validity is not None:
        found["validity"] = "(uv)", (_RELATIVE, ("u", max(1, int(part.validity.total_seconds() // 60))))
    return found


def content(told: Mapping[str, Any]) -> StoredContent | None:
    """A text or a report that came in; None for what is ours, or not yet complete."""
    if told["State"] != RECEIVED:
        return None
    sent_at = _time(told["Timestamp"])
    if told["PduType"] == _DELIVER:
        return InboundEvent(Deliver(clean(told["Number"]), clean(told["Text"]), sent_at, None))
    if told["PduType"] != _STATUS_REPORT or told["DeliveryState"] == _NOT_TOLD:
        return None
    discharged_at = _time(told["DischargeTimestamp"])
    return ReportEvent(
        StatusReport(told["MessageReference"] % 256, told["Number"], sent_at, discharged_at, told["DeliveryState"])
    )


def _time(text: str) -> datetime:
    """ISO 8601, with an offset that may have hours only; now where it says nothing."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)
