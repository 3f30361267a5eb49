"""A box for end-to-end tests: its own folder, real processes, simulators started apart, everything on loopback."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from db.alerts.progress.progress import progress, recipients
from db.engine.clock import utc_now
from db.engine.connection import bind, connected
from db.journal.audit import use_key_file
from db.modems.status import modem_cards
from plp.cli.main import main
from tests.support.clocked import suite_clock
from tests.support.rosters import import_members
from tests.support.warm import Warm, can_be_warm

ROOT = Path(__file__).parents[2]
PATIENCE_S = 90.0  # a mailbox is visited once a minute
LOOK_EVERY_S = 0.1

Record = dict[str, Any]


def eventually(what: str, holds: Callable[[], Any], within_s: float = PATIENCE_S, every_s: float = LOOK_EVERY_S) -> Any:
    """Wait for a truthy answer; the test fails with `what` when it does not come. A dear look wants a longer pause."""
    until = time.monotonic() + within_s
    while True:
        answer = holds()
        if answer:
            return answer
        if time.monotonic() > until:
            raise AssertionError(f"not within {within_s:.0f} s: {what}")
        time.sleep(every_s)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Box:
    """`start_simulator` and `start` begin processes; `close` ends them all.

    With `database` (lines of that section) it shares a PostgreSQL with other boxes. Unless it is `warm`, its processes
    are started whole. `altered` names a folder here whose `sitecustomize.py` they load first.
    """

    warm = True
    altered = ""

    def __init__(
        self,
        folder: Path,
        modems: tuple[str, ...],
        sending: str = "undo_seconds = 0",
        database: str = "url = sqlite:///var/plp.db",
    ) -> None:
        self.folder, self.modems = folder, modems
        self.port = free_port()
        self._url = database.partition("\n")[0].removeprefix("url = ")
        self._processes: list[subprocess.Popen[bytes]] = []
        self._simulators: dict[str, subprocess.Popen[bytes]] = {}
        sections = "".join(f"[modem:{name}]\ndevice = {name}.tty\n" for name in modems)
        self.config = folder / "config.ini"
        self.config.write_text(
            f"[zone]\nname = Zone d'essai\ncode = 5278\nphone = 04/330 40 00\n[database]\n{database}\n"
            f"[console]\nlisten = 127.0.0.1:{self.port}\n"
            # No proof of life: a test that runs in the small hours counts its own messages alone.
            f"[sending]\n{sending}\nhourly_ceiling = 100000\n[proof]\nat =\n{sections}"
        )

    def start_simulator(self, name: str, *options: str) -> subprocess.Popen[bytes]:
        files = ("--link", f"{name}.tty", "--log", f"{name}.jsonl", "--tpdu-log", f"{name}.tpdu.jsonl")
        simulator = self._simulators[name] = self._start("-m", "modem.sim", *files, *options)
        eventually(f"simulator {name}", (self.folder / f"{name}.tty").exists)
        return simulator

    def pull_out(self, name: str) -> None:
        """End a simulator at once, and its link before it: the number of its pty is given to the next one that is made,
        so the daemon would find the modem of another test behind the link.
        """
        (self.folder / f"{name}.tty").unlink()
        self._simulators[name].kill()

    def start(self, command: str) -> subprocess.Popen[bytes]:
        """`plp run`, `plp modem`, …"""
        return self._start("-m", "plp", command)

    def plp(self, *arguments: str, status: int = 0) -> str:
        """Run a command to its end; returns its stdout, of one that refuses (status 1 or 2) its stderr."""
        process = self._popen(["-m", "plp", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with process:
            try:
                stdout, stderr = (said.decode() for said in process.communicate(timeout=PATIENCE_S))
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        assert process.returncode == status, stdout + stderr
        return stderr if status in (1, 2) else stdout

    def json(self, *arguments: str) -> Any:
        """What a command about the database tells, asked in this process: to start one takes half a core's second."""
        asked = CliRunner().invoke(main, [*arguments, "--json"], env={"PLP_CONFIG": str(self.config), "PLP_DEMO": "0"})
        assert asked.exit_code == 0, asked.output
        return json.loads(asked.stdout)

    def import_members(self, count: int) -> None:
        rows = "".join(f"Prénom{n},Nom{n},{mobile(n)},,fr,Quartier{n % 3},member\n" for n in range(count))
        list_ = "first_name,last_name,mobile,email,language,neighbourhood,role\n" + rows
        with self.reading():
            assert import_members(list_.encode(), "members.csv", "test", utc_now()).added == count

    def send(self, text: str) -> int:
        return int(self.json("broadcast", "send", "--all", "--text", text, "--yes")["id"])

    def listens(self) -> bool:
        """The console has begun: `ready_modems` tells nothing of it."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5):
            return True
        return False

    def modem_states(self) -> dict[str, str]:
        """Read in this process: a command for each look would take longer than what is looked at."""
        with self.reading():
            return {card.name: card.state for card in modem_cards(utc_now())}

    def ready_modems(self) -> int:
        return list(self.modem_states().values()).count("ready")

    def counts(self, broadcast: int) -> dict[str, int]:
        """The counts that are not 0."""
        with self.reading():
            shown = progress(broadcast, utc_now())
        assert shown is not None
        assert sum(shown.counts.values()) == shown.recipients
        return {state: count for state, count in shown.counts.items() if count}

    def state(self, broadcast: int) -> str:
        """As `plp broadcast show` calls it, without a command for each look."""
        with self.reading():
            shown = progress(broadcast, utc_now())
        assert shown is not None
        return str(shown.state)

    def people(self, broadcast: int, state: str) -> set[str]:
        """The numbers that the progress page shows in this state."""
        with self.reading():
            return {row.msisdn for row in recipients(broadcast, state, per_page=10_000).rows}

    @contextmanager
    def reading(self) -> Iterator[None]:
        bind(self._url, self.folder)
        use_key_file(None)  # the box's own: what is signed with another one is no entry of its journal
        with connected():
            yield

    def log(self, *names: str, tpdus: bool = False) -> list[Record]:
        """What the simulated networks took, of all modems where none is named; each record with the modem's name."""
        records = []
        for name in names or self.modems:
            file = self.folder / (f"{name}.tpdu.jsonl" if tpdus else f"{name}.jsonl")
            lines = file.read_text().splitlines() if file.exists() else []
            records += [{**json.loads(line), "modem": name} for line in lines]
        return records

    def close(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in reversed(self._processes):
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / "stderr.log").open("ab") as log:
            process = self._popen(arguments, stdout=log, stderr=log)
        self._processes.append(process)
        return process

    def _popen(self, arguments: Sequence[str], **streams: Any) -> subprocess.Popen[bytes]:
        command, environment = [sys.executable, *arguments], self._environment()
        popen = Warm if self.warm and can_be_warm(command, environment) else subprocess.Popen
        return popen(command, cwd=self.folder, env=environment, **streams)

    def _environment(self) -> dict[str, str]:
        altered = (str(Path(__file__).parent / self.altered),) if self.altered else ()
        path = os.pathsep.join((*altered, *suite_clock.SEARCHED))
        return {**os.environ, "PYTHONPATH": path, "PLP_CONFIG": str(self.config), "PLP_DEMO": "0"}


def host_box(folder: Path, url: str, modems: int) -> Box:
    """One of several boxes on the PostgreSQL at `url`. It is named after `folder`, which is made; its modems, too."""
    folder.mkdir()
    names = tuple(f"{folder.name}{number}" for number in range(modems))
    return Box(folder, names, database=f"url = {url}\nhost = {folder.name}")


def share_key(made: Box, *others: Box) -> None:
    """What docs/several-machines.md tells after the database was made: every host has the same key."""
    for box in others:
        (box.folder / "var").mkdir(exist_ok=True)
        shutil.copy(made.folder / "var/journal.key", box.folder / "var/journal.key")


def mobile(number: int) -> str:
    return f"+324701{number:05}"
