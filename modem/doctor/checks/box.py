"""The machine and what is plugged into it, whichever modem it is about."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from modem.discovery.verdicts import Verdict
from modem.doctor.checks.facts import Box, Facts, Finding, finding
from modem.driver.models.models import rows
from modem.errors import PortGone

# Kinds of what is plugged in and cannot send yet.
_UNUSABLE: Final = frozenset({"hilink", "unswitched", "download", "portless", "managed"})


def service(facts: Facts) -> Iterator[Finding]:
    """The daemon and its database."""
    if facts.box.database != "current":
        yield finding(f"database_{facts.box.database}")
    elif not facts.box.daemon:
        yield finding("daemon_stopped")


def plugged_in(facts: Facts) -> Iterator[Finding]:
    """The finding when no device is plugged in, or none that can send."""
    if facts.modems or any(verdict.kind in _UNUSABLE for verdict in facts.usb):
        return
    bridges = [verdict for verdict in facts.usb if verdict.kind == "bridge"]
    if bridges:
        yield finding("only_bridge", tty=next(iter(bridges[0].device.ttys), "/dev/ttyUSB0"))
    else:
        yield finding("none_plugged_in" if facts.bus_seen else "none_known")


def no_modem_yet(facts: Facts) -> Iterator[Finding]:
    """Sticks that are plugged in and show no AT port."""
    for verdict in facts.usb:
        if verdict.kind in _UNUSABLE and not (verdict.kind == "managed" and facts.box.manager):
            yield finding(_why(verdict, facts.box), names=verdict.names, usb_id=verdict.device.usb_id)


def _why(verdict: Verdict, box: Box) -> str:
    if verdict.kind == "portless":
        return "portless" if box.option_driver else "portless_no_driver"
    if verdict.kind == "unswitched":
        before = [row for row in rows() if verdict.device.usb_id in row.usb_ids_before_switch]
        if all(row.kind != "at" for row in before):
            return "unswitched_hilink"
        return "unswitched_installed" if box.modeswitch else "unswitched"
    return verdict.kind


def asleep(facts: Facts) -> Iterator[Finding]:
    """The kernel may put a stick to sleep; several do not wake up."""
    for names in facts.sleepers:
        yield finding("asleep" if facts.box.rules else "asleep_no_rules", names=names)


def rules(facts: Facts) -> Iterator[Finding]:
    """udev's rules, where a stick is plugged in that they are for."""
    if not facts.box.rules and any(verdict.kind == "modem" for verdict in facts.usb):
        yield finding("no_rules")


def doubles(facts: Facts) -> Iterator[Finding]:
    """Two sections for one stick, two sticks of one IMEI, and two modems that answer with one IMSI: a message stays
    with one of them, their reports may not.
    """
    by_port, by_imei, by_imsi = defaultdict(list), defaultdict(list), defaultdict(list)
    for modem in facts.modems:
        if modem.path is not None and not isinstance(modem.error, PortGone):
            by_port[modem.path].append(modem.name)
        if modem.imei is not None:
            by_imei[modem.imei].append(modem.name)
        if modem.answered and modem.imsi is not None:
            by_imsi[modem.imsi].append(modem.name)
    same_port, same_imei, same_imsi = (
        {tuple(names) for names in alike.values() if len(names) > 1} for alike in (by_port, by_imei, by_imsi)
    )
    for names in same_port:
        yield finding("same_port", names[1], names=names)
    for names in same_imei - same_port:
        yield finding("same_imei", names[1], names=names)
    for names in same_imsi - same_imei - same_port:
        yield finding("sim_twin", names[1], first=names[0], second=names[1])
