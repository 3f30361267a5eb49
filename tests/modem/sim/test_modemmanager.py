"""Debian's ModemManager sends and receives through the simulator, with the plugins of several makers.

Its plugin for Huawei cannot be tried: it stops at an assertion of its own where a port is not real, in 1.24.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.modem.sim.desk import ANNA, BERT
from tests.modem.sim.process import ENVIRONMENT, lines, order, simulator

pytestmark = pytest.mark.client

TEXT = "Bonjour de ModemManager é €"
LONG = " ".join(f"mot{number} été €" for number in range(36))  # 3 parts
STORED = " ".join(f"Réponse {number} œ" for number in range(13))  # 3 parts of UCS-2
CAME = "Réponse été € [1] {2} ~"
PATIENCE_S = 20.0
SERVICE = "org.freedesktop.ModemManager1"
DAEMON = (
    "ModemManager", "--test-session", "--test-enable", "--test-no-udev", "--test-no-qrtr", "--test-no-suspend-resume",
    "--no-auto-scan",
)  # fmt: skip


@dataclass(frozen=True)
class Manager:
    """A running ModemManager on a bus of its own."""

    environment: dict[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S)

    def ask(self, *options: str) -> Any:
        """What mmcli tells, as JSON; None where it refuses."""
        told = self.run("mmcli", "--test-session", "--output-json", *options)
        return json.loads(told.stdout) if told.returncode == 0 else None

    def act(self, *options: str) -> None:
        told = self.run("mmcli", "--test-session", *options)
        assert told.returncode == 0, told.stderr

    def use(self, plugin: str, socket: str) -> None:
        """The modem at this socket, driven by that plugin, is there and enabled."""
        command = ["dbus-send", "--session", "--print-reply", "--type=method_call"]
        profile = [f"{SERVICE}.Test.SetProfile", "string:plp", f"string:{plugin}", f"array:string:{socket}"]
        until(
            lambda: self.run(*command, f"--dest={SERVICE}", f"/{SERVICE.replace('.', '/')}", *profile).returncode == 0
        )
        until(lambda: (self.ask("--list-modems") or {}).get("modem-list"))
        self.act("--modem=any", "--enable")

    def send(self, text: str, *more: str) -> None:
        fields = ",".join([f"text='{text}'", f"number='{ANNA}'", *more])
        made = self.ask("--modem=any", f"--messaging-create-sms={fields}")
        self.act(f"--sms={made['modem']['messaging']['created-sms']}", "--send")

    def messages(self) -> list[tuple[str, str, str, str]]:
        """Type, number, text and delivery state of all that it knows."""
        paths = self.ask("--modem=any", "--messaging-list-sms")["modem.messaging.sms"]
        told = [sms["sms"] for path in paths if (sms := self.ask(f"--sms={path}"))]
        return [
            (about["properties"]["pdu-type"], about["content"]["number"], about["content"]["text"],
             about["properties"]["delivery-state"])
            for about in told
        ]  # fmt: skip


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


@contextmanager
def manager(folder: Path) -> Iterator[Manager]:
    """With its bus, of which the address is a file's first line; nothing of them is left."""
    address = folder / "bus"
    script = f'echo "$DBUS_SESSION_BUS_ADDRESS" > {address}; exec {" ".join(DAEMON)}'
    process = subprocess.Popen(
        ["dbus-run-session", "--", "sh", "-c", script], env=ENVIRONMENT, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(lambda: address.exists() and address.read_text().endswith("\n"))
        yield Manager(ENVIRONMENT | {"DBUS_SESSION_BUS_ADDRESS": address.read_text().strip()})
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE_S)


@pytest.mark.parametrize(
    ("plugin", "profile", "hears"),
    [
        ("generic", "default", True),
        ("generic", "e173", True),
        ("quectel", "ec25", True),
        ("simtech", "sim7670g", True),
        ("telit", "le910", True),
        ("zte", "mf190", False),  # which refuses AT+CNMI with 500: ModemManager then tries no other
    ],
)
def test_modemmanager(
    needs: Callable[[str, str], None], tmp_path: Path, plugin: str, profile: str, hears: bool
) -> None:
    needs("ModemManager", "modemmanager")
    needs("dbus-run-session", "dbus")
    control, socket = tmp_path / "control", f"abstract:plp{os.getpid()}"
    options = ["--profile", profile, "--control", str(control), "--socket", socket]
    with simulator(tmp_path, *options), manager(tmp_path) as mm:
        order(control, f"inbound {BERT} {STORED}")
        mm.use(plugin, socket)
        until(lambda: ("deliver", BERT, STORED, "--") in mm.messages())
        mm.send(TEXT, "delivery-report-request=yes")
        if hears:
            until(lambda: ("status-report", ANNA, "--", "completed-received") in mm.messages())
            order(control, f"inbound {BERT} {CAME}")
            until(lambda: ("deliver", BERT, CAME, "--") in mm.messages())
        mm.send(LONG)
    said = [(line["to"], line["text"], line["encoding"], line["parts"]) for line in lines(tmp_path / "log.jsonl")]
    assert said == [(ANNA, TEXT, "gsm7", 1), (ANNA, LONG, "gsm7", 3)]
