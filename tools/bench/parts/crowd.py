"""An officer's page while others ask for much at once, on a machine that is busy."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.request import OpenerDirector, build_opener

from base.settings.values import ZoneSettings
from db.engine.clock import utc_now
from db.modems.status import beat
from plp.services.accounts.links import add_token
from plp.services.machine import seed
from tests.e2e.box import ROOT, free_port
from tools.bench.browsing import NAME, add_user, read, signed_in
from tools.bench.crowd import KINDS, NAMES, UPLOADED_ROWS
from tools.bench.large_zone import large_zone, number
from tools.bench.process import end
from tools.bench.section import Section, figure, percentile

MEMBERS, PARTS, NEIGHBOURHOODS = 50_000, 950_000, 200
BUSY, SECONDS, TURNS = 8, 30, 3
_EVERY_S = 0.3
_BEATS_EVERY_S = 3
# Those beside whom the pages are measured, and the pages: in turn.
_OFFICERS = ("/", "/alerts/new")
_LINES: dict[str, tuple[int, tuple[str, ...], tuple[str, ...]]] = {
    "nobody": (0, (), _OFFICERS),
    "busy programs": (BUSY, (), _OFFICERS),
    "busy programs, the shortest answer": (BUSY, (), ("/healthz",)),
    **{f"busy programs, {kind}": (BUSY, (kind,), _OFFICERS) for kind in KINDS},
    "busy programs, all of these": (BUSY, KINDS, _OFFICERS),
}


def measure() -> Section:
    """The same pages beside each kind of others, and beside all."""
    section = Section(
        "An officer's page in a crowd",
        f"The zone of “Pages of a large zone”, {BUSY} programs that only count on the same two cores, and people and "
        "programs without a pause (`python -m tools.bench.crowd`): four export the members as workbooks (`exports`), "
        "one signs in and two try wrong passwords (`signs`), two upload lists of "
        f"{UPLOADED_ROWS:,} rows (`uploads`), two read `/metrics` and two all members by the API (`programs`). "
        f"Meanwhile an officer opens the first page and that of a new alert by turns, {TURNS} times {SECONDS} s; "
        "seconds until the page is whole, of all, and the p95 of each time. “The shortest answer” is `/healthz`: what "
        "the machine itself takes from a page. What others did is of all times; their load is on the machine besides.",
        ("beside", "pages", "median s", "p95 s", "worst s", "p95 of each time", "done by others"),
    )
    with tempfile.TemporaryDirectory() as folder, large_zone(Path(folder), MEMBERS, PARTS, NEIGHBOURHOODS):
        seed(ZoneSettings(name="Banc", code="5278"))
        for at, name in enumerate((NAME, *NAMES)):
            add_user(number(at), name)
        bearer = add_token("bench", "admin", "bench", utc_now(), 90, NAME, ("members:read",))
        for beside, line in _LINES.items():
            _measure(section, beside, Path(folder), bearer, *line)
    return section


def _measure(
    section: Section, beside: str, folder: Path, bearer: str, busy: int, kinds: Sequence[str], pages: Sequence[str]
) -> None:
    port = free_port()
    config = folder / "config.ini"
    config.write_text(f"[database]\nurl = sqlite:///plp.db\n[console]\nlisten = 127.0.0.1:{port}\n", encoding="utf-8")
    command = [sys.executable, "-m", "plp", "--config", str(config), "console"]
    console = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url, turns, done = f"http://127.0.0.1:{port}", list[list[float]](), list[dict[str, int]]()
    try:
        officer = build_opener()
        officer.addheaders = [("Cookie", signed_in(url))]
        for page in pages:
            read(officer, url + page)
        for _turn in range(TURNS):
            took, others = _turn_of(officer, url, bearer, busy, kinds, pages)
            turns.append(took)
            done.append(others)
    finally:
        end([console])
    took = sorted(one for turn in turns for one in turn)
    section.add(
        *(beside, str(len(took)), figure(percentile(took, 0.5), 2), figure(percentile(took, 0.95), 2)),
        *(figure(took[-1], 2), ", ".join(figure(percentile(turn, 0.95), 2) for turn in turns)),
        ", ".join(
            f"{act} {sum(turn.get(act, 0) for turn in done)}" for act in sorted({act for turn in done for act in turn})
        ),
    )


def _turn_of(
    officer: OpenerDirector, url: str, bearer: str, busy: int, kinds: Sequence[str], pages: Sequence[str]
) -> tuple[list[float], dict[str, int]]:
    """Seconds of each page, and how often the others did what they do. They ask from a process of their own: the
    officer's browser is on no machine of theirs.
    """
    asking = [sys.executable, "-m", "tools.bench.crowd", url, str(SECONDS), bearer, *kinds]
    others = subprocess.Popen(asking, cwd=ROOT, stdout=subprocess.PIPE)
    assert others.stdout is not None
    others.stdout.readline()  # it begins
    counting = ["timeout", str(SECONDS), sys.executable, "-c", "while True: pass"]
    crowd = [subprocess.Popen(counting) for _ in range(busy)]
    until_s, beat_s, took = time.monotonic() + SECONDS, 0.0, list[float]()
    while time.monotonic() < until_s:
        if time.monotonic() > beat_s:
            beat_s = time.monotonic() + _BEATS_EVERY_S
            beat("bench", "modem", 1, utc_now())
        began_s = time.monotonic()
        read(officer, url + pages[len(took) % len(pages)])
        took.append(time.monotonic() - began_s)
        time.sleep(_EVERY_S)
    end(crowd)
    with suppress(subprocess.TimeoutExpired):
        return took, dict(json.loads(others.communicate(timeout=SECONDS)[0] or b"{}"))
    others.kill()
    return took, {}


if __name__ == "__main__":
    print(measure().markdown())
