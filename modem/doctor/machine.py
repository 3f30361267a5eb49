"""Facts of this machine: files, rights, drivers."""

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from modem.daemon.records.pins import read_pin
from modem.doctor.checks.facts import PinFile

# As it stands in udev/ (`python -m tools.udev_rules`).
RULES_FILE: Final = "70-plp-alerte.rules"
_RULE_FOLDERS: Final = ("etc/udev/rules.d", "run/udev/rules.d", "usr/lib/udev/rules.d", "lib/udev/rules.d")
_OTHERS_MAY: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Machine:
    """`root` is / except in tests."""

    root: Path = Path("/")

    def has_rules(self) -> bool:
        """udev's rules are installed, from any source."""
        return any((self.root / folder / RULES_FILE).exists() for folder in _RULE_FOLDERS)

    def has_modeswitch(self) -> bool:
        """usb-modeswitch is installed; its program is in the system's own folders, which a user's path may lack."""
        folders = os.pathsep.join(str(self.root / folder) for folder in ("usr/sbin", "sbin", "usr/bin"))
        return shutil.which("usb_modeswitch", path=folders) is not None

    def has_option_driver(self) -> bool:
        """The kernel's driver for the ttys of most sticks is loaded."""
        return (self.root / "sys/bus/usb-serial/drivers/option1").exists()

    def may_sleep(self, sys_path: str) -> bool:
        """The kernel may switch this USB device off while nobody uses it."""
        try:
            return (self.root / sys_path.lstrip("/") / "power/control").read_text().strip() == "auto"
        except OSError:
            return False


def pin_file(path: Path | None) -> PinFile:
    """The fault of a PIN's file, if any; its content is not output."""
    if path is None:
        return "none"
    try:
        read_pin(path)
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "unreadable"
    except ValueError:
        return "malformed"
    return "exposed" if path.stat().st_mode & _OTHERS_MAY else "good"
