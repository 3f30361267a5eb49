"""Modems that ModemManager knows, as a table of ours: `python -m tools.modem_table FOLDER [PACK]` writes
modem/driver/models/known.csv.

FOLDER holds ModemManager's 77-mm-*.rules (Debian: modemmanager, /usr/lib/udev/rules.d), PACK is the configuration of
usb-modeswitch-data, unpacked (configPack.tar.gz). Facts only: ids, which interface speaks AT, what the comment above
calls it, and the file that says so. Makers and modems that were no longer sold in 2015 are left out.
"""

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from modem.driver.models.models import KNOWN, TABLE

# Files with something sold since 2015. Those of zte, longcheer, x22x, nokia, linktop, mtk-legacy, mbm and pantech
# are of 3G sticks of before, haier's and cellient's of CDMA; tplink's calls its modem by the name of another.
MAKERS = {
    "broadmobi": "BroadMobi",
    "cinterion": "Cinterion",
    "dell": "Dell",
    "dlink": "D-Link",
    "fibocom": "Fibocom",
    "foxconn": "Foxconn",
    "gosuncn": "Gosuncn",
    "netprisma": "Netprisma",
    "quectel": "Quectel",
    "rolling": "Rolling",
    "sierra": "Sierra",
    "simtech": "SIMCom",
    "telit": "Telit",
    "ublox": "u-blox",
}
# Of before 2015: Telit's UC864, CC864, DE910 and CE910; sticks with SIMCom's first 3G chips.
OLD = {f"1bc7:{pid}" for pid in ("1003", "1004", "1005", "1006", "1010", "1011")} | {
    f"1e0e:{pid}" for pid in ("cefe", "9100", "9200")
}
COLUMNS = tuple(TABLE.read_text("utf-8").partition("\n")[0].split(","))
_RULE = re.compile(
    r'ATTRS\{idVendor\}=="(?P<vid>[0-9a-f]{4})", ATTRS\{idProduct\}=="(?P<pid>[0-9a-f]{4})"'
    r'(?:, ENV\{\.MM_USBIFNUM\}=="(?P<interface>[0-9a-f]{2})")?.*?, ENV\{ID_MM_(?P<what>[A-Z_]+)\}="(?P<value>[^"]*)"'
)
_LAYOUT = re.compile(r"\(if #(?P<number>\d+)\): (?P<use>primary|secondary)$")
_CLUTTER = re.compile(r" ?\(.*?\)| port (?:types|hints)| family .*| with default .*|\.\.\.")


@dataclass
class Known:
    """One id. Interfaces are two hexadecimal digits."""

    usb_id: str
    name: str
    source: str
    at: list[str] = field(default_factory=list)
    second: list[str] = field(default_factory=list)
    ignored: set[str] = field(default_factory=set)
    settle_s: str = ""


def known(folder: Path) -> Iterator[Known]:
    """All ids of which a rule or the comment above it says which interface speaks AT."""
    for short in MAKERS:
        for file in sorted(folder.glob(f"77-mm-{short}*.rules")):
            yield from (row for row in _of_file(file) if row.at and row.usb_id not in OLD)


def _of_file(file: Path) -> Iterable[Known]:
    rows: dict[str, Known] = {}
    comment: list[str] = []
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("#"):
            comment.append(line.lstrip("# ").strip())
        elif rule := _RULE.search(line):
            usb_id = f"{rule['vid']}:{rule['pid']}"
            one = rows.setdefault(usb_id, _begun(usb_id, comment, file.name))
            _note(one, rule["interface"], rule["what"], rule["value"])
        elif not line.strip():
            comment = []
    for one in rows.values():
        one.at = [port for port in one.at if port not in one.ignored]
        one.second = [port for port in one.second if port not in one.ignored]
    return rows.values()


def _begun(usb_id: str, comment: list[str], source: str) -> Known:
    one = Known(usb_id, comment[0] if comment else "", source)
    for layout in map(_LAYOUT.search, comment):
        if layout:
            (one.at if layout["use"] == "primary" else one.second).append(f"{int(layout['number']):02x}")
    return one


def _note(one: Known, interface: str | None, what: str, value: str) -> None:
    if what == "UBLOX_PORT_READY_DELAY":
        one.settle_s = value
    elif interface is None:
        return
    elif what == "PORT_IGNORE":
        one.ignored.add(interface)
    elif what == "PORT_TYPE_AT_PRIMARY" and interface not in one.at:
        one.at.append(interface)
    elif what == "PORT_TYPE_AT_SECONDARY" and interface not in one.second:
        one.second.append(interface)


def before_switch(pack: Path | None) -> dict[str, list[str]]:
    """Id in use → ids of the CD-ROMs that become it (`TargetVendor`, `TargetProduct` of files named `vid:pid`)."""
    discs: dict[str, list[str]] = {}
    for file in sorted(pack.iterdir()) if pack else ():
        text = file.read_text("utf-8", "replace")
        vendor = re.search(r"^TargetVendor=\s*0x([0-9a-f]{4})", text, re.M | re.I)
        products = re.findall(r'^TargetProduct(?:List)?=\s*"?(?:0x)?([0-9a-f,]{4,})"?', text, re.M | re.I)
        for product in ",".join(products).split(","):
            if vendor and product:
                discs.setdefault(f"{vendor[1]}:{product}".lower(), []).append(file.name[:9].lower())
    return discs


def table(folder: Path, pack: Path | None = None) -> list[dict[str, str]]:
    """The rows, by id."""
    switched, rows = before_switch(pack), []
    for one in sorted(known(folder), key=lambda one: one.usb_id):
        maker = MAKERS[one.source.split("-")[2].split(".")[0]]
        model = _CLUTTER.sub("", one.name).replace(",", "").removeprefix(maker).removeprefix("SIM ").strip()
        cells = {
            "model": f"{maker} {model}",
            "usb_id": one.usb_id,
            "usb_id_before_switch": " ".join(switched.get(one.usb_id, ())),
            "kind": "at",
            "match_by": "interface",
            "at": " ".join(one.at),
            "second_at": " ".join(one.second),
            "settle_s": one.settle_s,
            "note": one.source,
        }
        rows.append(dict.fromkeys(COLUMNS, "") | cells)
    return rows


def main() -> None:
    """Write the table."""
    pack = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    with KNOWN.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(table(Path(sys.argv[1]), pack))


if __name__ == "__main__":
    main()
