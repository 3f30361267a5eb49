"""What a technician may ask of a modem: accept its SIM, take it back into service, restart it."""

from datetime import timedelta

import pytest

from db.alerts.progress.progress import BroadcastCard
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.modem_records import ModemRequest
from db.modems import sims
from db.modems.commands import open_requests
from db.modems.sims import accepted_since
from rules.sentences import coded
from tests.console.conftest import words
from tests.console.modems.conftest import ICCID, IMEI, IMSI

OLD_IMSI = "206010000000099"


@pytest.fixture
def quarantined(plug):
    """A swapped card in modem a; returns its number in the database."""
    plug(state="quarantined", model="Quectel EC25")
    now = utc_now()
    with connected():
        sims.apply_seen("box", "a", IMEI, OLD_IMSI, None, now - timedelta(days=3))
        sims.apply_seen("box", "a", IMEI, IMSI, ICCID, now)
        return next(card.id for card in sims.waiting_cards())


def accepted():
    with connected():
        return accepted_since(IMEI, IMSI)


def asked(name="a"):
    with connected():
        return [request.verb for request in open_requests("box", name)]


def test_what_one_sees_of_a_card_before_accepting_it(technician, quarantined):
    page = words(technician.get("/modems/box/a"))
    assert "Nouvelle carte SIM à autoriser" in page
    assert "89•••••0025" in page
    assert "20•••••0001" in page
    assert "Quectel EC25, IMEI 35•••••3809" in page
    assert "20•••••0099" in page, "the card that was there before"


def test_a_card_is_accepted_in_the_name_of_who_did_it(technician, quarantined):
    answer = technician.post("/modems/box/a/accept", {"card": quarantined})
    assert "Carte autorisée : le modem a envoie dès qu'il a le réseau." in words(technician.get(answer.location))
    assert accepted()
    with connected():
        assert [card.accepted_by for card in sims.known_cards() if card.imsi == IMSI] == ["Test technician"]


def test_an_accepted_card_is_not_asked_for_any_more(technician, plug):
    now = utc_now()
    plug(state="quarantined", sentence=coded("sim_new").stored)
    with connected():
        sims.apply_seen("box", "a", IMEI, OLD_IMSI, None, now - timedelta(days=3))
        sims.apply_seen("box", "a", IMEI, IMSI, ICCID, now)
        card = sims.waiting_cards()[0].id
    page = words(technician.get(technician.post("/modems/box/a/accept", {"card": card}).location))
    assert "envoie dès qu'il a le réseau" in page
    assert "Vérifiez que cette carte appartient à la zone. Autorisez-la ou remettez l'ancienne" not in page
    assert "Un technicien doit autoriser cette carte SIM" not in page
    assert "Carte SIM autorisée : le modem reprend." in page


def test_a_card_that_was_swapped_meanwhile_is_not_accepted(technician, quarantined, plug):
    plug(state="quarantined", imsi="206010000000077")
    with connected():
        sims.apply_seen("box", "a", IMEI, "206010000000077", None, utc_now())
    answer = technician.post("/modems/box/a/accept", {"card": quarantined})
    assert "la carte du modem a changé" in words(technician.get(answer.location))
    assert not accepted()


def test_a_card_that_is_not_known_to_be_in_the_modem_now_cannot_be_accepted(technician, quarantined, plug):
    plug(state="absent")
    assert "Autoriser cette carte SIM" not in words(technician.get("/modems/box/a"))
    technician.post("/modems/box/a/accept", {"card": quarantined})
    assert not accepted()


@pytest.mark.parametrize("card", ["", "0", "²", "999999", "<script>", "1' OR 1=1"])
def test_a_made_up_card_is_not_accepted(technician, quarantined, card):
    assert technician.post("/modems/box/a/accept", {"card": card}).status_code == 303
    assert not accepted()


def test_an_officer_sees_that_a_technician_must_accept_it(sign_in, quarantined):
    officer = sign_in("officer")
    assert "Un technicien doit autoriser cette carte SIM." in words(officer.get("/modems/box/a"))
    assert officer.post("/modems/box/a/accept", {"card": quarantined}).status_code == 403
    assert not accepted()


