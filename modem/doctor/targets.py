"""The modems to look at, and their ports: those of config.ini, else the plugged-in ones. Opens nothing."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from base.settings.values import ModemSettings, Settings
from modem.daemon.ports.requests import request_of
from modem.discovery.verdicts import Verdict
from rules.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Candidate:
    """`path` is None where nothing plugged in fits, or ModemManager has the modem; `usb` is the device at it."""

    settings: ModemSettings
    path: str | None
    usb: Verdict | None = None

    @property
    def name(self) -> str:
        return self.settings.name


def candidates(settings: Settings, verdicts: Sequence[Verdict], wanted: str | None = None) -> list[Candidate]:
    """One for every section, or for every known modem that is plugged in where config.ini has none. `wanted` is a
    section's name or a path: then only that one. Raises Refusal when it is neither.
    """
    sections = settings.modems or tuple(
        ModemSettings(f"usb-{verdict.device.place}") for verdict in verdicts if verdict.kind == "modem"
    )
    taken: set[str] = set()
    known = [_candidate(section, settings, verdicts, taken) for section in sections]
    if wanted is None:
        return known
    tty = os.path.realpath(wanted) if os.path.exists(wanted) else None
    fitting = [
        candidate
        for candidate in known
        if wanted in (candidate.name, candidate.path) or (candidate.path and os.path.realpath(candidate.path) == tty)
    ]
    if fitting:
        return fitting
    if os.sep not in wanted and not os.path.exists(wanted):
        names = ", ".join(candidate.name for candidate in known) or "aucun"
        raise Refusal("« {asked} » n'est ni un modem ({names}) ni le chemin d'un port.", asked=wanted, names=names)
    path = os.path.abspath(wanted)
    return [Candidate(ModemSettings(os.path.basename(path), path), path, _usb(path, verdicts))]


def _candidate(section: ModemSettings, settings: Settings, verdicts: Sequence[Verdict], taken: set[str]) -> Candidate:
    request = request_of(settings, section)
    if request.kind == "managed":
        return Candidate(section, None)
    if request.kind == "path":
        return Candidate(section, request.device, _usb(request.device, verdicts))
    if request.kind == "glob":
        free = [path for path in request.matches() if os.path.realpath(path) not in taken]
        path = next(iter(free), None)
    else:
        modems = [verdict for verdict in verdicts if verdict.kind == "modem" and not taken & set(verdict.ports)]
        named = [verdict for verdict in modems if section.name == f"usb-{verdict.device.place}"]
        path = next((verdict.ports[0] for verdict in named or modems), None)
    if path is None:
        return Candidate(section, None)
    taken.add(os.path.realpath(path))
    return Candidate(section, path, _usb(path, verdicts))


def _usb(path: str, verdicts: Sequence[Verdict]) -> Verdict | None:
    real = os.path.realpath(path)
    return next((verdict for verdict in verdicts if real in map(os.path.realpath, verdict.device.ttys)), None)
