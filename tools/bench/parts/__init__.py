"""The parts of the bench, by the name that `--only` takes. Each measures one thing and returns a section."""

from collections.abc import Callable

from tools.bench.parts import contests, disk, hosts, latency, modems, overtaking, pages, queue
from tools.bench.section import Section

PARTS: dict[str, Callable[[], Section]] = {
    "instant": contests.instant,
    "slow": contests.slow,
    "two": contests.two_modems,
    "latency": latency.measure,
    "overtaking": overtaking.measure,
    "sixteen": modems.measure,
    "enqueue": queue.enqueue,
    "history": queue.history,
    "hosts": hosts.measure,
    "pages": pages.measure,
    "disk": disk.measure,
}
