"""Texts that come in while the daemon is killed: each is in the database once, and none stays on the SIM."""

import json
import random
import signal
import socket
import time
from collections import Counter

import pytest

from db.engine.clock import utc_now
from db.modems import signal_history
from tests.e2e.box import PATIENCE_S, eventually
from tests.modem.sim.terminal import Terminal
from tests.support.inbound import received_texts

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

SENDER = "+32470009999"
LONG = "Bonjour, une camionnette blanche tourne dans la rue depuis midi, sans s'arrêter nulle part. " * 5
TEXTS, KILLS, ROUNDS = 60, 6, 6
DIES_BEFORE_DELETING = """
import os
from plp.cli.main import main
from modem.driver.at import AtDriver
from tests.support.inbound import received_texts
AtDriver.delete_stored = lambda *_: os.kill(os.getpid(), 9)
main(["modem"])
"""


def order(box, command):
    """A command to the simulator's world (see tests.simulator.orders)."""
    with socket.socket(socket.AF_UNIX) as wire, wire.makefile("rw", encoding="utf-8") as asked:
        wire.connect(str(box.folder / "a.control"))
        asked.write(command + "\n")
        asked.flush()
        answer = json.loads(asked.readline())
    assert answer["ok"], answer
    return answer


def texts(box):
    with box.reading():
        return [card.text for card in received_texts() if card.completed_at]


def stored(box):
    """What SIM and modem hold, asked by a client that is not ours; the daemon must be gone."""
    with Terminal(box.folder / "a.tty") as client:
        client.ask("ATE0")
        client.ask("AT+CMGF=0")
        said = [client.ask(f'AT+CPMS="{memory}"') + client.ask("AT+CMGL=4") for memory in ("SM", "ME")]
    return [line for line in "".join(said).splitlines() if line.startswith("+CMGL:")]


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
        assert len(received_texts()) == TEXTS
    assert Counter(texts(box)) == Counter(sent)
    daemon.terminate()
    daemon.wait(PATIENCE_S)
    assert stored(box) == []


def test_three_parts_out_of_order_with_a_kill_after_each(box):
    chance = random.Random(4120)
    daemon = box.start("modem")
    eventually("ready", box.ready_modems)
    for reference in range(ROUNDS):
        for place in chance.sample((1, 2, 3), 3):
            order(box, f"inbound-part {SENDER} {reference} {place}/3 <{reference}.{place}>")
            time.sleep(chance.uniform(0, 0.7))  # starting takes the daemon about half of it
            daemon.kill()
            daemon.wait()
            daemon = box.start("modem")
    wanted = {f"<{number}.1><{number}.2><{number}.3>" for number in range(ROUNDS)}
    eventually("the texts", lambda: set(texts(box)) == wanted)
    eventually("empty storages", lambda: not any(order(box, "stats")["stored"].values()))
    with box.reading():
        assert len(received_texts()) == ROUNDS
    daemon.terminate()
    daemon.wait(PATIENCE_S)
    assert stored(box) == []


def test_a_kill_between_the_database_and_the_deletion(box):
    order(box, f"inbound {SENDER} STOP")
    doomed = box._start("-c", DIES_BEFORE_DELETING)
    assert doomed.wait(PATIENCE_S) == -signal.SIGKILL
    assert texts(box) == ["STOP"]
    assert len(stored(box)) == 1
    daemon = box.start("modem")
    eventually("an empty storage", lambda: not any(order(box, "stats")["stored"].values()))
    daemon.terminate()
    daemon.wait(PATIENCE_S)
    assert texts(box) == ["STOP"]
    assert stored(box) == []


def test_a_full_sim_is_emptied_at_the_start_and_receives_again(box):
    order(box, "fill 20 SM")
    order(box, f"inbound {SENDER} {LONG}")
    box.start("modem")
    eventually("the text that found no place", lambda: LONG.strip() in texts(box))
    with box.reading():
        (card,) = [card for card in signal_history.storages(socket.gethostname(), "a") if card.name == "SM"]
    assert (card.used, card.total) == (0, 20)
    assert card.seen_at <= utc_now()
