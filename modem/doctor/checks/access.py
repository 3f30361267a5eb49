"""From the path to a modem that answers, and to its SIM, present, open and accepted: the possible obstacles."""

from collections.abc import Iterator
from typing import Final

from modem.doctor.checks.facts import Box, Facts, Finding, Modem, finding
from modem.doctor.checks.network import last_code
from modem.errors import (
    CommandError,
    ModemError,
    ModemTimeout,
    NotAllowed,
    NotManaged,
    PinRequired,
    PortBusy,
    PortError,
    PortForbidden,
    PortGone,
    ProtocolError,
    PukRequired,
    SimError,
    SimMissing,
)
from rules.sentences import DOCTOR, coded

_STATES: Final = frozenset({"absent", "faulty", "out_of_service", "starting", "paused"})
# Programs that take a modem by themselves; all have rows of their own.
_TAKERS: Final = ("ModemManager", "brltty")
# Of a PIN.
FEW_TRIES: Final = 2


def ports(facts: Facts) -> Iterator[Finding]:
    """The first thing that keeps a modem from answering, for every modem."""
    for modem in facts.modems:
        if modem.standing is None and modem.path is not None and (fault := _port(modem, modem.path, facts.box)):
            yield fault


def daemons_word(facts: Facts) -> Iterator[Finding]:
    """The daemon's reason not to send with a modem that it has: the row of its sentence, else of its state."""
    for modem in facts.modems:
        if modem.standing is not None and modem.standing.state in _STATES:
            reason = modem.standing.reason
            if reason.code in ("port_held", "port_kept"):
                yield _held(modem, modem.device, reason.values["holder"])
                continue
            code = f"said_{reason.code}" if f"said_{reason.code}" in DOCTOR else modem.standing.state
            values = {"daemons_word": reason or coded("no_detail"), **reason.values}
            yield finding(code, modem.name, more=last_code(modem), **values)


def _port(modem: Modem, path: str, box: Box) -> Finding | None:
    match modem.error:
        case NotManaged():
            return finding("said_not_managed", modem.name)
        case NotAllowed():
            return finding("said_not_allowed", modem.name)
        case PortGone():
            return finding("no_port", modem.name, port=path)
        case PortBusy(holder=holder):
            return _held(modem, path, holder or coded("another_program"))
        case PortForbidden():
            return finding("forbidden" if box.rules else "forbidden_no_rules", modem.name, port=path)
        case PortError():
            return finding("no_tty", modem.name, port=path)
        case ModemTimeout() | ProtocolError() | CommandError():
            return _mute(modem, path, modem.error)
    return None


def _held(modem: Modem, port: str, holder: object) -> Finding:
    taker = next((f"held_{name}" for name in _TAKERS if name in str(holder)), "held")
    return finding(taker, modem.name, port=port, holder=holder)


def _mute(modem: Modem, path: str, error: ModemError) -> Finding:
    """It opens, and nobody sensible answers."""
    names, ports = (modem.usb.names, modem.usb.ports) if modem.usb else ("", ())
    better = next((tty for tty in ports if tty != path), None)
    if better and path != ports[0]:
        return finding("wrong_port", modem.name, port=path, names=names, better=better)
    if isinstance(error, ModemTimeout):
        code = "mute_other_port" if better else "mute"
        return finding(code, modem.name, stage=error.stage, better=better)
    return finding("no_modem", modem.name, error=error)


def cards(facts: Facts) -> Iterator[Finding]:
    """Reasons why a card does not send, or one day may not."""
    for modem in facts.modems:
        if code := _card(modem):
            yield finding(code, modem.name, left=_tries_left(modem))
        if modem.pin_file == "exposed":
            yield finding("pin_exposed", modem.name)
        elif modem.pin_file in ("missing", "malformed") and not (code or "").startswith("pin_"):
            yield finding(f"pin_file_{modem.pin_file}", modem.name)  # the card is open, until the power is cut


def _card(modem: Modem) -> str | None:
    state = modem.standing.state if modem.standing else ""
    reason = modem.standing.reason.code if modem.standing else ""
    if isinstance(modem.error, SimMissing) or reason == "sim_missing":
        return "sim_missing"
    if isinstance(modem.error, PukRequired) or reason == "puk_asked":
        return "sim_blocked"
    if isinstance(modem.error, PinRequired) or state == "pin":
        left = _tries_left(modem)
        if left is not None and left <= FEW_TRIES:
            return "pin_few_tries"
        return "pin_refused" if modem.pin_file in ("good", "exposed") else f"pin_{modem.pin_file}"
    if isinstance(modem.error, SimError) or state == "no_sim":
        return "sim_broken"
    return "sim_quarantined" if state == "quarantined" else None


def _tries_left(modem: Modem) -> int | None:
    left = modem.error.tries_left if isinstance(modem.error, PinRequired) else None
    return left if left is not None or modem.standing is None else modem.standing.pin_tries
