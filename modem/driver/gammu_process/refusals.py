"""gammu's errors, as those of `modem.errors`."""

from typing import Final

import gammu

from modem.driver.gammu_process.trail import Passage
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
