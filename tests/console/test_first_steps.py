"""What a new box lacks is told on the first page, each with its link, and never « Prêt » without members."""

import pytest

from db.engine.connection import connected
from db.models.zone import Zone
from tests.console.conftest import words
from tests.support.people import person


def test_a_new_box_lists_what_it_lacks_each_with_a_link(sign_in):
    page = sign_in("admin").get("/")
    told = words(page)
    for what in (
        "un administrateur",
        "un modem",
        "un SMS",
        "des membres",
        "une sauvegarde",
    ):
        assert f"Mise en service : {what}" in told
    for address in ("/account", "/modems/", "/members", "/first-steps"):
        assert f'href="{address}"' in page.text


def test_a_box_without_a_zone_says_so_and_asks_each_question(sign_in):
    admin = sign_in("admin")
    with connected():
        Zone.update(name="", code="", phone="").execute()
    assert "Pas encore prêt : la zone de police n'a pas de nom." in words(admin.get("/"))
    asked = words(admin.get("/first-steps"))
    assert "Nom de la zone Code de la zone Téléphone de la zone" in asked
    assert "Numéro d'urgence" not in asked.partition("Nom de la zone")[2]
    admin.post("/settings/zone", {"name": "Zone d'essai", "code": "9999", "emergency": "101", "phone": "04/000 00 00"})
    assert "Nom de la zone" not in words(admin.get("/first-steps"))


def test_an_officer_is_not_asked_for_what_they_may_not_do(sign_in):
    assert "Mise en service" not in words(sign_in("officer").get("/"))


def test_what_is_done_is_not_asked_for_again(sign_in, ready_modem, now):
    admin = sign_in("admin")
    with connected():
        person(1, now)
    ready_modem()
    told = words(admin.get("/"))
    assert "des membres à alerter" not in told
    assert "un modem prêt" not in told


@pytest.mark.parametrize("role", ["officer", "technician", "admin", "coordinator"])
def test_a_modem_without_members_is_not_ready(sign_in, ready_modem, role, now):
    ready_modem()
    client = sign_in(role)
    page = words(client.get("/"))
    assert "Pas encore prêt : aucun membre à alerter." in page
    assert "Prêt : 1 modem" not in page
    with connected():
        person(1, now)
    assert "Prêt : 1 modem." in words(client.get("/"))
