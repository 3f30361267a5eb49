"""Can an alert go out now: for each state of the modems, and for whoever reads it."""

from datetime import timedelta

import pytest

from db.modems import status as modems
from db.modems.readiness import all_simulated, readiness
from db.modems.status import beat
from plp.services.zone import save_directory_entry
from rules.readiness import Code, SeenModem, judge
from rules.refusals import NotReady
from tests.support.people import cancel_broadcast, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

ADVICE_WAITS = "L'alerte sera mise en attente, puis envoyée dès qu'un modem sera prêt."
NO_SERVICE = "Pas prêt : le service des modems ne fonctionne pas."


def modem(name, state, now, sentence="", **values):
    ready_modem(name, now, state=state, sentence=sentence, **values)


def test_without_a_daemon_nothing_can_go_out(now):
    modem("a", "ready", now)
    state = readiness(now + timedelta(seconds=16))
    assert not state.ready
    assert not state.can_take_orders
    assert str(state.sentence) == "Pas prêt : le service des modems ne fonctionne pas."
    assert (str(state.plain), str(state.advice)) == (NO_SERVICE, "Prévenez le technicien.")


def test_one_ready_modem_is_enough_and_everybody_reads_the_same(now):
    modem("a", "out_of_service", now)
    modem("b", "ready", now)
    state = readiness(now)
    assert (state.ready, state.can_take_orders, state.modems_ready) == (True, True, 1)
    assert str(state.sentence) == str(state.plain) == "Prêt : 1 modem sur 2 (modem a : hors service)."
    assert state.code == Code.PARTLY
    assert not state.advice


@pytest.mark.parametrize(
    ("state", "plain"),
    [
        ("starting", "Pas encore prêt : les modems démarrent."),
        ("paused", "Pas prêt : envois de SMS en échec."),
    ],
)
def test_what_comes_back_by_itself_takes_orders_that_wait(now, state, plain):
    modem("a", "out_of_service", now, "La carte SIM est refusée par le réseau (CMS 28).")
    modem("b", state, now, "Il essaie un seul message.")
    person(1, now)
    told = readiness(now)
    assert not told.ready
    assert told.can_take_orders
    assert (str(told.plain), str(told.advice)) == (plain, ADVICE_WAITS)
    assert order(now).state == "queued"


@pytest.mark.parametrize(
    "state", ["not_registered", "no_sim", "pin", "quarantined", "absent", "faulty", "out_of_service"]
)
def test_what_does_not_come_back_by_itself_takes_none_and_says_why(now, state):
    modem("a", state, now, "Ce qu'il a.")
    person(1, now)
    told = readiness(now)
    assert not told.can_take_orders
    assert str(told.sentence) == "Pas prêt (modem a) : Ce qu'il a."
    assert told.code == state
    with pytest.raises(NotReady, match="Ce qu'il a"):
        order(now, kind="drill")


def test_an_alert_waits_for_a_suspended_sim_and_nothing_else_does(now):
    modem("a", "suspended", now, "Le réseau refuse la carte SIM.")
    person(1, now)
    told = readiness(now)
    assert (told.ready, told.can_take_orders, told.can_take_urgent) == (False, False, True)
    assert str(told.advice) == (
        "L'alerte sera mise en attente : la carte SIM est réessayée toutes les 30 secondes. Prévenez le technicien."
    )
    assert order(now).state == "queued"
    for less in ({"kind": "drill"}, {"priority": "normal"}):
        with pytest.raises(NotReady):
            order(now, **less)


def test_of_several_the_one_that_tells_most_is_named(now):
    modem("a", "absent", now, "Le modem n'est pas branché.")
    modem("b", "pin", now, "La carte SIM demande son code PIN.")
    assert (
        str(readiness(now).sentence)
        == "Pas prêt (modem b) : La carte SIM demande son code PIN. 1 autre modem n'est pas prêt non plus."
    )
    modem("c", "paused", now, "Plusieurs envois refusés de suite.")
    assert (
        str(readiness(now).sentence)
        == "Pas prêt (modem c) : Plusieurs envois refusés de suite. 2 autres modems ne sont pas prêts non plus."
    )


