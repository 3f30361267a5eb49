"""A whole box on hardware like a Raspberry Pi with an SD card: one slow core, and flushes of ten milliseconds."""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tools.bench.browsing import add_user_to, signed_in
from tools.bench.contenders.plp import Plp, PlpBox
from tools.bench.contest import workshop
from tools.bench.fleet.sampling import Visitor, meanwhile
from tools.bench.process import cost
from tools.bench.radio import ROOT, Radio, gap_ms
from tools.bench.section import Section, figure
from tools.bench.slowness import SlowCore, slow_core, slow_disk

SHARE, FLUSH_MS, MEMBERS = 0.25, 10.0, 2_000
_SECONDS = 45.0
_PAGES = ("/", "/members", "/alerts/new", "/alerts/1", "/alerts/1/live")
_SLOW, _FAST = ("--profile", "sim800"), ("--submit-ms", "200", "--link-ms", "0")
# Modems, their options, and the seconds that each needs for a message.
_CASES = (("2 of 2.8 s", 2, _SLOW, 1.8), ("16 of 2.8 s", 16, _SLOW, 1.8), ("16 of 200 ms", 16, _FAST, 0.2))
_FLUSH = "from tools.bench.machine import flush_ms; print(flush_ms())"


class FloorBox(PlpBox):
    """A box whose processes are slow."""

    def __init__(self, folder: Path, links: Sequence[Path], core: SlowCore, disk: Mapping[str, str]) -> None:
        self._core, self._disk = core, disk
        super().__init__(folder, links)

    def _popen(self, arguments: Sequence[str], **streams: Any) -> Any:
        process = super()._popen(arguments, **streams)
        self._core.take(process.pid)
        return process

    def _environment(self) -> dict[str, str]:
        return {**super()._environment(), **self._disk}


def measure() -> Section:
    """All processes of a box, with few modems, with many, and with many fast ones."""
    with workshop() as folder, slow_core(SHARE) as core:
        disk = slow_disk(folder, FLUSH_MS)
        section = Section(
            "The floor: a Raspberry Pi with an SD card",
            f"`plp run` (console, daemon, jobs) with {MEMBERS:,} members and an alert to all, in {SHARE:.0%} of one "
            f"core of this machine (cgroup, in periods of 10 ms) and with {FLUSH_MS:.0f} ms added to each fsync and "
            f"fdatasync (LD_PRELOAD), so that a commit of one row takes {_flush_ms(disk):.1f} ms. That this is a "
            "Raspberry Pi is a guess: Python runs about four times as fast on a server's core as on a Pi 4's, and a Pi "
            "has four of them. The simulated modems run beside it at full speed; one of 2.8 s needs 1.8 s while the "
            "relay link is open. `possible` is the share of what the modems could take. `CPU s/1,000` are seconds of "
            "this machine's core; `busy` is the share of the slow core that the box uses, pages included. The pages "
            "are opened one after the other, one a second, by somebody signed in: median / p95 ms.",
            (
                *("modems", "messages/s", "possible", "result → next, ms", "CPU s/1,000", "busy"),
                *(f"`{page}`" for page in _PAGES),
            ),
        )
        for case in _CASES:
            _add(section, partial(FloorBox, core=core, disk=disk), *case)
    return section


def _flush_ms(disk: Mapping[str, str]) -> float:
    done = subprocess.run([sys.executable, "-c", _FLUSH], cwd=ROOT, env=dict(disk), capture_output=True, check=True)
    return float(done.stdout)


def _add(section: Section, box: Any, name: str, modems: int, options: Sequence[str], needs_s: float) -> None:
    with workshop() as folder, Radio(folder, modems, *options) as radio:
        (folder / "home").mkdir()
        plp = Plp(folder / "home", radio.links, MEMBERS, box, "run")
        try:
            plp.start()
            add_user_to(plp.box)
            address = f"http://127.0.0.1:{plp.box.port}"
            cookies = signed_in(address)
            plp.send(MEMBERS)
            radio.wait(2 * modems, 60)
            visitor, before, count = Visitor(address, cookies, _PAGES), cost(plp.pids).cpu_s, radio.count()
            began_s = time.monotonic()
            with meanwhile(None, visitor):
                time.sleep(_SECONDS)
            took_s = time.monotonic() - began_s
            sent, cpu_s = radio.count() - count, cost(plp.pids).cpu_s - before
            taken = radio.taken()
        finally:
            plp.close()
    section.add(
        *(name, figure(sent / took_s, 2), f"{sent / took_s * needs_s / modems:.0%}", figure(gap_ms(taken))),
        *(figure(cpu_s / sent * 1000, 2), f"{cpu_s / took_s / SHARE:.0%}"),
        *(visitor.shown(page) for page in _PAGES),
    )
