"""gammu's errors, said to the driver, and there made into `modem.errors`."""

from typing import Final

import gammu

from modem.at.finals import Final as FinalResult
from modem.driver.gammu_process.messages import Reason, Refused
from modem.driver.gammu_process.trail import Passage
from modem.errors import (
    CmeError,
    CmsError,
    CommandError,
    ModemError,
    ModemTimeout,
    PinRequired,
    PortBusy,
    PortError,
    PortGone,
    ProtocolError,
    SimError,
    SimMissing,
)

_REASONS: Final[dict[str, Reason]] = {
    "ERR_TIMEOUT": "timeout",
    "ERR_DEVICENOTEXIST": "gone",
    "ERR_DEVICENOTWORK": "gone",
    "ERR_DEVICEREADERROR": "gone",
    "ERR_DEVICEWRITEERROR": "gone",
    "ERR_NOTCONNECTED": "gone",
    "ERR_DEVICEOPENERROR": "busy",
    "ERR_DEVICEBUSY": "busy",
    "ERR_DEVICELOCKED": "busy",
    "ERR_DEVICENOPERMISSION": "port",
    "ERR_DEVICENODRIVER": "port",
    "ERR_NOSIM": "no_sim",
    "ERR_SECURITYERROR": "locked",
    "ERR_UNKNOWNRESPONSE": "protocol",
    "ERR_UNKNOWNFRAME": "protocol",
}


_NO_SIM: Final = frozenset({10, 310})
_SIM_FAILS: Final = frozenset({13, 15, 313, 315})
# Reasons after which nothing else needs to be tried.
LOST: Final[frozenset[Reason]] = frozenset({"timeout", "gone"})


class Refusal(Exception):
    """A question that failed, on its way to the driver; `error` is gammu's name for it, where gammu failed."""

    def __init__(self, refused: Refused, error: str = "") -> None:
        super().__init__(refused.reason)
        self.refused = refused
        self.error = error


def refusal(error: gammu.GSMError, passage: Passage) -> Refusal:
    """What the modem's own final result says, else what gammu made of it."""
    name = type(error).__name__
    where = str(error.args[0].get("Where", "gammu")) if error.args and isinstance(error.args[0], dict) else "gammu"
    final = passage.refusal
    if final is not None and final.code is not None:
        return Refusal(refused(final, where), name)
    return Refusal(Refused(_REASONS.get(name, "ERROR"), where), name)


def refused(final: FinalResult, at: str) -> Refused:
    """A final result code that is an error."""
    if final.kind == "CME" or final.kind == "CMS":
        return Refused(final.kind, at, final.code)
    return Refused("ERROR", at)


def refused_by(error: ModemError) -> Refused:
    """An error of the commands that are asked beside libgammu."""
    if isinstance(error, CmeError | CmsError):
        return Refused("CME" if isinstance(error, CmeError) else "CMS", error.command, error.code)
    if isinstance(error, CommandError):
        return Refused("ERROR", error.command)
    if isinstance(error, ModemTimeout):
        return Refused("timeout", error.stage)
    if isinstance(error, SimMissing):
        return Refused("no_sim", "the card")
    if isinstance(error, PortGone):
        return Refused("gone", "the card")
    return Refused("protocol", type(error).__name__)


def modem_error(refused: Refused) -> ModemError:
    """What the driver raises."""
    if refused.reason == "CME" or refused.reason == "CMS":
        return _by_code(refused)
    match refused.reason:
        case "gone":
            return PortGone(f"{refused.at} is gone")
        case "busy":
            return PortBusy(refused.at, refused.holder)
        case "port":
            return PortError(f"{refused.at} cannot be used as a port")
        case "timeout":
            return ModemTimeout(refused.at)
        case "protocol":
            return ProtocolError(f"{refused.at}: an answer that libgammu does not know")
        case "no_sim":
            return SimMissing("no SIM in the modem")
        case "locked":
            return PinRequired("the SIM asks for a code")
        case "ERROR":
            return CommandError(refused.at)


def _by_code(refused: Refused) -> ModemError:
    if refused.at == "AT+CPIN?" and refused.code in _NO_SIM:
        return SimMissing("no SIM in the modem")
    if refused.at == "AT+CPIN?" and refused.code in _SIM_FAILS:
        return SimError("the SIM does not work")
    return (CmeError if refused.reason == "CME" else CmsError)(refused.at, refused.code)