@pytest.mark.parametrize("service", ["Technicien de garde", "Astreinte : TECHNICIENNE", "Technicus van wacht"])
def test_the_directory_says_whom_to_call(now, service):
    beat("box", "modem", 1, now)
    save_directory_entry(None, "Laboratoire de police technique", "", "04/000 00 00", "test", now)
    save_directory_entry(None, service, "", "0470 00 00 01.", "test", now)
    state = readiness(now)
    assert str(state.sentence) == "Pas prêt : aucun modem n'est branché."
    assert str(state.advice) == f"À prévenir : {service}, 0470 00 00 01."


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


def seen(name, state, **values):
    return SeenModem("box", name, state, **values)


@pytest.mark.parametrize(
    ("modems", "sentence"),
    [
        ((seen("a", "ready"), seen("b", "absent")), "Prêt : 1 modem sur 2 (modem b : débranché)."),
        (
            (seen("a", "ready"), seen("b", "pin"), seen("c", "ready")),
            "Prêt : 2 modems sur 3 (modem b : code PIN demandé).",
        ),
        (
            (seen("a", "ready"), seen("b", "ready", simulated=True), seen("c", "faulty")),
            "Prêt : 2 modems sur 3 (modem b : simulé, modem c : en panne).",
        ),
        ((seen("a", "ready"), *(seen(name, "absent") for name in "bcd")), "Prêt : 1 modem sur 4."),
        ((seen("a", "ready"), seen("usb-1-1", "faulty", is_modem=False)), "Prêt : 1 modem."),
        ((seen("a", "ready"), seen("b", "ready", simulated=True)), "Prêt : 2 modems, dont 1 simulé."),
    ],
)
def test_modems_that_should_send_and_do_not_are_named(modems, sentence):
    judged = judge(modems, alive=True)
    assert str(judged.sentence) == str(judged.plain) == sentence
    assert judged.code == (Code.READY if judged.modems_ready == len(judged.modems) else Code.PARTLY)


@pytest.mark.parametrize("code", [code for code in Code if code not in (Code.READY, Code.PARTLY, Code.UNWRITABLE)])
def test_every_way_not_to_be_ready_has_words_of_its_own(code):
    shown = (seen("a", code),) if code not in (Code.NO_SERVICE, Code.NO_MODEM) else ()
    judged = judge(shown, alive=code != Code.NO_SERVICE)
    assert judged.code == code
    assert not judged.ready
    assert str(judged.plain).startswith(("Pas prêt : ", "Pas encore prêt : "))
    assert judged.advice


def test_what_is_plugged_in_and_is_no_modem_is_named_where_nothing_else_is():
    judged = judge((seen("usb-1-1", "faulty", sentence="Une carte réseau.", is_modem=False),), alive=True)
    assert str(judged.sentence) == "Pas prêt (modem usb-1-1) : Une carte réseau."


def test_the_modems_of_a_daemon_that_died_are_missed_and_of_one_that_ended_are_not(now):
    modem("a", "ready", now)
    modems.save_modem("other", "z", {"device": "/dev/z", "state": "ready"}, now)
    assert readiness(now).code == Code.READY
    beat("other", "modem", 1, now - timedelta(minutes=5))
    told = readiness(now)
    assert (told.code, str(told.sentence)) == (Code.PARTLY, "Prêt : 1 modem sur 2 (modem z (other) : débranché).")
    assert readiness(now, "box").code == Code.READY
    assert readiness(now, "other").code == Code.NO_SERVICE


@pytest.mark.parametrize(
    ("changes", "waits"),
    [({}, True), ({"priority": "normal"}, False), ({"kind": "selftest", "priority": "normal"}, False)],
)
def test_whether_an_alert_waits(now, changes, waits):
    modem("a", "ready", now)
    person(1, now)
    assert not readiness(now).urgent_waits
    placed = order(now, **changes)
    assert readiness(now).urgent_waits is waits
    cancel_broadcast(placed.id, "test", now)
    assert not readiness(now).urgent_waits
