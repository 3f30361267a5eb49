"""What a call costs, in a process of its own: seconds of processor, megabytes at its peak."""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

# 2 s on a machine that does nothing else; `make test` runs four at once on two cores, and each costs more there.
MOST_CPU_S = 3.0
MOST_MEGABYTES = 200

_context = get_context("forkserver")
_context.set_forkserver_preload(
    [
        "plp.services.people.reading",
        "rules.geometry",
        "plp.jobs.imap.reading",
        "modem.at.engine",
        "tests.support.cost",
    ]
)


@dataclass(frozen=True, slots=True)
class Cost:
    """`raised` is the name of what it raised, empty where it returned."""

    cpu_s: float
    megabytes: float
    raised: str

    def is_bearable(self) -> bool:
        """Ten megabytes of anything in two seconds (see MOST_CPU_S) and two hundred megabytes."""
        return self.cpu_s < MOST_CPU_S and self.megabytes < MOST_MEGABYTES


def cost_of(call: Callable[..., Any], make: Callable[[], Any]) -> Cost:
    """What `call(make())` costs, without what `make` does; both are of a module. A second more of processor ends it."""
    ours, theirs = _context.Pipe(duplex=False)
    process = _context.Process(target=_measure, args=(theirs, call, make))
    process.start()
    theirs.close()
    try:
        return ours.recv()
    except EOFError:
        return Cost(float("inf"), 0.0, "killed")
    finally:
        process.join()
        process.close()
        ours.close()


def _measure(pipe: Connection, call: Callable[..., Any], make: Callable[[], Any]) -> None:
    given, raised = make(), ""
    spent_s = int(time.process_time())
    resource.setrlimit(resource.RLIMIT_CPU, (spent_s + 4, spent_s + 5))
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): the peak begins anew
    began_s, before_kb = time.process_time(), _peak_kb()
    try:
        call(given)
    except Exception as error:  # noqa: BLE001
        raised = type(error).__name__
    pipe.send(Cost(time.process_time() - began_s, (_peak_kb() - before_kb) / 1024, raised))


def _peak_kb() -> int:
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
