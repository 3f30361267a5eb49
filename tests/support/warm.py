"""Processes of a box that begin with every module read already: reading them is most of what a short run costs.

One process per run of pytest reads them and forks on request; what it forks is a process of its own, with its own
descriptors, environment, command line and signals, and this process waits for it as for any other. A supervisor that
was forked so forks what it supervises.
tests/e2e/test_supervisor.py starts everything whole.
"""

import atexit
import ctypes
import gc
import importlib
import json
import logging
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.clocked import suite_clock

ROOT = Path(__file__).parents[2]
# What may be asked for, and what its processes read when they start.
PROGRAMS = ("plp", "plp.cli.preparation", "modem.sim", "tests.e2e.shifted")
_MODULES = (
    "console.web.app",
    "console.web.serving",
    "modem.daemon.daemon",
    "modem.sim.__main__",
    "plp.cli.administration",
    "plp.cli.backup",
    "plp.cli.broadcast",
    "plp.cli.checking",
    "plp.cli.jobs",
    "plp.cli.modem",
    "plp.cli.preparation",
    "plp.cli.run",
    "tests.simulator.options",
)
_MADE_OF_THE_ENVIRONMENT = ("base.watchdog",)
_ROOM = 4096
_SUBREAPER = 36  # prctl(2)
_libc = ctypes.CDLL(None)


class Warm(subprocess.Popen[bytes]):
    """As Popen, for `[sys.executable, "-m", PROGRAM, …]` with `cwd` and `env`."""

    def _execute_child(self, args: Any, *rest: Any) -> None:
        cwd, env, stdin, stdout, stderr = rest[4], rest[5], rest[9], rest[12], rest[14]
        told = {"argv": [os.fspath(word) for word in args], "cwd": os.fspath(cwd), "env": env}
        descriptors = [fd if fd != -1 else number for number, fd in enumerate((stdin, stdout, stderr))]
        asked = _forker()
        _libc.prctl(_SUBREAPER, 1)  # who forked it ends at once: this process is to be the one that waits for it
        try:
            socket.send_fds(asked, [json.dumps(told).encode()], descriptors)
            self.pid = int(asked.recv(64))
        finally:
            _libc.prctl(_SUBREAPER, 0)
        self._child_created = True
        self._close_pipe_fds(*rest[9:15])  # type: ignore[attr-defined]


class _Forked(subprocess.Popen[bytes]):
    """As Popen, in a process with one thread: what is one of PROGRAMS is forked from it as it is."""

    def _execute_child(self, args: Any, *rest: Any) -> None:
        begins, env, streams = rest[1], rest[5], (rest[9], rest[12], rest[14])
        if not (args[1] == "-m" and args[2] in PROGRAMS):
            super()._execute_child(args, *rest)  # type: ignore[misc]
            return
        self.pid = os.fork()
        if self.pid:
            self._child_created = True
            self._close_pipe_fds(*rest[9:15])  # type: ignore[attr-defined]
            return
        os.setsid()
        if begins:
            begins()  # to end with its parent
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        logging.root.handlers.clear()
        _take(streams)
        _end(lambda: _be({"argv": args, "cwd": os.getcwd(), "env": env}))


def _take(streams: Iterable[int]) -> None:
    """These as standard input, output and error, where they are not -1, and no other file open."""
    for number, descriptor in enumerate(streams):
        if descriptor not in (-1, number):
            os.dup2(descriptor, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))


def _end(work: Callable[[], None]) -> None:
    """This process, with `work`, as an interpreter that ends: threads, what is to be done at exit, status."""
    status = 0
    try:
        work()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  (it ends so)
        traceback.print_exc()
        status = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def can_be_warm(command: list[str], environment: dict[str, str]) -> bool:
    """True where no other libraries are asked for."""
    return "LD_PRELOAD" not in environment and command[1] == "-m" and command[2] in PROGRAMS


@cache
def _forker() -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "tests.support.warm", str(theirs.fileno()), " " * _ROOM]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(suite_clock.SEARCHED)}
    with theirs:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=[theirs.fileno()])

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _serve(asked: socket.socket) -> dict[str, Any] | None:
    """The order for a process that was forked for it; None when nobody asks any more."""
    while True:
        request, descriptors, _, _ = socket.recv_fds(asked, 1 << 20, 3)
        if not request:
            return None
        ear, mouth = os.pipe()
        between = os.fork()
        if not between:
            if forked := os.fork():
                os.write(mouth, str(forked).encode())
                os._exit(0)
            _take(descriptors)
            told: dict[str, Any] = json.loads(request)
            return told
        os.waitpid(between, 0)
        asked.send(os.read(ear, 64))
        for descriptor in (ear, mouth, *descriptors):
            os.close(descriptor)


def _call_oneself(words: list[str]) -> None:
    """The command line, as /proc shows it: written over this process's own, which has room for it."""
    begin, end = map(int, Path("/proc/self/stat").read_text().rpartition(")")[2].split()[45:47])
    line = b"\0".join(word.encode() for word in words[1:]) + b"\0"
    first = words[0].encode().ljust(end - begin - len(line) - 1) + b"\0"
    ctypes.memmove(begin, first + line, end - begin)


def _be(told: dict[str, Any]) -> None:
    os.chdir(told["cwd"])
    os.environ.clear()
    os.environ.update(told["env"])
    time.tzset()
    _call_oneself(told["argv"])
    sys.orig_argv[:] = told["argv"]
    sys.argv[:] = [told["argv"][2], *told["argv"][3:]]
    sys.path[0] = told["cwd"]
    for name in _MADE_OF_THE_ENVIRONMENT:
        importlib.reload(sys.modules[name])
    suite_clock.begin()
    hook = Path(told["env"].get("PYTHONPATH", "").partition(os.pathsep)[0], "sitecustomize.py")
    if hook.exists():
        runpy.run_path(str(hook))
    if told["argv"][-1] == "run":
        subprocess.Popen = _Forked  # type: ignore[assignment,misc]
    runpy.run_module(told["argv"][2], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    for name in _MODULES:
        importlib.import_module(name)
    for name in ("modem.sim.__main__", "plp.cli.preparation"):
        del sys.modules[name]  # to be the main program, it is read anew
    gc.freeze()
    if wanted := _serve(socket.socket(fileno=int(sys.argv[1]))):
        _be(wanted)