@pytest.mark.parametrize("state", ["out_of_service", "paused", "suspended"])
def test_back_into_service(technician, plug, state):
    plug(state=state)
    assert 'action="/modems/box/a/resume"' in technician.get("/modems/box/a").text
    answer = technician.post("/modems/box/a/resume")
    page = words(technician.get(answer.location))
    assert "Le modem a réessaie immédiatement. Envoyez ensuite un SMS de test." in page
    assert asked() == ["resume"]


@pytest.mark.parametrize("state", ["ready", "quarantined", "pin", "absent"])
def test_what_was_not_taken_out_of_service_is_not_taken_back(technician, plug, state):
    plug(state=state)
    assert "resume" not in technician.get("/modems/box/a").text
    answer = technician.post("/modems/box/a/resume")
    assert "Action impossible" in words(technician.get(answer.location))
    assert asked() == []


def test_a_modem_is_taken_out_of_service_with_a_reason_and_back(technician, plug):
    plug()
    page = technician.get("/modems/box/a")
    assert 'action="/modems/box/a/suspend"' in page.text
    assert "Le modem continue de recevoir, mais n'envoie plus, même" in words(page)
    refused = technician.post("/modems/box/a/suspend", {"reason": " x "})
    assert "Motif trop court : 5 caractères au moins" in words(technician.get(refused.location))
    assert asked() == []
    done = words(technician.get(technician.post("/modems/box/a/suspend", {"reason": "antenne en panne"}).location))
    assert "Le modem a n'envoie plus." in done
    assert "Mise hors service demandée" in done
    assert asked() == ["suspend"]
    plug(state="out_of_service", sentence=coded("suspended_by", who="Anne", reason="antenne en panne").stored)
    page = words(technician.get("/modems/box/a"))
    assert "Mis hors service par Anne (« antenne en panne »)." in page
    assert "Mise hors service demandée" not in page
    technician.post("/modems/box/a/resume", {"reason": "antenne réparée"})
    assert asked() == ["resume"]


def test_a_restart_says_what_it_costs_and_asks_first(technician, plug):
    plug()
    assert 'href="/modems/box/a/restart"' in technician.get("/modems/box/a").text
    page = technician.get("/modems/box/a/restart")
    assert "Pendant une minute au plus, le modem n'envoie et ne reçoit rien" in words(page)
    assert "autofocus" not in page.text
    assert asked() == []
    answer = technician.post("/modems/box/a/restart", page="/modems/box/a/restart")
    assert "Le modem a redémarre (une minute au plus)." in words(technician.get(answer.location))
    assert asked() == ["restart"]
    technician.post("/modems/box/a/restart")
    assert asked() == ["restart"]


def test_a_restart_while_an_alert_goes_out_is_warned_of(technician, plug, monkeypatch):
    plug()
    running = BroadcastCard(7, "alert", "sending", "Vol", 42, {"queued": 12}, 30, False, "x", utc_now())
    monkeypatch.setattr("console.web.page_header.running", lambda now: [running])
    assert "Une alerte est en cours d'envoi : le redémarrage la retarde." in words(
        technician.get("/modems/box/a/restart")
    )


@pytest.mark.parametrize("state", ["absent", "starting"])
def test_what_is_not_there_is_not_restarted(technician, plug, state):
    plug(state=state)
    assert 'method="post" data-busy' not in technician.get("/modems/box/a/restart").text
    answer = technician.post("/modems/box/a/restart")
    assert "ne le permet pas" in words(technician.get(answer.location))
    assert asked() == []


@pytest.mark.parametrize("path", ["resume", "restart", "suspend", "transcript"])
def test_without_a_daemon_nothing_is_asked_and_that_is_said(technician, plug, silence, path):
    plug(state="out_of_service")
    silence()
    answer = technician.post(f"/modems/box/a/{path}", {"reason": "antenne en panne"})
    page = words(technician.get(answer.location))
    assert "Action impossible : le service des modems ne fonctionne pas sur box." in page
    with connected():
        assert ModemRequest.select().count() == 0


@pytest.mark.parametrize("path", ["accept", "resume", "restart", "suspend", "transcript"])
def test_without_a_token_nothing_is_asked(technician, plug, path):
    plug(state="out_of_service")
    assert technician.client.post(f"/modems/box/a/{path}", data={"card": "1"}).status_code == 400
    assert asked() == []
