"""The parts of the bench, by the name that the command takes. Each measures one thing and returns a section."""

from collections.abc import Callable

from tools.bench.parts import contests, crowd, disk, fleet, floor, history, latency, modems, overtaking, pages, standby
from tools.bench.section import Section

PARTS: dict[str, Callable[[], Section]] = {
    "instant": contests.instant,
    "slow": contests.slow,
    "latency": latency.measure,
    "overtaking": overtaking.measure,
    "sixteen": modems.measure,
    "history": history.measure,
    "pages": pages.measure,
    "crowd": crowd.measure,
    "disk": disk.measure,
    "floor": floor.measure,
    "fleet": fleet.measure,
    "standby": standby.measure,
}
