"""Can an alert go out now: for each state of the modems, and for whoever reads it."""

from datetime import timedelta

import pytest

from db import modems
from db.modems import beat
from db.outbox import cancel_broadcast
from db.readiness import all_simulated, readiness
from db.refusals import NotReady
from db.zone import save_directory_entry
from tests.db.house import order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

ADVICE_WAITS = "Une alerte envoyée maintenant attend, et part toute seule dès qu'un modem est prêt."
NOTHING_GOES = "Pas prêt : aucun SMS ne peut partir."


def modem(name, state, now, sentence="", **values):
    ready_modem(name, now, state=state, sentence=sentence, **values)


def test_without_a_daemon_nothing_can_go_out(now):
    modem("a", "ready", now)
    state = readiness(now + timedelta(seconds=16))
    assert not state.ready
    assert not state.can_take_orders
    assert state.sentence == "Pas prêt : le service des modems ne tourne pas."
    assert (state.plain, state.advice) == (NOTHING_GOES, "Prévenez le technicien.")


def test_one_ready_modem_is_enough_and_everybody_reads_the_same(now):
    modem("a", "out_of_service", now)
    modem("b", "ready", now)
    state = readiness(now)
    assert (state.ready, state.can_take_orders, state.modems_ready) == (True, True, 1)
    assert state.sentence == state.plain == "Prêt : 1 modem."
    assert state.advice == ""


@pytest.mark.parametrize(
    ("state", "plain"),
    [
        ("starting", "Pas encore prêt : les modems démarrent."),
        ("paused", "Pas prêt : le réseau refuse les SMS ; nouvel essai dans quelques minutes."),
    ],
)
def test_what_comes_back_by_itself_takes_orders_that_wait(now, state, plain):
    modem("a", "out_of_service", now, "La carte SIM est refusée par le réseau (CMS 28).")
    modem("b", state, now, "Il essaie un seul message.")
    person(1, now)
    told = readiness(now)
    assert not told.ready
    assert told.can_take_orders
    assert (told.plain, told.advice) == (plain, ADVICE_WAITS)
    assert order(now).state == "queued"


@pytest.mark.parametrize(
    "state", ["not_registered", "no_sim", "pin", "quarantined", "suspended", "absent", "faulty", "out_of_service"]
)
def test_what_does_not_come_back_by_itself_takes_none_and_says_why(now, state):
    modem("a", state, now, "Ce qu'il a.")
    person(1, now)
    told = readiness(now)
    assert not told.can_take_orders
    assert told.sentence == "Pas prêt : modem a : Ce qu'il a."
    assert told.plain == NOTHING_GOES
    with pytest.raises(NotReady, match="Ce qu'il a"):
        order(now)


def test_of_several_the_one_that_tells_most_is_named(now):
    modem("a", "absent", now, "Le modem n'est pas branché.")
    modem("b", "pin", now, "La carte SIM demande son code PIN.")
    assert readiness(now).sentence == "Pas prêt : modem b : La carte SIM demande son code PIN (et 1 autre)."
    modem("c", "paused", now, "Plusieurs envois refusés de suite.")
    assert readiness(now).sentence == "Pas prêt : modem c : Plusieurs envois refusés de suite (et 2 autres)."


@pytest.mark.parametrize("service", ["Technicien de garde", "Astreinte : TECHNICIENNE", "Technicus van wacht"])
def test_the_directory_says_whom_to_call(now, service):
    beat("box", "modem", 1, now)
    save_directory_entry(None, "Laboratoire de police technique", "", "04/000 00 00", "test", now)
    save_directory_entry(None, service, "", "0470 00 00 01.", "test", now)
    state = readiness(now)
    assert state.sentence == "Pas prêt : aucun modem n'est branché."
    assert state.advice == f"À prévenir : {service}, 0470 00 00 01."


def test_a_paused_simulator_is_still_what_an_order_would_go_through(now):
    modem("a", "paused", now, simulated=True)
    assert readiness(now).simulated
    assert all_simulated(now)
    person(1, now)
    placed = order(now)
    assert placed.simulated
    cancel_broadcast(placed.id, "test", now)
    modems.save_modem("box", "b", {"device": "/dev/b", "state": "starting"}, now)
    assert not all_simulated(now)
