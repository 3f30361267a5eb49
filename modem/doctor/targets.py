"""The modems to look at, and their ports: those of config.ini, else the plugged-in ones. Opens nothing."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from db.settings.values import ModemSettings, Settings
from modem.daemon.ports.devices import simulator_link
from modem.daemon.ports.requests import request_of
from modem.discovery.verdicts import Verdict
from plp.rules.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Candidate:
    """`path` is None where nothing that is plugged in fits the section. `usb` is what is plugged in there."""

    settings: ModemSettings
    path: str | None
    usb: Verdict | None = None

    @property
    def name(self) -> str:
        """As people call it."""
        return self.settings.name

    def asked_for(self, keeps_pins: bool) -> ModemSettings:
        """Its section for whoever asks it. Without the database nobody can tell whether its PIN was refused before."""
        return self.settings if keeps_pins else replace(self.settings, pin_file=None)


def candidates(settings: Settings, verdicts: Sequence[Verdict], asked: str | None = None) -> list[Candidate]:
    """One for each section, or for each known modem that is plugged in where there is none. `asked` is a section's name
    or a path: then only that one. Raises Refusal when it is neither.
    """
    sections = settings.modems or tuple(
        ModemSettings(f"usb-{verdict.device.place}") for verdict in verdicts if verdict.kind == "modem"
    )
    taken: set[str] = set()
    found = [_candidate(section, settings, verdicts, taken) for section in sections]
    if asked is None:
        return found
    fitting = [
        candidate for candidate in found if asked in (candidate.name, candidate.path) or _same(candidate.path, asked)
    ]
    if fitting:
        return fitting
    if os.sep not in asked and not os.path.exists(asked):
        names = ", ".join(candidate.name for candidate in found) or "aucun"
        raise Refusal("« {asked} » n'est ni un modem ({names}) ni le chemin d'un port.", asked=asked, names=names)
    path = os.path.abspath(asked)
    return [Candidate(ModemSettings(os.path.basename(path), path), path, _usb(path, verdicts))]


def _candidate(section: ModemSettings, settings: Settings, verdicts: Sequence[Verdict], taken: set[str]) -> Candidate:
    simulated = section.device == "sim"
    asked = request_of(section, str(simulator_link(settings, section.name)) if simulated else None)
    if asked.kind == "managed":
        return Candidate(section, asked.imei or asked.device)
    if asked.kind == "path":
        return Candidate(section, asked.device, _usb(asked.device, verdicts))
    if asked.kind == "glob":
        free = [path for path in asked.matches() if os.path.realpath(path) not in taken]
        path = next(iter(free), None)
    else:
        modems = [verdict for verdict in verdicts if verdict.kind == "modem" and not taken & set(verdict.ports)]
        named = [verdict for verdict in modems if section.name == f"usb-{verdict.device.place}"]
        path = next((verdict.ports[0] for verdict in named or modems), None)
    if path is None:
        return Candidate(section, None)
    taken.add(os.path.realpath(path))
    return replace(Candidate(section, path), usb=_usb(path, verdicts))


def _usb(path: str, verdicts: Sequence[Verdict]) -> Verdict | None:
    real = os.path.realpath(path)
    return next((verdict for verdict in verdicts if real in map(os.path.realpath, verdict.device.ttys)), None)


def _same(path: str | None, asked: str) -> bool:
    return path is not None and os.path.exists(asked) and os.path.realpath(path) == os.path.realpath(asked)
