"""The power of the hub's port that a modem is plugged into, by Debian's `uhubctl`: the recovery ladder's last step.

Only where that port carries this modem or nothing, on both halves of a USB 3 hub, and the hub says that it switches
its ports one by one (docs/adr/0155).
"""

import re
import shutil
import subprocess
from typing import Final

from modem.driver.base.port import UsbPlace
from modem.errors import PortError

OFF_S: Final = 3
PATIENCE_S: Final = 15.0
PATH: Final = "/usr/sbin:/usr/bin:/sbin:/bin"
# Hubs of Raspberry Pi boards that claim to switch single ports and switch all of them at once (uhubctl's README).
GANGED: Final = frozenset({"0424:9514", "0424:2514", "2109:3431"})
# As uhubctl 2.3 to 2.6 print them.
_HUB: Final = re.compile(r"Current status for hub \S+ \[([0-9a-f]{4}:[0-9a-f]{4}).*\]", re.MULTILINE)
_PORT: Final = re.compile(r"^  Port \d+: [0-9a-f]{4}(?: (?!connect)\S+)*(?: connect \[(.*)\])?$", re.MULTILINE)


def power_cycle(place: UsbPlace) -> bool:
    """Switch that port off and on; False where that cannot be done alone. Raises PortError if tried in vain."""
    hub, _, port = place.folder.name.rpartition(".")
    if not hub:  # "1-4" is on port 4 of hub 1: a root hub, which shares its power with the rest of the board
        return False
    if not _is_alone(_uhubctl(hub, port).stdout, place.usb_id):
        return False
    try:
        done = _uhubctl(hub, port, "--action=cycle", f"--delay={OFF_S}")
    except PortError:
        _uhubctl(hub, port, "--action=on")  # it may have stopped between the two
        raise
    if done.returncode or "Sent power on request" not in done.stdout:
        raise PortError(f"{place.folder.name}: its hub did not switch the port: {done.stderr.strip()[:200]}")
    return True


def _is_alone(status: str, usb_id: str) -> bool:
    """True when all that `status` lists is one port of one hub, or of its two halves, with that device or empty."""
    hubs = [(row[1], ", ppps]" in row[0]) for row in _HUB.finditer(status)]
    ports = _PORT.findall(status)
    devices = [description[:9] for description in ports if description]
    lines = [line for line in status.splitlines() if line.strip()]
    return (
        0 < len(hubs) == len(ports) <= 2
        and len(lines) == len(hubs) + len(ports)
        and all(is_per_port and hub_id not in GANGED for hub_id, is_per_port in hubs)
        and devices in ([], [usb_id])
        and "connect []" not in status
    )


def _uhubctl(hub: str, port: str, *action: str) -> subprocess.CompletedProcess[str]:
    """Its answer. Not by sysfs, which the unit may only read; a modem that hangs is not to give its name."""
    program = shutil.which("uhubctl", path=PATH)
    if program is None:
        return subprocess.CompletedProcess((), 1, "", "")
    command = (program, "--nosysfs", "--nodesc", f"--location={hub}", f"--ports={port}", *action)
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PortError(f"uhubctl: {error}") from error
