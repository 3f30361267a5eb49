"""From the path to a modem that answers, and to its SIM, present, open and accepted: the possible obstacles. The
machine and what is plugged into it, whichever modem it is about.
"""

from collections.abc import Iterator
from typing import Final

from modem import errors
from modem.doctor.checks.facts import NOT_EXAMINED, Box, Facts, Finding, Modem, finding, last_code
from modem.driver.dialogue.unlock import FEW_TRIES
from rules.calendar import clock
from rules.sentences import DOCTOR, coded

_STATES: Final = frozenset({"absent", "faulty", "out_of_service", "starting", "paused", NOT_EXAMINED})
# Programs that take a modem by themselves; all have rows of their own.
_TAKERS: Final = ("ModemManager", "brltty", "plp-modem")
# Kinds of what is plugged in and cannot send yet.
_UNUSABLE: Final = frozenset({"hilink", "unswitched", "download", "portless", "managed"})


def ports(facts: Facts) -> Iterator[Finding]:
    """The first obstacle to an answer, or to sending: by its port, else its daemon's sentence, else its state."""
    for modem in facts.modems:
        reason = modem.standing.reason
        if modem.path is not None and (fault := _port(modem, modem.path, facts.box)):
            yield fault
        elif reason.code in ("port_held", "port_kept", "port_own"):
            holder = reason.values["holder"]
            taker = next((f"held_{name}" for name in _TAKERS if name in str(holder)), "held")
            yield finding(taker, modem.name, port=modem.path or modem.device, holder=holder)
        elif modem.standing.state in _STATES:
            code = f"said_{reason.code}" if f"said_{reason.code}" in DOCTOR else modem.standing.state
            values = {"daemons_word": reason or coded("no_detail"), **reason.values}
            yield finding(code, modem.name, more=last_code(modem), **values)


def _port(modem: Modem, path: str, box: Box) -> Finding | None:
    match modem.error:
        case errors.NotManaged() | errors.NotAllowed() | errors.PortBusy():
            return None
        case errors.PortGone():
            return finding("no_port", modem.name, port=path)
        case errors.PortForbidden():
            return finding("forbidden" if box.rules else "forbidden_no_rules", modem.name, port=path)
        case errors.PortError():
            return finding("no_tty", modem.name, port=path)
        case errors.ModemTimeout() | errors.ProtocolError() | errors.CommandError():
            return _mute(modem, path, modem.error)
    return None


def _mute(modem: Modem, path: str, error: errors.ModemError) -> Finding:
    """It opens, and nobody sensible answers."""
    names, ports = (modem.usb.names, modem.usb.ports) if modem.usb else ("", ())
    better = next((tty for tty in ports if tty != path), None)
    if better and path != ports[0]:
        return finding("wrong_port", modem.name, port=path, names=names, better=better)
    if isinstance(error, errors.ModemTimeout):
        code = "mute_other_port" if better else "mute"
        return finding(code, modem.name, stage=error.stage, better=better)
    return finding("no_modem", modem.name, error=error)


def cards(facts: Facts) -> Iterator[Finding]:
    """Reasons why a card does not send, or one day may not."""
    for modem in facts.modems:
        if code := _card(modem):
            yield finding(code, modem.name, left=modem.standing.pin_tries)
        if modem.pin_file == "exposed":
            yield finding("pin_exposed", modem.name)
        elif modem.pin_file in ("missing", "malformed") and not (code or "").startswith("pin_"):
            yield finding(f"pin_file_{modem.pin_file}", modem.name)  # the card is open, until the power is cut


def _card(modem: Modem) -> str | None:
    state, reason, left = modem.standing.state, modem.standing.reason.code, modem.standing.pin_tries
    if reason == "sim_missing":
        return "sim_missing"
    if reason == "puk_asked":
        return "sim_blocked"
    if state == "pin":
        if left is not None and left <= FEW_TRIES:
            return "pin_few_tries"
        return "pin_refused" if modem.pin_file in ("good", "exposed") else f"pin_{modem.pin_file}"
    return {"no_sim": "sim_broken", "quarantined": "sim_quarantined"}.get(state)


def service(facts: Facts) -> Iterator[Finding]:
    """The daemon and its database."""
    fault = facts.box.fault
    if fault.code == "database_unwritable":  # its file or its disk: no server is asked to be looked at
        yield finding("database_unusable", why=fault.values["why"], remedy=fault.values["remedy"])
    elif facts.box.database == "away" and fault:
        yield finding("database_away_because", fault=fault)
    elif facts.box.database != "current":
        yield finding(f"database_{facts.box.database}")
    elif not facts.box.daemon:
        yield finding("daemon_stopped")
    for gone in facts.judgement.missing if facts.judgement else ():
        if gone.process != "modem":
            name = coded(f"process_{gone.process}")
            yield finding("process_missing", name=name, host=gone.host, since=clock(gone.since))


def plugged_in(facts: Facts) -> Iterator[Finding]:
    """The finding when no device is plugged in, or none that can send."""
    if facts.modems or any(verdict.kind in _UNUSABLE for verdict in facts.usb):
        return
    bridges = [verdict for verdict in facts.usb if verdict.kind == "bridge"]
    if bridges:
        yield finding("only_bridge", tty=next(iter(bridges[0].device.ttys), "/dev/ttyUSB0"))
    else:
        yield finding("none_plugged_in")


def no_modem_yet(facts: Facts) -> Iterator[Finding]:
    """Sticks that are plugged in and show no AT port."""
    for verdict in facts.usb:
        if verdict.kind in _UNUSABLE and not (verdict.kind == "managed" and facts.box.manager):
            turns_hilink = verdict.reason.code == "usb_unswitched_hilink"
            code = "unswitched_hilink" if turns_hilink else verdict.kind
            yield finding(code, names=verdict.names, usb_id=verdict.device.usb_id)


def configuration(facts: Facts) -> Iterator[Finding]:
    """Keys of a modem that are taken otherwise than they read."""
    for name, sentence in facts.box.odd:
        yield finding("config_odd", name, odd=sentence)


def rules(facts: Facts) -> Iterator[Finding]:
    """udev's rules, where a stick is plugged in that they are for."""
    if not facts.box.rules and any(verdict.kind == "modem" for verdict in facts.usb):
        yield finding("no_rules")
