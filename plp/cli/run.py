"""`plp run`: the console, the modems, the jobs, and the simulators of `device = sim`, as supervised processes."""

import ctypes
import json
import logging
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypedDict

import click

from plp.cli.speech import phrase, say
from plp.process import log_to_stderr, stop_on_signals

_log = logging.getLogger("plp")
# As WatchdogSec, TimeoutAbortSec and TimeoutStartSec of packaging/systemd. A slow, loaded machine starts for minutes.
WATCHDOG_S = 40.0
ABORT_S = 15.0
START_S = 900.0
_CREDENTIALS = struct.Struct("3i")
END_WITHIN_S = 12.0


class Notices:
    """The socket on which children report that they are ready, well or hung (sd_notify(3)): datagrams, and no file."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind("")  # Linux finds an abstract name
        self.address = "@" + self._socket.getsockname()[1:].decode("ascii")

    def close(self) -> None:
        self._socket.close()

    def read(self) -> Iterator[tuple[int, str]]:
        """(process id, its report), with the sender as the kernel knows it."""
        while True:
            try:
                said, ancillary, _, _ = self._socket.recvmsg(256, socket.CMSG_SPACE(_CREDENTIALS.size))
            except BlockingIOError:
                return
            for _level, kind, credentials in ancillary:
                if kind == socket.SCM_CREDENTIALS:
                    yield _CREDENTIALS.unpack(credentials)[0], said.decode("ascii", "replace")


class Child:
    """One supervised process, restarted with growing pauses when it ends on its own. `speaks`: it reports that it is
    well. If it stops doing so, or reports a hung thread, it gets SIGTERM, is killed after ABORT_S, and restarted.
    """

    def __init__(self, name: str, arguments: list[str], environment: dict[str, str], speaks: bool) -> None:
        self.name = name
        self._command = [sys.executable, "-m", *arguments]
        self._environment = environment
        self._speaks = speaks
        self._process: subprocess.Popen[bytes] | None = None
        self._started_s = self._start_s = 0.0
        self._speaks_until_s = self._kill_s = float("inf")
        self._failures = 0

    def start(self) -> None:
        """Start it now. It ends with this process, whatever ends this process."""
        self._started_s = time.monotonic()
        self._speaks_until_s = self._started_s + START_S if self._speaks else float("inf")
        self._kill_s = float("inf")
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            start_new_session=True,
            # PR_SET_PDEATHSIG: a supervisor killed with -9 leaves nothing behind that holds ports and locks.
            preexec_fn=lambda: ctypes.CDLL(None).prctl(1, signal.SIGTERM),
        )

    def hear(self, pid: int, said: str) -> None:
        if not self._speaks or self._process is None or self._process.pid != pid:
            return
        if "WATCHDOG=trigger" in said:
            self._speaks_until_s = 0.0
        elif "READY=1" in said or "WATCHDOG=1" in said:
            self._speaks_until_s = time.monotonic() + WATCHDOG_S

    def look_after(self) -> None:
        """End it when it hangs; start it again when it ended and its pause is over."""
        now_s = time.monotonic()
        if self._process is not None:
            status = self._process.poll()
            if status is None:
                if now_s > self._kill_s:
                    self._process.kill()
                elif now_s > self._speaks_until_s:
                    _log.error("%s hangs, and is ended", self.name)
                    self._speaks_until_s, self._kill_s = float("inf"), now_s + ABORT_S
                    self.terminate()
                return
            self._process = None
            self._failures = 0 if now_s - self._started_s > 60 else self._failures + 1
            pause_s = min(2.0 ** (self._failures - 1), 30.0) if self._failures else 0.0
            _log.error("%s ended with status %d; again in %.0f s", self.name, status, pause_s)
            self._start_s = now_s + pause_s
        if now_s >= self._start_s:
            self.start()

    def terminate(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait_until(self, deadline_s: float) -> None:
        """Wait for its end; kill it at the deadline (monotonic seconds)."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            _log.warning("%s did not end in time and was killed", self.name)
            self._process.kill()
            self._process.wait()


def end(children: Iterable[Child], within_s: float) -> None:
    """Ask all to end, and wait; those that have not ended in time are killed."""
    deadline_s = time.monotonic() + within_s
    for child in children:
        child.terminate()
    for child in children:
        child.wait_until(deadline_s)


def environment(demo: bool, notices: Notices) -> dict[str, str]:
    """Environment variables of a child."""
    return {
        **os.environ,
        "PLP_DEMO": "1" if demo else "0",
        "NOTIFY_SOCKET": notices.address,
        "WATCHDOG_USEC": str(round(WATCHDOG_S * 1e6)),
        # Each thread's own heap would keep what its largest page or query once took.
        "MALLOC_ARENA_MAX": "2",
    }


class Prepared(TypedDict):
    """The preparation's answer: `simulators` are arguments of `python -m` by name, `link` the first admin's, if any."""

    link: str | None
    simulators: dict[str, list[str]]
    url: str
    address: tuple[str, int]
    log_level: str


@click.command()
@click.option("--demo", is_flag=True, help="Démonstration : modem simulé, aucun SMS n'est réellement envoyé.")
@click.pass_obj
def run(config: Path, demo: bool) -> None:
    """Lancer la console, le service des modems et les tâches automatiques, sous surveillance."""
    demo = demo or os.environ.get("PLP_DEMO") == "1"
    prepared = _prepare(config, demo)
    log_to_stderr(prepared["log_level"])
    stop = stop_on_signals()
    notices = Notices()
    around = environment(demo, notices)
    # First, so that the daemon finds them; last to end, so that a submit that is under way gets its answer.
    simulators = [Child(name, arguments, around, speaks=False) for name, arguments in prepared["simulators"].items()]
    own = [
        Child(name, ["plp", "--config", str(config), name], around, speaks=True)
        for name in ("console", "modem", "jobs")
    ]
    try:
        for child in (*simulators, *own):
            child.start()
        announced = False
        while not stop.wait(0.2):
            for pid, said in notices.read():
                for child in own:
                    child.hear(pid, said)
            for child in (*simulators, *own):
                child.look_after()
            if not announced and _answers(prepared["address"]):
                announced = True
                _announce(prepared, demo)
    finally:
        end(own, END_WITHIN_S)
        end(simulators, 1.0)
        notices.close()


def _prepare(config: Path, demo: bool) -> Prepared:
    """Run the preparation and pass on its messages; when it fails, end this process with its status."""
    done = subprocess.run(
        [sys.executable, "-m", "plp.cli.preparation", str(config)],
        env={**os.environ, "PLP_DEMO": "1" if demo else "0"},
        capture_output=True,
    )
    click.echo(done.stderr, nl=False, err=True)
    if done.returncode:
        sys.exit(done.returncode)
    prepared: Prepared = json.loads(done.stdout)
    return prepared


def _answers(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


def _announce(prepared: Prepared, demo: bool) -> None:
    click.echo(f"\n  plp-alerte : {prepared['url']}")
    if demo:
        say("  Démonstration : aucun SMS n'est réellement envoyé ; un mot de passe suffit (pas de deuxième facteur).")
    if link := prepared["link"]:
        say("  Premier administrateur (lien à usage unique, 24 h) : {link}", link=link)
    click.echo(f"{phrase('  Ctrl-C arrête tout.')}\n")
