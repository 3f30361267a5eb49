"""The udev rules, made from the table of models: `python -m tools.udev_rules > udev/70-plp-alerte.rules`. After
60, where udev finds out serial numbers and paths; before 80, where ModemManager's rules read the mark to keep away.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from modem.driver.models.models import ModelRow, rows

_HEAD: Final = """\
# Modems of plp-alerte: ModemManager keeps away, the group may use them, links that stay.
# Made from the table of models (modem/driver/models/models.csv); write it anew instead of editing it:
#   python -m tools.udev_rules > udev/70-plp-alerte.rules
#
# UART bridges (1a86:7523 and others) are in no rule: their id says nothing of what hangs on them. A modem behind one
# is named in config.ini by /dev/serial/by-path/…, and whoever runs plp-alerte is in the group "dialout". On a machine
# with brltty, its rules take every CH340 (1a86:7523) for a braille display, and the tty vanishes: remove brltty.

ACTION=="remove", GOTO="plp_end"
SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", GOTO="plp_models"
SUBSYSTEM=="tty", SUBSYSTEMS=="usb", GOTO="plp_models"
GOTO="plp_end"

# The devices themselves and their ttys.
LABEL="plp_models"
"""
_MARK: Final = 'ENV{ID_MM_DEVICE_IGNORE}="1", ENV{.PLP}="1"'
_USE: Final = """
# The device's node is for USBDEVFS_RESET. It is never put to sleep, which some modems do not survive.
ENV{.PLP}!="1", GOTO="plp_end"
ENV{.PLP_GROUP}="plp"
GROUP="$env{.PLP_GROUP}", MODE="0660"
SUBSYSTEM=="usb", TEST=="power/control", ATTR{power/control}="on"
SUBSYSTEM=="usb", GOTO="plp_end"

# A link to every tty that speaks AT: by where it is plugged in, and by its serial number where it has one.
"""
_LINKS: Final = """\
GOTO="plp_end"

LABEL="plp_at"
ENV{ID_PATH}=="?*", SYMLINK+="plp/by-path/$env{ID_PATH}"
ENV{ID_SERIAL_SHORT}=="?*", SYMLINK+="plp/by-serial/$env{ID_SERIAL_SHORT}-if$env{ID_USB_INTERFACE_NUM}"

LABEL="plp_end"
"""


def rules(table: Sequence[ModelRow] | None = None) -> str:
    """The whole file for `table` (the packaged one)."""
    modems = [row for row in (rows() if table is None else table) if row.kind == "at"]
    links = dict.fromkeys(line for row in modems for line in _links(row))
    return "".join([_HEAD, *_marks(modems), _USE, *links, _LINKS])


def _marks(modems: Iterable[ModelRow]) -> Iterator[str]:
    """A rule for every USB id, once, under the names of its models."""
    names: dict[str, list[str]] = {}
    for row in modems:
        for usb_id in row.usb_ids:
            names.setdefault(usb_id, []).append(row.names)
    previous = ""
    for usb_id, of_id in names.items():
        comment = f"# {', '.join(of_id)}\n"
        vendor, product = usb_id.split(":")
        yield "" if comment == previous else comment
        yield f'ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{product}", {_MARK}\n'
        previous = comment


def _links(row: ModelRow) -> Iterator[str]:
    """To the links, for every port of the row that speaks AT. ATTRS of one rule must all be of one parent."""
    for usb_id in row.usb_ids:
        vendor, product = usb_id.split(":")
        for port in (*row.at, *row.second_at):
            if row.match_by == "interface":
                which = f'ATTRS{{bInterfaceNumber}}=="{port}"'
            else:
                which = f'ATTRS{{bInterfaceClass}}=="ff", ATTRS{{bInterfaceProtocol}}=="{port}"'
            yield f'ENV{{ID_VENDOR_ID}}=="{vendor}", ENV{{ID_MODEL_ID}}=="{product}", {which}, GOTO="plp_at"\n'


if __name__ == "__main__":
    sys.stdout.write(rules())
