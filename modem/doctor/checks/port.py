"""From the path to a modem that answers: what may stand in between. A modem that its daemon opened is past all this."""

from collections.abc import Iterator
from typing import Final

from modem.doctor.checks.facts import Box, Facts, Finding, Modem, Port, finding
from modem.doctor.checks.network import last_code
from modem.errors import (
    CommandError,
    ModemTimeout,
    NotAllowed,
    NotManaged,
    PortBusy,
    PortError,
    PortGone,
    ProtocolError,
)
from plp.rules.sentences import DOCTOR, coded

_STATES: Final = frozenset({"absent", "faulty", "out_of_service", "starting", "paused"})
# Programs that take a modem by themselves; each has a row of its own.
_TAKERS: Final = ("ModemManager", "brltty")


def ports(facts: Facts) -> Iterator[Finding]:
    """The first thing that keeps each modem from answering."""
    for modem in facts.modems:
        if modem.standing is None and modem.port is not None and (found := _port(modem, modem.port, facts.box)):
            yield found


def daemons_word(facts: Facts) -> Iterator[Finding]:
    """The daemon's reason not to send with a modem that it has: the row of its sentence, else of its state."""
    for modem in facts.modems:
        if modem.standing is not None and modem.standing.state in _STATES:
            told = modem.standing.told
            if told.code in ("port_held", "port_kept"):
                yield _held(modem, modem.device, told.values["holder"])
                continue
            code = f"said_{told.code}" if f"said_{told.code}" in DOCTOR else modem.standing.state
            values = {"told": told or coded("no_detail"), **told.values}
            yield finding(code, modem.name, more=last_code(modem), **values)


def _port(modem: Modem, port: Port, box: Box) -> Finding | None:
    if isinstance(modem.error, NotManaged | NotAllowed):
        code = "not_managed" if isinstance(modem.error, NotManaged) else "not_allowed"
        return finding(f"said_{code}", modem.name)
    if not port.exists or isinstance(modem.error, PortGone):
        return finding("no_port", modem.name, port=port.path)
    if not port.is_tty or (port.may_use and type(modem.error) is PortError):
        return finding("no_tty", modem.name, port=port.path)
    if isinstance(modem.error, PortBusy) or port.holder:
        holder = modem.error.holder if isinstance(modem.error, PortBusy) and modem.error.holder else port.holder
        return _held(modem, port.path, holder or coded("another_program"))
    if not port.may_use:
        return finding("forbidden" if box.rules else "forbidden_no_rules", modem.name, port=port.path)
    return _mute(modem, port)


def _held(modem: Modem, port: str, holder: object) -> Finding:
    taker = next((f"held_{name}" for name in _TAKERS if name in str(holder)), "held")
    return finding(taker, modem.name, port=port, holder=holder)


def _mute(modem: Modem, port: Port) -> Finding | None:
    """It opens, and nobody sensible answers."""
    if not isinstance(modem.error, ModemTimeout | ProtocolError | CommandError):
        return None
    names, ports = (modem.usb.names, modem.usb.ports) if modem.usb else ("", ())
    better = next((tty for tty in ports if tty != port.path), None)
    if better and port.path != ports[0]:
        return finding("wrong_port", modem.name, port=port.path, names=names, better=better)
    if isinstance(modem.error, ModemTimeout):
        code = "mute_other_port" if better else "mute"
        return finding(code, modem.name, stage=modem.error.stage, better=better)
    return finding("no_modem", modem.name, error=modem.error)
