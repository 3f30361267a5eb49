"""Files of others, each read by a process of its own: a hostile one costs that process its limits, and nothing else."""

import resource
import subprocess
import sys
import threading

from plp.watchdog import alive

# Of the address space, libraries included. With the console one such process stays below the MemoryMax of its unit.
MOST_MEMORY_BYTES = 448 * 1024 * 1024
LONGEST_S = 120.0
LOOK_EVERY_S = 1.0
# The memory is for one.
_one_at_a_time = threading.Lock()


def read_apart(module: str, content: bytes, longest_s: float = LONGEST_S) -> subprocess.CompletedProcess[bytes]:
    """The end of a process that ran this module on `content`, after those of others. Raises TimeoutExpired."""
    command = (sys.executable, "-m", module)
    while not _one_at_a_time.acquire(timeout=LOOK_EVERY_S):
        alive()  # it waits for others, however many, and does not hang
    try:
        alive(longest_s + LOOK_EVERY_S)  # its start and its end take a moment beside
        return subprocess.run(command, input=content, capture_output=True, timeout=longest_s, check=False)
    finally:
        _one_at_a_time.release()


def limit(cpu_s: int) -> None:
    """Limit this process, before it reads anything."""
    for kind, most in ((resource.RLIMIT_AS, MOST_MEMORY_BYTES), (resource.RLIMIT_CPU, cpu_s)):
        resource.setrlimit(kind, (most, most))
