"""The requests of config.ini's sections, and the ttys that fit them: paths as they are now, nothing is opened."""

import glob
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from base.settings.values import ModemSettings, Settings
from db.engine.files import state_folder

# path  one path; whatever is at it is the modem
# glob  whatever fits a pattern
# auto  every modem of the table that is plugged in
# managed  ModemManager has it: no tty is ours
Kind = Literal["path", "glob", "auto", "managed"]


@dataclass(frozen=True, slots=True)
class PortRequest:
    """One worker's request. `device` is a path, a pattern, or `auto`; `imei` chooses if given. `managed`: it has no tty
    here, because its driver finds the modem through ModemManager.
    """

    name: str
    device: str
    imei: str | None
    managed: bool = False

    @property
    def kind(self) -> Kind:
        if self.managed:
            return "managed"
        if self.device == "auto":
            return "auto"
        return "glob" if glob.has_magic(self.device) else "path"

    @property
    def chooses(self) -> bool:
        """True when the modems must be identified before one of them is set up."""
        return self.kind != "path" or self.imei is not None

    def matches(self) -> list[str]:
        """The paths that exist now; none for `auto`, whose ports the bus shows, or `managed`."""
        match self.kind:
            case "path":
                return [self.device] if os.path.exists(self.device) else []
            case "glob":
                return [path for path in sorted(glob.glob(self.device)) if os.path.exists(path)]
            case _:
                return []


@dataclass(frozen=True, slots=True)
class PortKey:
    """A tty from its appearance to its removal: one that returns has another key, whatever its name.

    `path` is the tty itself, never a link; `made_ns` is when its node was made or its rights were changed.
    """

    path: str
    number: int
    made_ns: int


def port_key(path: str) -> PortKey | None:
    """The tty at `path` now; None without one."""
    real = os.path.realpath(path)
    try:
        status = os.stat(real)
    except OSError:
        return None
    return PortKey(real, status.st_rdev, status.st_ctime_ns)


def simulator_link(settings: Settings, name: str) -> Path:
    """The link under which the supervisor starts the simulator of `device = sim`."""
    return state_folder(settings) / f"sim-{name}"


def request_of(settings: Settings, section: ModemSettings) -> PortRequest:
    """A section's request; `sim` is the simulator's link."""
    device = str(simulator_link(settings, section.name)) if section.device == "sim" else section.device
    return PortRequest(section.name, device, section.imei, managed=section.driver == "modemmanager")
