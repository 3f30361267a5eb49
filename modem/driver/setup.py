"""From an open port to a modem that is ready to send: the order of modem-facts ("After opening")."""

from collections.abc import Callable, Iterable

from modem.at import answers
from modem.at.engine import ESC
from modem.driver.dialogue import Dialogue
from modem.driver.protocol import ModemIdentity
from modem.driver.quirks import Quirks
from modem.errors import (
    CmeError,
    CmsError,
    CommandError,
    ModemError,
    ModemTimeout,
    PinRequired,
    ProtocolError,
    PukRequired,
    SimError,
    SimMissing,
)

SYNC_TRIES = 5
SYNC_TIMEOUT_S = 1.0
OPTIONAL_TIMEOUT_S = 5.0
_WRONG_PASSWORD = 16
_SIM_BUSY = frozenset({14, 314})


def set_up(dialogue: Dialogue, quirks: Quirks, take_pin: Callable[[], str | None]) -> ModemIdentity:
    """`take_pin` gives the PIN once. Raises ModemTimeout, SimError, CommandError, ProtocolError, PortGone."""
    synchronise(dialogue)
    dialogue.settle()
    _optional(dialogue, "ATE0")
    _optional(dialogue, "AT+CMEE=1")
    manufacturer = answers.text_line(_optional(dialogue, "AT+CGMI") or ())
    for name, command in quirks.quieting:
        if manufacturer.lower().startswith(name):
            _optional(dialogue, command)
    model = answers.text_line(_optional(dialogue, "AT+CGMM") or ())
    revision = answers.text_line(_optional(dialogue, "AT+CGMR") or ())
    imei = answers.imei(dialogue.ask("AT+CGSN"))
    if not imei:
        raise ProtocolError("AT+CGSN gave no IMEI")
    unlock(dialogue, take_pin)
    imsi = answers.imsi(_optional(dialogue, "AT+CIMI") or ())
    iccid = _iccid(dialogue, quirks.iccid)
    smsc = _configure(dialogue, quirks)
    return ModemIdentity(manufacturer, model, revision, imei, imsi, iccid, smsc)


def synchronise(dialogue: Dialogue) -> None:
    """Leave a stale prompt and wait for an OK. A modem that just boots restarts the wait."""
    dialogue.write(ESC)
    error: ModemError = ModemTimeout("AT")
    for _ in range(SYNC_TRIES):
        try:
            dialogue.ask("AT", SYNC_TIMEOUT_S)
        except (ModemTimeout, CommandError) as refused:
            error = refused
        else:
            return
    raise error


def unlock(dialogue: Dialogue, take_pin: Callable[[], str | None]) -> None:
    """Enter the PIN when the SIM asks for it and there is one (27.007 § 8.3); never a second time, never a PUK."""
    state = _pin_state(dialogue)
    if state == "SIM PIN" and (pin := take_pin()):
        try:
            dialogue.ask(f'AT+CPIN="{pin}"')
        except CmeError as error:
            if error.code == _WRONG_PASSWORD:
                raise PinRequired("the SIM refused the PIN") from None
            raise
        try:
            state = _pin_state(dialogue)
        except CmeError as error:
            if error.code not in _SIM_BUSY:  # it took the PIN and reads its card
                raise
            return
    if state == "SIM PIN":
        raise PinRequired("the SIM asks for its PIN")
    if state == "SIM PUK":
        raise PukRequired("the SIM is blocked and asks for its PUK")
    if state != "READY":
        raise SimError(f"the SIM says {state}")


def _pin_state(dialogue: Dialogue) -> str:
    try:
        lines = dialogue.ask("AT+CPIN?")
    except (CmeError, CmsError) as error:
        if error.code in (10, 310):
            raise SimMissing("no SIM in the modem") from error
        if error.code in (11, 311):
            return "SIM PIN"
        if error.code in (12, 316):
            return "SIM PUK"
        if error.code in (13, 15, 313, 315):
            raise SimError("the SIM does not work") from error
        raise
    state = answers.pin_state(lines)
    if state is None:
        raise ProtocolError("AT+CPIN? gave no state")
    return state


def _optional(dialogue: Dialogue, command: str) -> tuple[str, ...] | None:
    """A step that a modem may refuse, or never answer, and still be able to send."""
    try:
        return dialogue.attempt(command, OPTIONAL_TIMEOUT_S)
    except ModemTimeout:
        return None


def _iccid(dialogue: Dialogue, candidates: Iterable[str]) -> str | None:
    for command in candidates:
        if iccid := answers.iccid(_optional(dialogue, command) or ()):
            return iccid
    return None


def _configure(dialogue: Dialogue, quirks: Quirks) -> str | None:
    """PDU mode, storage, reports, bearer; returns the SMSC's address."""
    for command in (*quirks.registration, "AT+COPS=3,2"):
        _optional(dialogue, command)
    dialogue.ask("AT+CMGF=0")
    _optional(dialogue, "AT+CSMS=0")
    smsc = answers.smsc(_optional(dialogue, "AT+CSCA?") or ())
    for candidates in (quirks.storage, quirks.reports, quirks.bearer):
        _first_taken(dialogue, candidates)
    return smsc


def _first_taken(dialogue: Dialogue, candidates: Iterable[str]) -> str | None:
    return next((command for command in candidates if _optional(dialogue, command) is not None), None)
