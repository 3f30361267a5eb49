"""Debian's ofono on a bus of its own, whose driver of phonesim has the simulator behind a TCP port."""

import re
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from tests.modem.sim.process import ENVIRONMENT
from tests.support.modemmanager import PATIENCE_S, until

MODEM = "/plp"
# Where ofono keeps what it has still to send, by IMSI.
STATE = Path("/var/lib/ofono")


class Ofono:
    """ofonod with one modem, and what it has said on its bus so far (`heard`)."""

    def __init__(self, environment: dict[str, str], heard: Path) -> None:
        self._environment, self._heard = environment, heard

    def call(self, path: str, method: str, *arguments: str) -> bool:
        """False where it refuses."""
        command = ["dbus-send", "--system", "--print-reply", "--dest=org.ofono", path, f"org.ofono.{method}"]
        told = subprocess.run([*command, *arguments], env=self._environment, capture_output=True, timeout=PATIENCE_S)
        return told.returncode == 0

    def set(self, interface: str, name: str, value: bool) -> None:
        """As soon as it has that interface."""
        arguments = (f"string:{name}", f"variant:boolean:{str(value).lower()}")
        until(lambda: self.call(MODEM, f"{interface}.SetProperty", *arguments))

    def send(self, number: str, text: str) -> None:
        assert self.call(MODEM, "MessageManager.SendMessage", f"string:{number}", f"string:{text}")

    def texts(self) -> list[str]:
        """Those that came in."""
        return re.findall(r'member=IncomingMessage\n +string "(.*)"', self._heard.read_text("utf-8"))


@contextmanager
def ofono(folder: Path, modem: str) -> Iterator[Ofono]:
    """With the modem at this abstract socket."""
    heard, config = folder / "bus.txt", folder / "phonesim.conf"
    with _bus() as address, _port(modem) as port, heard.open("w") as said:
        environment = ENVIRONMENT | {
            "DBUS_SESSION_BUS_ADDRESS": address,
            "DBUS_SYSTEM_BUS_ADDRESS": address,
            "OFONO_PHONESIM_CONFIG": str(config),
        }
        config.write_text(f"[{MODEM[1:]}]\nAddress=127.0.0.1\nPort={port}\n")
        watch = ("dbus-monitor", "--system", "type='signal',interface='org.ofono.MessageManager'")
        with _running(*watch, env=environment, stdout=said), _running("ofonod", "-n", env=environment):
            yield Ofono(environment, heard)


@contextmanager
def _running(
    *command: str, env: dict[str, str], stdout: int | IO[str] = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, env=env, stdout=stdout, stderr=subprocess.DEVNULL, text=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)


@contextmanager
def _bus() -> Iterator[str]:
    command = ("dbus-daemon", "--session", "--nofork", "--print-address")
    with _running(*command, env=ENVIRONMENT, stdout=subprocess.PIPE) as bus:
        assert bus.stdout
        yield bus.stdout.readline().strip()
        bus.stdout.close()


@contextmanager
def _port(modem: str) -> Iterator[int]:
    """A TCP port with the modem behind it, without its echo, which phonesim has not and its driver does not expect."""
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket(socket.AF_UNIX) as wire:
        wire.connect(f"\0{modem}")
        wire.sendall(b"ATE0\r")
        while b"OK" not in wire.recv(4096):
            continue
        bridge = threading.Thread(target=_bridge, args=(listening, wire))
        bridge.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        wire.shutdown(socket.SHUT_RDWR)
        bridge.join()


def _bridge(listening: socket.socket, wire: socket.socket) -> None:
    with suppress(OSError):
        client, _ = listening.accept()
        with client:
            back = threading.Thread(target=_pump, args=(wire, client))
            back.start()
            _pump(client, wire)
            back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(4096):
            sink.sendall(data)


def forget(imsi: str) -> None:
    """What ofono keeps of a card that was simulated."""
    for kept in STATE.glob(f"{imsi}*"):
        shutil.rmtree(kept, ignore_errors=True)
