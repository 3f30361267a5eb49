"""Processes made slow: a share of one core by cgroup, and a disk whose flush takes its time."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Short, so that a process is slow rather than stopped now and then.
_PERIOD_US = 10_000
_TRIES = 50
_GROUPS = Path("/sys/fs/cgroup")
_SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
static int slow(const char *name, int file) {
    int (*real)(int) = (int (*)(int)) dlsym(RTLD_NEXT, name);
    usleep(FLUSH_US);
    return real(file);
}
int fsync(int file) { return slow("fsync", file); }
int fdatasync(int file) { return slow("fdatasync", file); }
"""


def slow_disk(folder: Path, flush_ms: float) -> dict[str, str]:
    """The environment in which every flush takes so much longer. Raises RuntimeError without a compiler."""
    library = folder / "slow.so"
    options = ("-shared", "-fPIC", "-O2", f"-DFLUSH_US={flush_ms * 1000:.0f}", "-x", "c", "-o", str(library), "-")
    try:
        subprocess.run(["gcc", *options, "-ldl"], input=_SHIM.encode(), check=True)
    except FileNotFoundError:
        raise RuntimeError("apt-get install gcc libc6-dev") from None
    return {"LD_PRELOAD": str(library)}


class SlowCore:
    """Processes that together get `share` of one core; their children too."""

    def __init__(self, share: float) -> None:
        version_1 = _GROUPS / "cpu"
        self._group = (version_1 if version_1.exists() else _GROUPS) / f"plp-bench-{os.getpid()}"
        quota = round(_PERIOD_US * share)
        try:
            if version_1.exists():
                self._group.mkdir()
                (self._group / "cpu.cfs_period_us").write_text(str(_PERIOD_US))
                (self._group / "cpu.cfs_quota_us").write_text(str(quota))
            else:
                (_GROUPS / "cgroup.subtree_control").write_text("+cpu")
                self._group.mkdir()
                (self._group / "cpu.max").write_text(f"{quota} {_PERIOD_US}")
        except OSError as error:
            raise RuntimeError(f"only root can make a core slow, where cgroups can be written: {error}") from None

    def take(self, pid: int) -> None:
        """Slow this process, which has just begun."""
        (self._group / "cgroup.procs").write_text(str(pid))
        os.sched_setaffinity(pid, {0})

    def close(self) -> None:
        """All its processes were told to end."""
        for _ in range(_TRIES):
            with suppress(OSError):
                self._group.rmdir()
                break
            time.sleep(0.1)


@contextmanager
def slow_core(share: float) -> Iterator[SlowCore]:
    """A slow core during the block."""
    core = SlowCore(share)
    try:
        yield core
    finally:
        core.close()
