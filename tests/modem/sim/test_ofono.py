"""Debian's ofono sends and receives through the simulator; it acknowledges what comes by a PDU (AT+CNMA=1,2)."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.modem.sim.desk import ANNA, BERT
from tests.modem.sim.process import lines, order, simulator
from tests.support.modemmanager import until
from tests.support.ofono import forget, ofono

pytestmark = pytest.mark.client

TEXTS = ("Bonjour d'ofono é €", "Œil ’ ê", *(f"Message {number}" for number in range(4)))
CAME = ("Réponse été € [1] {2} ~", " ".join(f"Réponse {number} œ" for number in range(13)))  # 1 and 3 parts


@pytest.mark.parametrize("profile", ["default", "sim800", "ec25"])
def test_ofono(needs: Callable[[str, str], None], tmp_path: Path, profile: str) -> None:
    needs("ofonod", "ofono")
    needs("dbus-monitor", "dbus")
    control, socket = tmp_path / "control", f"plp-ofono{os.getpid()}"
    options = [
        "--profile",
        profile,
        "--control",
        str(control),
        "--socket",
        socket,
        "--submit-ms",
        "20",
        "--link-ms",
        "0",
    ]
    with simulator(tmp_path, *options):
        card = str(order(control, "stats")["imsi"])
        try:
            with ofono(tmp_path, socket) as client:
                client.set("Modem", "Powered", True)
                client.set("Modem", "Online", True)
                client.set("MessageManager", "UseDeliveryReports", True)
                for text in TEXTS:
                    client.send(ANNA, text)
                until(lambda: order(control, "stats")["reports"] == len(TEXTS))
                for text in CAME:
                    order(control, f"inbound {BERT} {text}")
                until(lambda: client.texts() == list(CAME))
                until(lambda: order(control, "stats")["acknowledged"] == len(TEXTS) + 4)
        finally:
            forget(card)
    assert [(line["to"], line["text"]) for line in lines(tmp_path / "log.jsonl")] == [(ANNA, text) for text in TEXTS]
