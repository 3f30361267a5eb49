"""All contenders at the same work: messages through simulated modems, for a time."""

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.bench.contenders import Contender
from tools.bench.contenders.peers import GammuSmsd, RawLoop, RawLoopCmms, Smstools, has_sqlite
from tools.bench.contenders.plp import Plp
from tools.bench.process import cost
from tools.bench.radio import Radio, Taken

# gammu-smsd looks into its outbox every 30 s.
_FIRST_S = 45.0
# The reports of the last messages belong to the work.
_REPORTS_S = 0.3


@dataclass(frozen=True, slots=True)
class Entrant:
    """A contender by name. `program` must be installed, from `package`, where it is not ours."""

    name: str
    make: type[Contender]
    program: str = ""
    package: str = ""

    @property
    def missing(self) -> str:
        """The reason why it cannot take part; empty when it can."""
        if not self.program or shutil.which(self.program) or Path(self.program).exists():
            return ""
        return f"not installed (apt-get install {self.package})"


PLP = Entrant("plp", Plp)
LOOP = Entrant("raw loop", RawLoop)
LOOP_CMMS = Entrant("raw loop, CMMS", RawLoopCmms)
PEERS = [
    Entrant(f"gammu-smsd ({'SQLite' if has_sqlite() else 'files'})", GammuSmsd, "gammu-smsd", "gammu-smsd"),
    Entrant("smstools", Smstools, "/usr/sbin/smsd", "smstools"),
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one contender. `cpu_s` is of its own processes while it sent; `note` says why the rest is empty."""

    entrant: Entrant
    taken: list[list[Taken]]
    cpu_s: float = 0.0
    peak_mb: float = 0.0
    note: str = ""

    @property
    def count(self) -> int:
        """Messages that the network took."""
        return sum(map(len, self.taken))


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder with a short path, removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench", ignore_cleanup_errors=True) as made:
        yield Path(made)


def run(entrant: Entrant, count: int, within_s: float, *options: str, modems: int = 1) -> Outcome:
    """Send `count` messages, or as many as the time allows, through modems with the simulator's `options`."""
    if entrant.missing:
        return Outcome(entrant, [], note=entrant.missing)
    with workshop() as folder, Radio(folder, modems, *options) as radio:
        (folder / "home").mkdir()
        contender = entrant.make(folder / "home", radio.links, count)
        try:
            contender.start()
            before = cost(contender.pids)
            contender.send(count)
            radio.wait(1, _FIRST_S)
            radio.wait(count, within_s)
            time.sleep(_REPORTS_S)
            after = cost(contender.pids)
            taken = radio.taken()
        except RuntimeError as error:
            return Outcome(entrant, [], note=str(error))
        finally:
            contender.close()
    return Outcome(entrant, taken, after.cpu_s - before.cpu_s, after.peak_mb)


def run_together(entrants: Sequence[Entrant], count: int, within_s: float, *options: str) -> list[Outcome]:
    """The same for several at once: only where the modem, not the processor, sets the pace."""
    outcomes: dict[str, Outcome] = {}

    def one(entrant: Entrant) -> None:
        outcomes[entrant.name] = run(entrant, count, within_s, *options)

    threads = [threading.Thread(target=one, args=(entrant,), name=entrant.name) for entrant in entrants]
    for thread in threads:
        thread.start()
        time.sleep(0.3)
    for thread in threads:
        thread.join()
    return [outcomes[entrant.name] for entrant in entrants if entrant.name in outcomes]
