"""Work that takes much memory for a moment, in a process of its own, which takes it along when it ends."""

import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from plp.watchdog.threads import alive

WITHIN_S = 240.0

_P = ParamSpec("_P")
_T = TypeVar("_T")


def apart(work: Callable[_P, _T], *arguments: _P.args, **options: _P.kwargs) -> _T:
    """Result of `work`, a function of a module. Raises subprocess.SubprocessError when it fails or takes too long.

    It knows no database. What goes in and out by the pipes stands in no list of processes.
    """
    alive(WITHIN_S)
    return cast(_T, pickle.loads(_in_a_process(pickle.dumps((work, arguments, options)))))  # noqa: S301  (our child's)


def _in_a_process(given: bytes) -> bytes:
    command = [sys.executable, "-m", "plp.jobs.apart"]
    return subprocess.run(command, input=given, stdout=subprocess.PIPE, timeout=WITHIN_S, check=True).stdout


def done(given: bytes) -> bytes:
    """The work of `apart`, as its process does it."""
    work, arguments, options = pickle.loads(given)  # noqa: S301  (our parent's)
    return pickle.dumps(work(*arguments, **options))


if __name__ == "__main__":
    sys.stdout.buffer.write(done(sys.stdin.buffer.read()))
