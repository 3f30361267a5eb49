"""The ttys that the probe may ask, from the devices on the bus and the workers' requests. Opens nothing."""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from modem.daemon.ports.requests import PortKey, PortRequest, port_key
from modem.discovery.verdicts import Verdict
from modem.driver.models.models import by_usb_id


@dataclass(frozen=True, slots=True)
class Target:
    """One modem, as far as can be seen from outside.

    ports     ttys, the better first; one answer is enough
    place     the folder of its USB device, "" without one
    names     the names of such a modem, "" for an unknown one
    on_bus    the table of models knows it and no section names its path: `auto` may take it
    fits      the workers whose path or pattern it is
    settle_s  how much longer than usual it may stay silent after it was plugged in
    """

    ports: tuple[PortKey, ...]
    place: str = ""
    names: str = ""
    on_bus: bool = False
    fits: frozenset[str] = frozenset()
    settle_s: float = 0.0


def targets(requests: Sequence[PortRequest], verdicts: Sequence[Verdict]) -> list[Target]:
    """Bridges and unknown ports only where sections name them; a path without an IMEI is opened by its worker alone."""
    named, patterns = _asked_for(requests)
    chosen: list[Target] = []
    seen: set[str] = set()
    for verdict in verdicts:
        ttys = {os.path.realpath(tty) for tty in verdict.device.ttys}
        if verdict.kind == "modem":
            seen |= ttys
            chosen.extend(_modem(verdict, ttys, named, patterns))
        else:
            fitting = [(tty, patterns[tty]) for tty in sorted(ttys & patterns.keys())]
            seen |= ttys
            chosen.extend(Target(_keys(tty), verdict.device.sys_path, fits=names) for tty, names in fitting)
    chosen.extend(Target(_keys(tty), fits=names) for tty, names in patterns.items() if tty not in seen)
    taken_by_path = {tty for tty, chooses in named.items() if not chooses}
    return [target for target in chosen if target.ports and not taken_by_path & {port.path for port in target.ports}]


def _asked_for(requests: Sequence[PortRequest]) -> tuple[dict[str, bool], Mapping[str, frozenset[str]]]:
    """The ttys of sections with a path (does its IMEI choose?), and those of all that choose (for whom?)."""
    named: dict[str, bool] = {}
    patterns: dict[str, set[str]] = defaultdict(set)
    for request in requests:
        for path in request.matches():
            tty = os.path.realpath(path)
            if request.kind == "path":
                named[tty] = request.chooses and named.get(tty, True)
            if request.chooses:
                patterns[tty].add(request.name)
    return named, {tty: frozenset(names) for tty, names in patterns.items()}


def _modem(
    verdict: Verdict, ttys: set[str], named: Mapping[str, bool], patterns: Mapping[str, frozenset[str]]
) -> Iterator[Target]:
    """A modem of the table. Ttys named by sections come before those of the table."""
    place, names = verdict.device.sys_path, verdict.names
    settle_s = max((row.settle_s for row in by_usb_id(verdict.device.usb_id)), default=0.0)
    paths = sorted(ttys & named.keys())
    if paths:
        for tty in paths:
            yield Target(_keys(tty), place, names, fits=patterns.get(tty, frozenset()), settle_s=settle_s)
        return
    by_table = tuple(os.path.realpath(port) for port in verdict.ports)
    by_pattern = sorted(ttys & patterns.keys())
    ports = tuple(port for port in by_table if port in by_pattern) or tuple(by_pattern) or by_table
    fits = frozenset(chain.from_iterable(patterns[tty] for tty in by_pattern))
    yield Target(_keys(*ports), place, names, on_bus=True, fits=fits, settle_s=settle_s)


def _keys(*paths: str) -> tuple[PortKey, ...]:
    """The ttys at these paths, without those that have disappeared meanwhile."""
    return tuple(key for path in paths if (key := port_key(path)))
