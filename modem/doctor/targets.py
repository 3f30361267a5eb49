"""The modems to look at, and their ports: those of config.ini, else the plugged-in ones; and whether these can be used,
for `plp check`. Opens nothing.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from modem.daemon.ports.requests import request_of
from modem.discovery.verdicts import Verdict
from plp.settings.values import ModemSettings, Settings
from rules.refusals import Refusal

_NONE_PLUGGED_IN = (
    "aucun modem connu n'est branché ; pour un autre, donnez son port à une section [modem:NOM] de config.ini "
    "(device = /dev/…)"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """`path` is None where nothing that is plugged in fits the section. `usb` is what is plugged in at it."""

    settings: ModemSettings
    path: str | None
    usb: Verdict | None = None

    @property
    def name(self) -> str:
        return self.settings.name

    def section(self, keeps_pins: bool) -> ModemSettings:
        """Its section for whoever asks it. Without the database nobody can tell whether its PIN was refused before."""
        return self.settings if keeps_pins else replace(self.settings, pin_file=None)


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
    fitting = [
        candidate for candidate in known if wanted in (candidate.name, candidate.path) or _same(candidate.path, wanted)
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
        return Candidate(section, request.imei or request.device)
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


def _same(path: str | None, wanted: str) -> bool:
    return path is not None and os.path.exists(wanted) and os.path.realpath(path) == os.path.realpath(wanted)


def check_ports(settings: Settings, verdicts: Sequence[Verdict]) -> str:
    """One line about all of them. Raises Refusal with the first that cannot be used, and what to do."""
    known = candidates(settings, verdicts)
    # ModemManager's modems come and go, and tell by themselves what is wrong.
    ours = [candidate for candidate in known if candidate.settings.driver != "modemmanager"]
    for candidate in ours:
        if candidate.settings.device != "auto":
            _check_port(candidate)
    wants_known = not known or any(candidate.settings.device == "auto" for candidate in ours)
    if wants_known and not any(verdict.kind == "modem" for verdict in verdicts):
        sentences = [str(verdict.reason) for verdict in verdicts if verdict.reason]
        raise Refusal("{why}", why=" ".join(sentences) or _NONE_PLUGGED_IN)
    if settings.modems:
        return ", ".join(candidate.name for candidate in known)
    return ", ".join(f"{candidate.usb.names} ({candidate.usb.device.place})" for candidate in known if candidate.usb)


def _check_port(candidate: Candidate) -> None:
    name, path = candidate.name, candidate.path
    if path is None:
        pattern = candidate.settings.device
        raise Refusal("[modem:{name}] : aucun port n'est de la forme {tty} ; branchez le modem", name=name, tty=pattern)
    if not os.path.exists(path):
        raise Refusal("[modem:{name}] : {tty} n'existe pas ; branchez le modem", name=name, tty=path)
    if not os.access(path, os.R_OK | os.W_OK):
        raise Refusal(
            "[modem:{name}] : {tty} n'est pas accessible ; installez les règles udev (groupe plp), ou groupe dialout ?",
            name=name,
            tty=path,
        )
