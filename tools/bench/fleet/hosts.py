"""The hosts of a fleet, each a process with its own connections, and what they did in a stretch of time."""

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import psycopg

from tests.e2e.box import Box, eventually, share_key
from tools.bench.fleet.host import serve
from tools.bench.fleet.virtual_modem import HandOver, handed_over, make_port, set_pace
from tools.bench.process import cost
from tools.bench.section import percentile

_START_S = 120.0
_END_S = 20.0
# Each process is a fork of one that has read every module: fifty that read them themselves take a minute to begin.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tools.bench.fleet.host", "psycopg"])
_ACCEPTED = "INSERT INTO sim_card (imei, imsi, iccid, host, modem, seen_at, accepted_at, accepted_by) "


class HostBox(Box):
    """A host's folder, which is made. Commands in it are processes of an installation, not forks of this one."""

    warm = False

    def __init__(self, folder: Path, url: str, modems: int = 0) -> None:
        folder.mkdir()
        self.url = url
        names = tuple(f"m{number}" for number in range(modems))
        super().__init__(folder, names, database=f"url = {url}\nhost = {folder.name}")


@contextmanager
def a_home(folder: Path, url: str) -> Iterator[HostBox]:
    """The box that makes the database at `url`, and whose console and key are the fleet's."""
    home = HostBox(folder / "home", url)
    try:
        home.plp("migrate")
        yield home
    finally:
        home.close()


@dataclass(frozen=True, slots=True)
class Stretch:
    """The work of the fleet in `seconds`, by modem; `cpu_s` is of its processes."""

    seconds: float
    cpu_s: float
    taken: Sequence[Sequence[HandOver]]

    @property
    def count(self) -> int:
        """Messages that a network took."""
        return sum(map(len, self.taken))

    def claims_ms(self, share: float) -> float:
        """From a result to the next message: the receipt, reports and the next claim in a commit, and a last look."""
        return 1000 * percentile([b.came_s - a.taken_s for modem in self.taken for a, b in pairwise(modem)], share)

    def intents_ms(self, share: float) -> float:
        """The commit before a message may leave."""
        return 1000 * percentile([one.started_s - one.came_s for modem in self.taken for one in modem], share)


class Fleet:
    """`hosts` daemons with `modems` each, which share the PostgreSQL and the key of the box `home`. A message takes a
    modem about `seconds`.
    """

    def __init__(self, home: HostBox, name: str, hosts: int, modems: int, seconds: float) -> None:
        folder, self.url = home.folder.parent, home.url
        self._boxes = [HostBox(folder / f"{name}{number:02}", home.url, modems) for number in range(hosts)]
        self.set_pace(seconds)
        share_key(home, *self._boxes)
        self._processes: list[ForkServerProcess] = []

    def start(self, hosts: int) -> None:
        """Start so many more; return when every modem is ready."""
        fresh = self._boxes[self.hosts : self.hosts + hosts]
        with psycopg.connect(self.url, autocommit=True) as connection:
            for port in _ports(fresh):
                row = connection.execute("SELECT count(*) FROM sim_card").fetchone()
                card = (*make_port(port, row[0] if row else 0), port.parent.name, port.stem)
                connection.execute(_ACCEPTED + "VALUES (%s, %s, '', %s, %s, now(), now(), 'bench')", card)
            for box in fresh:
                self._processes.append(_FORKS.Process(target=serve, args=(box.folder,), daemon=True))
                self._processes[-1].start()
            ready = "SELECT count(*) = %s FROM modem WHERE state = 'ready' AND host = ANY(%s)"
            values = (len(_ports(fresh)), [box.folder.name for box in fresh])

            def are_ready() -> bool:
                return connection.execute(ready, values).fetchone() == (True,)

            eventually("every modem ready", are_ready, _START_S, 1)

    @property
    def hosts(self) -> int:
        """Number of those that run."""
        return len(self._processes)

    @property
    def modems(self) -> int:
        """Number of those that send."""
        return len(_ports(self._boxes[: self.hosts]))

    def set_pace(self, seconds: float) -> None:
        """Each message takes a modem so long from now on."""
        for box in self._boxes:
            set_pace(box.folder, seconds)

    def handed_over(self) -> list[list[HandOver]]:
        """All that each modem took, in the order of the hosts."""
        return [handed_over(port) for port in _ports(self._boxes[: self.hosts])]

    def stretch(self, seconds: float) -> Stretch:
        """The next so many seconds."""
        pids = [process.pid for process in self._processes if process.pid]
        before, since_s = cost(pids).cpu_s, time.monotonic()
        time.sleep(seconds)
        until_s, after = time.monotonic(), cost(pids).cpu_s
        taken = [[one for one in modem if since_s <= one.taken_s < until_s] for modem in self.handed_over()]
        return Stretch(until_s - since_s, after - before, taken)

    def close(self) -> None:
        """End the daemons as systemd does."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(_END_S)
            process.kill()


def _ports(boxes: Sequence[Box]) -> list[Path]:
    return [box.folder / f"{modem}.tty" for box in boxes for modem in box.modems]


@contextmanager
def fleet_of(home: HostBox, name: str, hosts: int, modems: int, seconds: float) -> Iterator[Fleet]:
    """A fleet of which one host sends when the block begins. The first one sees an alert of which nothing was sent; any
    other one without a note of its own would hold an alert that nobody else sends.
    """
    fleet = Fleet(home, name, hosts, modems, seconds)
    try:
        fleet.start(1)
        yield fleet
    finally:
        fleet.close()
