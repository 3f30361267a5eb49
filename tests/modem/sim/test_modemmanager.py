"""Debian's ModemManager sends and receives through the simulator, with the plugins of several makers.

Its plugin for Huawei cannot be tried: it stops at an assertion of its own where a port is not real, in 1.24.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.modem.sim.desk import ANNA, BERT
from tests.modem.sim.process import lines, order, simulator
from tests.support.modemmanager import Manager, manager, until
from tests.support.sampling import left_to_soak

pytestmark = pytest.mark.client

TEXT = "Bonjour de ModemManager é €"
LONG = " ".join(f"mot{number} été €" for number in range(36))  # 3 parts
STORED = " ".join(f"Réponse {number} œ" for number in range(13))  # 3 parts of UCS-2
CAME = "Réponse été € [1] {2} ~"


def use(mm: Manager, plugin: str, socket: str) -> None:
    """The modem at this socket, driven by that plugin, is there and enabled."""
    mm.plug(plugin, socket)
    until(lambda: (mm.ask("--list-modems") or {}).get("modem-list"))
    mm.act("--modem=any", "--enable")


def send(mm: Manager, text: str, *more: str) -> None:
    fields = ",".join([f"text='{text}'", f"number='{ANNA}'", *more])
    made = mm.ask("--modem=any", f"--messaging-create-sms={fields}")
    mm.act(f"--sms={made['modem']['messaging']['created-sms']}", "--send")


def messages(mm: Manager) -> list[tuple[str, str, str, str]]:
    """Type, number, text and delivery state of all that it knows."""
    paths = mm.ask("--modem=any", "--messaging-list-sms")["modem.messaging.sms"]
    told = [sms["sms"] for path in paths if (sms := mm.ask(f"--sms={path}"))]
    return [
        (about["properties"]["pdu-type"], about["content"]["number"], about["content"]["text"],
         about["properties"]["delivery-state"])
        for about in told
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("plugin", "profile", "hears"),
    [
        ("generic", "default", True),
        left_to_soak("generic", "e173", True),
        ("quectel", "ec25", True),
        ("simtech", "sim7670g", True),
        ("telit", "le910", True),
        ("u-blox", "sara-u2", True),
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
    with simulator(tmp_path, *options), manager() as mm:
        order(control, f"inbound {BERT} {STORED}")
        use(mm, plugin, socket)
        until(lambda: ("deliver", BERT, STORED, "--") in messages(mm))
        send(mm, TEXT, "delivery-report-request=yes")
        if hears:
            until(lambda: ("status-report", ANNA, "--", "completed-received") in messages(mm))
            order(control, f"inbound {BERT} {CAME}")
            until(lambda: ("deliver", BERT, CAME, "--") in messages(mm))
        send(mm, LONG)
    said = [(line["to"], line["text"], line["encoding"], line["parts"]) for line in lines(tmp_path / "log.jsonl")]
    assert said == [(ANNA, TEXT, "gsm7", 1), (ANNA, LONG, "gsm7", 3)]
