"""The history: every filter from the page, pages that keep them, and nonsense in the address."""

from datetime import timedelta

import pytest
from flask_babel import to_user_timezone

from console.alerts.following import history
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Broadcast
from db.people.members.listing import neighbourhoods
from tests.console.alerts.scene import FAR, NEAR, TEXT, sent
from tests.console.conftest import words

OTHER = "Incendie rue du Bois, fermez vos fenêtres."


@pytest.fixture
def two(officer):
    """An alert to all, and one to NEAR only, of the day before yesterday."""
    near = sent(officer, text=OTHER, audience="some", neighbourhood=NEAR, typed="3")
    with connected():
        Broadcast.update(created_at=utc_now() - timedelta(days=2), ordered_by="Zoé").execute()
    sent(officer)
    return near


def shown(officer, query=""):
    page = words(officer.get(f"/alerts/?{query}"))
    return [name for name, text in (("all", TEXT), ("near", OTHER)) if text in page]


def test_each_filter(app, officer, two):
    with connected():
        far = next(place.id for place in neighbourhoods() if place.name == FAR)
    with app.test_request_context():
        today = to_user_timezone(utc_now()).date()
    assert shown(officer) == ["all", "near"]
    assert shown(officer, "words=fenetres") == ["near"]
    assert shown(officer, "kind=drill") == []
    assert shown(officer, "outcome=open") == ["all", "near"]
    assert shown(officer, "outcome=cancelled") == []
    assert shown(officer, "by=Zo%C3%A9") == ["near"]
    assert shown(officer, f"neighbourhood={far}") == ["all"]
    assert shown(officer, f"since={today}") == ["all"]
    assert shown(officer, f"until={today - timedelta(days=1)}") == ["near"]
    assert shown(officer, f"until={today}") == ["all", "near"]


@pytest.mark.parametrize(
    "query",
    ["kind=x&outcome=y", "since=jamais&until=2026-99-99", "since=0001-01-01&until=9999-12-31", "page=999999"],
)
def test_nonsense_in_the_address_narrows_nothing(officer, two, query):
    assert shown(officer, query) == ["all", "near"]


def test_nothing_found_is_said_and_the_way_back(officer, two):
    page = words(officer.get("/alerts/?words=introuvable"))
    assert "Aucun envoi trouvé" in page
    assert "0 envoi · tout afficher" in page


def test_the_pages_keep_the_filters(officer, two, monkeypatch):
    monkeypatch.setattr(history, "PER_PAGE", 1)
    page = officer.get("/alerts/?words=rue&outcome=open")
    assert 'href="/alerts/?page=2&amp;words=rue&amp;outcome=open"' in page.text
    assert shown(officer, "words=rue&outcome=open&page=2") == ["near"]
