"""The table of models in docs/hardware.md, made of the checkout: `python -m tests.modem.driver.hardware_page`.

A row for each model of models.csv, and for each kind of modem that is played without being in it.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from modem.driver.models.models import KNOWN, TABLE, ModelRow, for_model, rows
from tests.simulator.dialects import profile_in

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "hardware.md"
PROFILES = ROOT / "tests" / "simulator" / "profiles"
FOREIGN = ROOT / "tests" / "modem" / "sim" / "foreign"
TRANSCRIPTS = ROOT / "tests" / "modem" / "sim" / "transcripts"
BEGIN, END = "<!-- made by tests.modem.driver.hardware_page -->\n", "<!-- end -->\n"
HEAD = "| Model | USB | Network | Played as | Real stick |\n|---|---|---|---|---|\n"
# Not driven by AT commands, with the reason.
ASIDE = {"hilink": "no AT port: refused with a sentence", "edl": "reported as a defective modem"}
REPORTED = re.compile(r"^\| (?!Model )([^|]+) \| [^|]+ \| ([^|]+) \| (\d{4}-\d\d-\d\d) \|", re.MULTILINE)


def played() -> dict[ModelRow | str, list[str]]:
    """By row of the table, or by the model's name where there is none: the files that play it."""
    files: dict[ModelRow | str, list[str]] = defaultdict(list)
    for kind, folder in (("simulated profile", PROFILES), ("as others describe it", FOREIGN)):
        for file in sorted(folder.glob("*.toml")):
            told = profile_in(file)
            if file.stem != "default":  # no modem in particular
                row = for_model(told.manufacturer, told.model)
                files[row or f"{told.manufacturer} {told.model}"].append(f"{kind} `{file.stem}`")
    for file in sorted(TRANSCRIPTS.glob("*.txt")):
        model, usb_id = (
            re.search(rf"^{key}: ([\w: -]+)", file.read_text(), re.MULTILINE)[1] for key in ("model", "usb")
        )
        files[for_model(model, model, usb_id) or model].append(f"transcript `{file.stem}`, {_source(file)}")
    return files


def _source(file: Path) -> str:
    """Whether a transcript was recorded at a modem, which its head says."""
    return "written after documents" if "written after public documentation" in file.read_text() else "recorded"


def reported(page: str) -> dict[ModelRow, list[str]]:
    """By row: network and day of what people sent in, from the page's own table."""
    sent = defaultdict(list)
    for model, network, day in REPORTED.findall(page.partition(BEGIN)[0]):
        if row := for_model(model, model):
            sent[row].append(f"{network.strip()}, {day}")
    return sent


def lines(page: str) -> Iterator[str]:
    """The table's rows: those of models.csv in its order, then those that are played alone."""
    of_files, of_people = played(), reported(page)
    own = rows()[: len(TABLE.read_text().splitlines()) - 1]
    for row in own:
        how = ASIDE.get(row.kind) or "; ".join(of_files.pop(row, [])) or "nothing: its ports and ids are in the table"
        usb = "a bridge's" if row.kind == "bridge" else " ".join(row.usb_ids)
        yield f"| {row.names} | {usb} | {row.access or ''} | {how} | {'; '.join(of_people.get(row, ['none yet']))} |"
    for other, how in of_files.items():
        name, usb = (f"{other} (no row)", "") if isinstance(other, str) else (other.names, " ".join(other.usb_ids))
        yield f"| {name} | {usb} | | {'; '.join(how)} | none yet |"


def written(page: str) -> str:
    """The page with its table made anew."""
    before, _, rest = page.partition(BEGIN)
    more = len(KNOWN.read_text().splitlines()) - 1
    table = HEAD + "".join(f"{line}\n" for line in lines(page))
    note = f"\n{more} more ids are known from ModemManager's rules (`known.csv`) and were played by nothing.\n"
    return before + BEGIN + table + note + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
