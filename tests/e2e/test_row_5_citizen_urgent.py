"""Row 5 of the plan: urgent is a telephone call. Whoever writes it all the same is told so, and it rings."""

import re

import pytest

from base.settings.reading import load_settings
from console.web.app import create_app
from db.engine.clock import utc_now
from db.people.zone import Policy
from plp.services.accounts.rights import add_account
from plp.services.zone import save_policy
from tests.console.conftest import PASSWORD, Browser, words
from tests.e2e.box import eventually, mobile
from tests.e2e.partnership import world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

STRANGER = "+32470099001"


def answers(box):
    return {record["to"]: record["text"] for record in box.log("a")}


def officer_of(box):
    """The console over the box's database, and an officer who signed in."""
    with box.reading():
        add_account("Anne", ["officer"], PASSWORD, "test", utc_now())
        save_policy(Policy(), "test", utc_now())  # a new zone asks for a second factor
    browser = Browser(create_app(load_settings(box.config)).test_client())
    assert browser.post("/login", {"name": "Anne", "password": PASSWORD}).status_code == 302
    return browser


def test_an_urgent_text_gets_101_and_rings_on_the_officers_screen(make_box):
    box = make_box("a")
    box.start_simulator("a", "--control", "a.control")
    box.import_members(2)
    officer = officer_of(box)
    assert "SMS urgent" not in words(officer.get("/status"))
    for process in ("modem", "jobs"):
        box.start(process)
    eventually("a modem", box.ready_modems)

    world(box, f"inbound {mobile(0)} Au secours, il y a le feu chez le voisin")
    world(box, f"inbound {STRANGER} Hilfe, Einbrecher im Haus")
    eventually("two answers", lambda: set(answers(box)) >= {mobile(0), STRANGER})
    assert answers(box)[mobile(0)].startswith(
        "Réponse automatique: ce numéro n'est pas suivi en permanence. Urgence: 101 ou 04/330 40 00."
    )
    assert answers(box)[STRANGER].startswith(
        "Automatische Antwort: Diese Nummer wird nicht ständig gelesen. Notruf: 101 oder 04/330 40 00."
    )

    page = officer.get("/status")
    assert words(page).count("SMS urgent reçu,") == 2
    assert "Prénom0 Nom0" in words(page)
    assert 'role="alert"' in page.text
    first = re.search(r'action="(/ringing/\d+/take)"', page.text)[1]
    assert officer.post(first).status_code == 303
    assert words(officer.get("/status")).count("SMS urgent reçu,") == 1

    # whatever else they write within the day, they are not answered again
    world(box, f"inbound {mobile(0)} Vous êtes là ? urgent")
    eventually("it rings too", lambda: words(officer.get("/status")).count("SMS urgent reçu,") == 2)
    world(box, f"inbound {mobile(1)} Bonjour")
    eventually("the other one is answered", lambda: mobile(1) in answers(box))
    assert len(box.log("a")) == 3
