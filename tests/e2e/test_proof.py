"""Proof of life between two simulated modems, night after night: the one that silently stopped is told of."""

import socket
from datetime import datetime, time, timedelta
from time import sleep

import pytest

from db.alerts.progress.history import newest
from db.engine.clock import utc_now
from db.modems.proof import last_proof, newest_proofs
from db.modems.status import modem_cards
from db.operations.incidents import open_incidents
from plp.jobs.alarms.telling import JUDGE_EVERY_S
from rules.calendar import LOCAL, SPREAD
from tests.e2e.box import eventually
from tests.e2e.shifted import clock_of, set_clock
from tests.support.clocked.suite_clock import SuiteTime
from tests.support.inbound import received_texts

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

NUMBERS = {"a": "+32470000701", "b": "+32470000702"}


@pytest.fixture
def box(make_box):
    made = make_box(*NUMBERS)
    text = made.config.read_text().replace("[proof]\nat =\n", "")
    for name, number in NUMBERS.items():
        text = text.replace(f"device = {name}.tty", f"device = {name}.tty\nnumber = {number}")
    made.config.write_text(text)
    for name, number in NUMBERS.items():
        made.start_simulator(name, "--number", number, "--neighbours", ".", "--control", f"{number}.control")
    made._start("-m", "tests.e2e.shifted", "modem")
    eventually("two ready modems", lambda: made.ready_modems() == 2)
    return made


def told(box, number, command):
    """A command to the world of the modem with this number."""
    with socket.socket(socket.AF_UNIX) as wire, wire.makefile("rw", encoding="utf-8") as asked:
        wire.connect(str(box.folder / f"{number}.control"))
        asked.write(command + "\n")
        asked.flush()
        assert '"ok": true' in asked.readline()


def proofs(box):
    """The newest proof of each modem, by name."""
    with box.reading():
        return {card.name: newest_proofs(card)[0] for card in modem_cards(utc_now()) if newest_proofs(card)}


def incidents(box):
    with box.reading():
        return {card.subject.split("/")[1]: card.sentence for card in open_incidents() if card.kind == "proof"}


def words(box):
    """How each modem was proven last."""
    with box.reading():
        return {card.name: last_proof(card).state for card in modem_cards(utc_now())}


def night(box, day, faults, trouble):
    """The hours of the night `day` from now come at once, with these faults; then `trouble` is told. Both by modem."""
    for name, number in NUMBERS.items():
        told(box, number, f"fault {faults.get(name, 'none')}")
    today = SuiteTime.now().astimezone(LOCAL).date()
    hours_are_over = datetime.combine(today + timedelta(days=day), time(4), LOCAL) + SPREAD
    off = hours_are_over - SuiteTime.now()
    set_clock(box.folder, off.total_seconds())
    jobs = box._start("-m", "tests.e2e.shifted", "jobs")

    def all_taken():
        newest = proofs(box)
        tonight = [proof for proof in newest.values() if proof.placed_at >= hours_are_over]
        return len(tonight) == 2 and all(proof.sent_at is not None for proof in tonight)

    eventually("both proofs taken", all_taken)
    well = {name for name in NUMBERS if name not in faults}
    eventually("the reports", lambda: all(proofs(box)[name].shows_sending for name in well))
    # Another fault takes the place of one that stands after a minute.
    for minutes in (6, 8):
        set_clock(box.folder, (off + timedelta(minutes=minutes)).total_seconds())
        sleep(2 * JUDGE_EVERY_S)

    def all_told():
        found = incidents(box)
        return found.keys() == trouble.keys() and all(trouble[name] in found[name] for name in found)

    eventually(f"{trouble}", all_told)
    jobs.terminate()
    jobs.wait()


def test_each_night_the_sim_that_stopped_is_told_of(box, monkeypatch):
    monkeypatch.setattr("db.engine.clock.datetime", clock_of(box.folder))
    assert words(box) == {"a": "never", "b": "never"}
    night(box, 1, {"a": "untaken"}, {"a": "jamais testé. SMS de test envoyé, mais sans réponse"})
    assert words(box) == {"a": "never", "b": "proven"}
    night(box, 2, {"a": "noreport"}, {"a": "SMS de test reçu, mais sans accusé"})
    night(
        box,
        3,
        {"b": "inbound-lost"},
        {"b": "du modem a reçu par cette carte SIM selon le réseau, mais rien n'est arrivé"},
    )
    assert words(box) == {"a": "proven", "b": "lost"}
    night(box, 4, {}, {})
    assert words(box) == {"a": "proven", "b": "proven"}
    with box.reading():
        assert len(received_texts()) == 0
        assert newest(5, utc_now()) == []
    assert len(box.log("a", "b")) == 7
