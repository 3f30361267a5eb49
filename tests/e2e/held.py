"""A modem whose tty ModemManager really has open: `unshare -m python -m tests.e2e.held FOLDER`, as root.

A pty that leads to the simulator's is bound over /dev/ttyS0, in this process's own view of the files: ModemManager
wants a tty that the kernel knows by name, and nobody ever has the simulator's own exclusively. `plp` runs without the
rights by which root opens a tty that is exclusively open and sees what others have open: as a service does.
"""

import fcntl
import json
import os
import pty
import shutil
import subprocess
import sys
import termios
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.engine.clock import utc_now
from db.modems.commands import answer_to, ask
from db.modems.status import modem_cards
from tests.e2e.box import Box, eventually
from tests.support.modemmanager import DAEMON, Manager, until
from tests.support.polkit import polkit

TTY = Path("/dev/ttyS0")
RULES = Path("/lib/udev/rules.d")
# It is to look at every tty that it is told of.
ALLOWED = 'SUBSYSTEM=="tty", ENV{ID_MM_DEVICE_PROCESS}="1"\n'
AS_A_SERVICE = ("setpriv", "--bounding-set=-sys_admin,-sys_ptrace")


class Service(Box):
    """Its processes have no more rights than the service's."""

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        if arguments[:2] != ("-m", "plp"):
            return super()._start(*arguments)
        with (self.folder / "stderr.log").open("ab") as log:
            process = subprocess.Popen(
                [*AS_A_SERVICE, sys.executable, *arguments],
                cwd=self.folder, env=self._environment(), stdout=log, stderr=log,
            )  # fmt: skip
        self._processes.append(process)
        return process

    def told(self) -> tuple[str, str]:
        """State and French sentence of its modem."""
        with self.reading():
            (card,) = modem_cards(utc_now())
            return card.state, card.sentence

    def findings(self) -> list[str]:
        """Codes of what the doctor finds when a page asks."""
        with self.reading():
            (card,) = modem_cards(utc_now())
            ask(card.host, card.name, "doctor", "Sacha", utc_now())
            answer = eventually("an answer of the doctor", lambda: answer_to(card.host, card.name, "doctor"), 20)
        return [json.loads(finding["title"])["code"] for finding in json.loads(answer.text)["findings"]]


def bound(link: Path) -> None:
    """TTY leads to the pty at `link` from here on."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    subprocess.run(["mount", "--bind", os.ttyname(slave), TTY], check=True)
    os.close(slave)
    other = os.open(link, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(other)
    for source, sink in ((master, other), (other, master)):
        threading.Thread(target=_carry, args=(source, sink), daemon=True).start()


def _carry(source: int, sink: int) -> None:
    while True:
        try:
            os.write(sink, os.read(source, 4096))
        except OSError:  # nobody has the tty open: what a real one forgets by itself then, a pty keeps
            free = os.open(TTY, os.O_RDWR | os.O_NOCTTY)
            fcntl.ioctl(free, termios.TIOCNXCL)
            os.close(free)
            time.sleep(0.02)


@contextmanager
def manager(folder: Path) -> Iterator[Manager]:
    """ModemManager, told of the tty at its start."""
    (folder / "events").write_text(f"action=add,subsystem=tty,name={TTY.name},uid=plp0\n")
    rules = shutil.copytree(RULES, folder / "rules")
    (rules / "78-mm-rules").write_text(ALLOWED)
    subprocess.run(["mount", "--bind", rules, RULES], check=True)
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address"], stdout=subprocess.PIPE, text=True
    )
    assert bus.stdout
    running = Manager(bus.stdout.readline().strip())
    with (folder / "mm.log").open("w") as log:
        command = [*DAEMON, "--debug", f"--initial-kernel-events={folder}/events"]
        process = subprocess.Popen(command, env=running.environment, stdout=log, stderr=log)
    try:
        until(lambda: (running.ask("-L") or {}).get("modem-list"), 40)
        yield running
    finally:
        process.terminate()
        process.wait(20)
        bus.terminate()
        bus.wait(20)
        bus.stdout.close()


def main(folder: Path) -> None:
    """What is seen of it, as JSON on one line."""
    box = Service(folder, ())
    box.config.write_text(f"{box.config.read_text()}[modem:a]\ndevice = {TTY}\n")
    try:
        box.start_simulator("a", "--profile", "ec25")
        bound(folder / "a.tty")
        with manager(folder) as running:
            address = running.environment["DBUS_SYSTEM_BUS_ADDRESS"]
            os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = address
            box.plp("migrate")
            with polkit(address, allows=False):
                box.start("modem")
                held = eventually("it is held", lambda: box.modem_states().get("a") == "faulty" and box.told())
                found = box.findings()
            with polkit(address, allows=True):
                eventually("it is ours", lambda: box.ready_modems() == 1, 90)
            print(json.dumps({"held": held, "found": found, "after": box.told(), "left": running.ask("-L")}))
    finally:
        box.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
