"""Heavy work, each piece in a process of its own: it costs that process its limits, and the pages of others nothing.
Files of others are read there, and large files and sheets are written (`console.web.preparing`).
"""

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from base.watchdog import alive

T = TypeVar("T")

# Of the address space, libraries included. With the console one such process stays below the MemoryMax of its unit.
MOST_MEMORY_BYTES = 448 * 1024 * 1024
LONGEST_S = 120.0
LOOK_EVERY_S = 1.0
# Behind the pages, the modems and the alarms. With 10 it would take minutes beside others that are busy.
NICENESS = 5
_one_at_a_time = threading.Lock()
_tell: Callable[[int], None] | None = None


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """The block runs after those of others, since the memory is for one."""
    while not _one_at_a_time.acquire(timeout=LOOK_EVERY_S):
        alive()  # it waits for others, however many, and does not hang
    try:
        yield
    finally:
        _one_at_a_time.release()


def read_apart(module: str, content: bytes, longest_s: float = LONGEST_S) -> subprocess.CompletedProcess[bytes]:
    """The end of a process that ran this module on `content`, after those of others. Raises TimeoutExpired."""
    with one_at_a_time():
        alive(longest_s + LOOK_EVERY_S)  # its start and its end take a moment beside
        command = (sys.executable, "-m", module)
        return subprocess.run(command, input=content, capture_output=True, timeout=longest_s, check=False)


def limit(cpu_s: int) -> None:
    """Limit this process, before it reads anything, and put it behind the others."""
    with suppress(OSError):  # a unit may forbid it (@resources), and the work matters more than its place
        os.nice(NICENESS)
    for kind, most in ((resource.RLIMIT_AS, MOST_MEMORY_BYTES), (resource.RLIMIT_CPU, cpu_s)):
        resource.setrlimit(kind, (most, most))


def tell_progress(tell: Callable[[int], None]) -> None:
    """This process tells how far it is, in percent."""
    global _tell
    _tell = tell


def counted(rows: Iterable[T], total: int) -> Iterator[T]:
    """The same rows; a process that somebody waits for tells how many of `total` are done."""
    percent = -1
    for at, row in enumerate(rows):
        if _tell is not None and (done := 100 * at // max(total, 1)) > percent:
            percent = done
            _tell(min(percent, 99))
        yield row
