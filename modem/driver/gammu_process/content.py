"""python-gammu's messages and errors, as those of the protocol and of `modem.errors`."""

import unicodedata
from datetime import UTC, datetime
from typing import Any, Final

import gammu

from modem.driver.gammu_process.trail import Passage
from modem.driver.interface.protocol import InboundEvent, ReportEvent, StoredContent, StoredEvent
from modem.errors import (
    CommandError,
    ModemError,
    ModemTimeout,
    PinRequired,
    PortBusy,
    PortError,
    PortGone,
    ProtocolError,
    SimMissing,
)
from modem.sms.message import Concatenation, Deliver, StatusReport

_ERRORS: Final[dict[str, type[ModemError]]] = {
    "ERR_TIMEOUT": ModemTimeout,
    "ERR_DEVICENOTEXIST": PortGone,
    "ERR_DEVICENOTWORK": PortGone,
    "ERR_DEVICEREADERROR": PortGone,
    "ERR_DEVICEWRITEERROR": PortGone,
    "ERR_NOTCONNECTED": PortGone,
    "ERR_DEVICEOPENERROR": PortBusy,
    "ERR_DEVICEBUSY": PortBusy,
    "ERR_DEVICELOCKED": PortBusy,
    "ERR_DEVICENOPERMISSION": PortError,
    "ERR_DEVICENODRIVER": PortError,
    "ERR_NOSIM": SimMissing,
    "ERR_SECURITYERROR": PinRequired,
    "ERR_UNKNOWNRESPONSE": ProtocolError,
    "ERR_UNKNOWNFRAME": ProtocolError,
}


def modem_error(error: gammu.GSMError, passage: Passage) -> ModemError:
    """The modem's own final result, else what gammu made of it."""
    where = str(error.args[0].get("Where", "gammu")) if error.args and isinstance(error.args[0], dict) else "gammu"
    final = passage.refusal
    if final is not None and final.code is not None:
        return final.error(where)
    name = type(error).__name__
    kind = _ERRORS.get(name, CommandError)
    return kind(where if kind in (ModemTimeout, CommandError) else f"{where}: {name}")


def event(told: dict[str, Any]) -> StoredContent | StoredEvent:
    """What the callback of a phone without a trail was given: a message, or where it waits."""
    return content(told) if "Type" in told else StoredEvent("ME", int(told["Location"]), report=False)


def content(message: dict[str, Any]) -> InboundEvent | ReportEvent:
    """A text or a status report, as libgammu read it."""
    number, sent_at = str(message["Number"]), _utc(message["DateTime"])
    if message["Type"] == "Status_Report":
        reference, status = int(message["MessageReference"]), int(message["DeliveryStatus"])
        return ReportEvent(StatusReport(reference, number, sent_at, _utc(message["SMSCDateTime"]), status))
    header = message["UDH"]
    reference = next((int(header[key]) for key in ("ID16bit", "ID8bit") if int(header[key]) > 0), 0)
    place = Concatenation(reference, int(header["PartNumber"]), int(header["AllParts"]))
    joined = place if place.total > 1 and place.seq > 0 else None
    text = _without_controls(str(message["Text"]), "\n")
    return InboundEvent(Deliver(_without_controls(number), text, sent_at, joined))


def _without_controls(text: str, but: str = "") -> str:
    return "".join(char for char in text if char in but or unicodedata.category(char) != "Cc")


def _utc(at: datetime | None) -> datetime:
    """A phone that tells no zone, or no time, is taken to mean UTC, or now."""
    if at is None:
        return datetime.now(UTC)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
