"""Texts that come in while the daemon is killed: each is in the database once, and none stays on the SIM."""

import json
import random
import socket
import time
from collections import Counter

import pytest

from db import radio
from db.clock import utc_now
from db.inbound import inbound_messages
from tests.e2e.box import eventually
from tests.sim.terminal import Terminal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

SENDER = "+32470009999"
LONG = "Bonjour, une camionnette blanche tourne dans la rue depuis midi, sans s'arrêter nulle part. " * 5
TEXTS, KILLS = 60, 6


def order(box, command):
    """A command to the simulator's world (see modem.sim.control)."""
    with socket.socket(socket.AF_UNIX) as wire, wire.makefile("rw", encoding="utf-8") as asked:
        wire.connect(str(box.folder / "a.control"))
        asked.write(command + "\n")
        asked.flush()
        answer = json.loads(asked.readline())
    assert answer["ok"], answer
    return answer


def texts(box):
    with box.reading():
        return [card.text for card in inbound_messages(per_page=1000).rows if card.completed_at]


def stored(box):
    """What the SIM holds, asked by a client that is not ours; the daemon must be gone."""
    with Terminal(box.folder / "a.tty") as client:
        client.ask("ATE0")
        client.ask("AT+CMGF=0")
        return [line for line in client.ask("AT+CMGL=4").splitlines() if line.startswith("+CMGL:")]


@pytest.fixture
def box(make_box):
    made = make_box("a")
    made.start_simulator("a", "--control", "a.control")
    return made


def test_kills_lose_and_double_nothing(box):
    chance = random.Random(5278)
    daemon = box.start("modem")
    eventually("ready", box.ready_modems)
    sent = [f"{LONG if number % 5 == 0 else 'Merci'} {number}" for number in range(TEXTS)]
    kills = set(chance.sample(range(TEXTS), KILLS))
    for number, words in enumerate(sent):
        order(box, f"inbound {SENDER} {words}")
        time.sleep(chance.uniform(0, 0.1))
        if number in kills:
            daemon.kill()
            daemon.wait()
            daemon = box.start("modem")
    eventually("all texts", lambda: len(texts(box)) >= TEXTS)
    time.sleep(0.5)  # the last one is deleted after it was stored
    with box.reading():
        assert inbound_messages().total == TEXTS
    assert Counter(texts(box)) == Counter(sent)
    daemon.terminate()
    daemon.wait(15)
    assert stored(box) == []


def test_the_page_says_how_full_the_sim_is(box):
    box.start("modem")
    eventually("ready", box.ready_modems)
    with box.reading():
        (card,) = [card for card in radio.storages(socket.gethostname(), "a") if card.name == "SM"]
    assert (card.used, card.total) == (0, 20)
    assert card.seen_at <= utc_now()
