"""The page of incidents, and the strip that leads there."""

from datetime import timedelta

import pytest

from console.i18n.labels import TABLES
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.modems.budgets import apply_configured, board
from db.operations.incidents import close_incident, open_incident
from plp.jobs.alarms.channels import text
from plp.jobs.alarms.trouble import OWN_KINDS, SHARED_KINDS
from rules.orders.budgets import Limits
from tests.console.conftest import words

SENTENCE = "Modem a (box) : le port est utilisé par ModemManager : arrêtez ce programme."


@pytest.fixture
def troubled(app):
    now = utc_now()
    with connected():
        open_incident("modem", "box/a", SENTENCE, now - timedelta(hours=3))
        open_incident("disk", "box", "Le disque est presque plein.", now - timedelta(days=2))
        close_incident("disk", "box", now - timedelta(days=2) + timedelta(minutes=25))


@pytest.mark.usefixtures("troubled")
@pytest.mark.parametrize("role", ["technician", "admin", "officer"])
def test_what_is_wrong_and_what_was(sign_in, role):
    page = words(sign_in(role).get("/incidents"))
    lasting, over = page.split("Incidents résolus", 1)
    assert "Modem depuis 3 heures" in lasting
    assert "le port est utilisé par ModemManager" in lasting
    assert "25 minutes Disque Le disque est presque plein." in over
    assert ("Sans adresse e-mail" in page) is (role != "officer")


@pytest.mark.usefixtures("troubled")
def test_the_modems_page_leads_there(sign_in):
    page = sign_in("technician").get("/modems/")
    assert "Voir l'incident en cours" in words(page)
    assert 'href="/incidents"' in page.text


@pytest.mark.usefixtures("troubled")
def test_an_incident_leads_to_where_it_is_mended(sign_in):
    with connected():
        open_incident("budget_near", "206010000000001", "La carte est près de son plafond.", utc_now())
    page = sign_in("technician").get("/incidents/live").text
    assert '<a href="/sims/">Cartes SIM</a>' in page
    assert '<a href="/modems/box/a">Modem a</a>' in page


@pytest.mark.usefixtures("troubled")
def test_a_budget_leads_to_its_limits_and_a_proof_to_its_modem(sign_in):
    now = utc_now()
    with connected():
        apply_configured("206010000000001", "box", "a", Limits(20, 0, 0))
        open_incident("budget_near", "206010000000001/day", "La carte est près de son plafond.", now)
        open_incident("proof", "box/b", "Modem b : jamais testé.", now)
        (sim,) = board(now)
    page = sign_in("technician").get("/incidents/live").text
    assert f'<a href="/sims/{sim.id}">Modifier les plafonds</a>' in page
    assert '<a href="/modems/box/b">Modem b</a>' in page
    assert '<a href="/sims/">Cartes SIM</a>' in sign_in("officer").get("/incidents/live").text


def test_nothing_wrong_says_so_and_shows_no_strip(sign_in):
    technician = sign_in("technician")
    assert "Aucun incident technique en cours." in words(technician.get("/incidents"))
    assert "incident" not in words(technician.get("/modems/")).split("File d'attente")[0].split("Modems", 2)[-1]


def test_a_coordinator_sees_nothing_of_it(sign_in):
    assert sign_in("coordinator").get("/incidents").status_code == 403


def test_every_kind_has_a_name():
    assert {*SHARED_KINDS, *OWN_KINDS, *text.QUIET} <= set(TABLES["incidents"])


@pytest.mark.usefixtures("troubled")
@pytest.mark.parametrize(("role", "shown"), [("technician", True), ("admin", True), ("officer", False)])
def test_home_tells_who_looks_after_the_box(sign_in, role, shown):
    assert ("1 incident technique en cours." in words(sign_in(role).get("/"))) is shown
