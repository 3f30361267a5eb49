"""Debian's ModemManager on a bus of its own, with modems that are simulators at abstract sockets."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.modem.sim.process import ENVIRONMENT

PATIENCE_S = 60.0
SERVICE = "org.freedesktop.ModemManager1"
DAEMON = (
    "ModemManager", "--test-session", "--test-enable", "--test-no-udev", "--test-no-qrtr", "--test-no-suspend-resume",
    "--no-auto-scan",
)  # fmt: skip


class Manager:
    """ModemManager on the bus at `address`; `kill` and `start` as often as one likes."""

    def __init__(self, address: str) -> None:
        self.environment = ENVIRONMENT | {"DBUS_SESSION_BUS_ADDRESS": address, "DBUS_SYSTEM_BUS_ADDRESS": address}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        self._process = subprocess.Popen(
            DAEMON, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(lambda: self.run(*_call("GetNameOwner", f"string:{SERVICE}", of="org.freedesktop.DBus")).returncode == 0)

    def kill(self, how: int = signal.SIGKILL) -> None:
        if self._process:
            self._process.send_signal(how)
            self._process.wait(PATIENCE_S)
            self._process = None

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S)

    def ask(self, *options: str) -> Any:
        """What mmcli tells, as JSON; None where it refuses."""
        told = self.run("mmcli", "--test-session", "--output-json", *options)
        return json.loads(told.stdout) if told.returncode == 0 else None

    def act(self, *options: str) -> None:
        told = self.run("mmcli", "--test-session", *options)
        assert told.returncode == 0, told.stderr

    def plug(self, plugin: str, socket: str, name: str = "plp") -> None:
        """It is told of a modem at this socket, which that plugin drives."""
        profile = (f"string:{name}", f"string:{plugin}", f"array:string:{socket}")
        until(lambda: self.run(*_call("Test.SetProfile", *profile)).returncode == 0)

    def has(self, socket: str) -> bool:
        """It has set up the modem at this socket."""
        return f'"{socket}"' in self.run(*_call("GetManagedObjects", of=SERVICE, interface="ObjectManager")).stdout


def _call(method: str, *arguments: str, of: str = SERVICE, interface: str = "") -> list[str]:
    path = f"/{of.replace('.', '/')}"
    full = f"org.freedesktop.DBus.{interface}" if interface else of
    command = ["dbus-send", "--session", "--print-reply", "--type=method_call"]
    return [*command, f"--dest={of}", path, f"{full}.{method}", *arguments]


def until(condition: Callable[[], Any], patience_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@contextmanager
def manager() -> Iterator[Manager]:
    """With its bus; nothing of both is left."""
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address"], env=ENVIRONMENT, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert bus.stdout
    running = Manager(bus.stdout.readline().strip())
    try:
        running.start()
        yield running
    finally:
        running.kill(signal.SIGTERM)
        bus.terminate()
        bus.wait(PATIENCE_S)
        bus.stdout.close()
