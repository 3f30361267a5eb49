"""Every page of a large zone under load, by a load tool that is not ours: hey (Debian's package `hey`)."""

import csv
import io
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from urllib.request import build_opener

from base.settings.values import ZoneSettings
from db.engine.clock import utc_now
from db.modems.status import beat
from plp.services.machine import seed
from tests.e2e.box import ROOT, free_port
from tools.bench.browsing import add_user, read, signed_in
from tools.bench.large_zone import large_zone, number
from tools.bench.process import end
from tools.bench.section import Section, figure, percentile

MEMBERS, PARTS, NEIGHBOURHOODS = 50_000, 1_000_000, 200
_WORKERS, _EACH_PER_S, _SECONDS = 4, 5, 8
_BEATS_EVERY_S = 3
PAGES = (
    *("/", "/ready", "/status", "/alerts/new", "/alerts/", "/alerts/?words=banc", "/alerts/?page=30"),
    *(
        "/alerts/1000",
        "/alerts/1000/live",
        "/alerts/1000/people",
        "/wall",
        "/alerts/1000/dossier",
        "/drills",
        "/drills/new",
    ),
    *("/bulletins/", "/bulletins/choose", "/bulletins/new?category=tactical", "/inbox", "/inbox?filter=all"),
    *("/members", "/members?page=900", "/members?search=lambert+49", "/members?search=0470001234", "/members/1234"),
    *("/member-groups", "/member-groups/1", "/member-groups/4", "/neighbourhoods", "/neighbourhoods/map", "/streets"),
    *("/groups/5", "/corrections", "/my-neighbourhood", "/my-neighbourhood/members", "/modems/", "/queue", "/mail"),
    *("/incidents", "/journal", "/journal?page=200", "/plan-b", "/settings", "/accounts", "/directory", "/duty"),
)


def measure() -> Section:
    """Every page for itself, requested so many times a second."""
    tool = shutil.which("hey")
    if tool is None:
        raise RuntimeError("apt-get install hey")
    section = Section(
        "Pages of a large zone",
        f"{MEMBERS:,} members in {NEIGHBOURHOODS} neighbourhoods, {PARTS:,} parts in 1,000 alerts, 20,000 texts and "
        f"50,000 journal entries in SQLite. `hey` requests a page {_WORKERS * _EACH_PER_S} times a second for "
        f"{_SECONDS} s over {_WORKERS} connections, as somebody with every role; milliseconds until the whole page is "
        "loaded (`first`: the page's first time since the console began, alone). One process `plp console` runs "
        "with its threads on the same two cores as the load tool.",
        ("page", "first ms", "requests", "median ms", "p95 ms", "worst ms", "kB"),
    )
    with tempfile.TemporaryDirectory() as folder, large_zone(Path(folder), MEMBERS, PARTS, NEIGHBOURHOODS):
        seed(ZoneSettings(name="Banc", code="5278"))
        add_user(number(0))
        port = free_port()
        config = Path(folder, "config.ini")
        config.write_text(
            f"[database]\nurl = sqlite:///plp.db\n[console]\nlisten = 127.0.0.1:{port}\n", encoding="utf-8"
        )
        command = [sys.executable, "-m", "plp", "--config", str(config), "console"]
        console = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            cookies = signed_in(f"http://127.0.0.1:{port}")
            for page in PAGES:
                _ask(section, tool, f"http://127.0.0.1:{port}", page, cookies)
        finally:
            end([console])
    return section


def _answer(command: list[str]) -> str:
    """The output of the command. Meanwhile the modem's daemon gives its signs of life: where it seems to be gone, every
    page tries whether the database can be written.
    """
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as load_tool:
        while True:
            beat("bench", "modem", 1, utc_now())
            with suppress(subprocess.TimeoutExpired):
                written, _none = load_tool.communicate(timeout=_BEATS_EVERY_S)
                break
    if load_tool.returncode:
        raise RuntimeError(f"{command}: {load_tool.returncode}")
    return written


def _ask(section: Section, tool: str, url: str, page: str, cookies: str) -> None:
    options = (
        "-z",
        f"{_SECONDS}s",
        "-c",
        str(_WORKERS),
        "-q",
        str(_EACH_PER_S),
        "-o",
        "csv",
        "-H",
        f"Cookie: {cookies}",
    )
    opener = build_opener()
    opener.addheaders = [("Cookie", cookies)]
    began = time.perf_counter()
    size = len(read(opener, url + page).encode()) / 1000
    first = (time.perf_counter() - began) * 1000
    rows = list(csv.DictReader(io.StringIO(_answer([tool, *options, url + page]))))
    if {row["status-code"] for row in rows} != {"200"}:
        raise RuntimeError(f"{page}: {sorted({row['status-code'] for row in rows})}")
    took = sorted(float(row["response-time"]) * 1000 for row in rows)
    middle, most = percentile(took, 0.5), percentile(took, 0.95)
    section.add(
        *(f"`{page}`", figure(first), str(len(took)), figure(middle), figure(most)),
        *(figure(took[-1]), figure(size, 0)),
    )
