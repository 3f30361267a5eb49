"""The admin's neighbourhoods: order, merge, and the map from a GeoJSON file."""

import io

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.people.geography import outlines
from db.people.members.listing import neighbourhoods
from rules import geometry
from tests.console.conftest import words
from tests.support.outlines import GOOD, collection, feature
from tests.support.people import person, place


@pytest.fixture
def places(app):
    with connected():
        now = utc_now()
        person(1, now, "Plainevaux")
        person(2, now, "Plainevaux", sms=False)
        return {name: place(name, now) for name in ("Plainevaux", "Rotheux", "Neuville")}


def names():
    with connected():
        return [card.name for card in neighbourhoods()]


def upload(admin, content, **more):
    data = {"file": (io.BytesIO(content), "zone.geojson"), **more}
    return admin.post("/neighbourhoods/map", data, content_type="multipart/form-data")


def test_counts_by_state(admin, places):
    assert "Plainevaux à compléter 2 1 1 0 1" in words(admin.get("/neighbourhoods"))


def test_the_order_is_changed_one_place_at_a_time(admin, places):
    admin.post(f"/neighbourhoods/{places['Neuville']}/move", {"to": "up"})
    assert names() == ["Plainevaux", "Neuville", "Rotheux"]
    admin.post(f"/neighbourhoods/{places['Plainevaux']}/move", {"to": "down"})
    assert names() == ["Neuville", "Plainevaux", "Rotheux"]


def test_two_are_made_one(admin, places):
    page = f"/neighbourhoods/{places['Plainevaux']}/merge"
    assert "2 membres du quartier Plainevaux sont déplacés" in words(admin.get(page))
    assert admin.post(page, {"into": ""}).status_code == 400
    answer = admin.post(page, {"into": str(places["Rotheux"])})
    assert "Plainevaux fusionné : 2 membres déplacés" in words(admin.follow(answer))
    assert names() == ["Rotheux", "Neuville"]


def test_outlines_are_imported_drawn_and_forgotten(admin, places):
    answer = upload(admin, GOOD)
    assert "Limites de 3 quartiers enregistrées. Présents dans le fichier, absents des quartiers : Ailleurs." in words(
        admin.follow(answer)
    )
    page = admin.get("/neighbourhoods/map").text
    assert page.count("<path ") == 3
    assert 'role="img"' in page
    admin.post("/neighbourhoods/map", {"do": "delete"})
    with connected():
        assert outlines() == []


def test_what_is_wrong_with_a_file_is_said(admin, places, monkeypatch):
    assert "Choisissez d'abord un fichier." in words(admin.post("/neighbourhoods/map", {}))
    answer = upload(admin, collection(feature("Rotheux", 50.5, 5.5)))
    assert answer.status_code == 400
    assert "la longitude d'abord" in words(answer)
    monkeypatch.setattr(geometry, "MAXIMUM_BYTES", 100)
    assert "5 Mo" in words(upload(admin, GOOD))
    with connected():
        assert outlines() == []


def test_a_hostile_name_in_a_file_stays_text(admin, places):
    answer = upload(admin, collection(feature("Rotheux", 5.5, 50.5), feature("<script>alert(1)</script>", 5.5, 50.5)))
    assert "<script>alert" not in admin.follow(answer).text
