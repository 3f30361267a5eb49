"""The page on which a person decides on STOPs that came in a burst."""

from datetime import timedelta

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.inbox.items import Ref, items_of
from db.inbound.replies.thread import held_stops
from db.operations.incidents import open_incident
from plp.jobs.autoreply import answer_texts
from tests.console.conftest import words
from tests.plp.jobs.answering import SETTINGS, comes, wants_texts
from tests.support.people import mobile, person


@pytest.fixture
def held(app):
    """The ids of three STOPs that wait; five members left before them."""
    now = utc_now() - timedelta(minutes=5)
    with connected():
        for number in range(1, 9):
            person(number, now - timedelta(days=1))
            comes("STOP", mobile(number), now + timedelta(seconds=number))
        answer_texts(SETTINGS, now + timedelta(seconds=20))
        return [each.id for each in held_stops()]


def test_the_page_names_who_waits_and_does_what_was_ticked(held, sign_in):
    officer = sign_in("officer")
    assert "3 demandes STOP bloquées" in words(officer.get("/inbox"))
    told = words(officer.get("/inbox/stops"))
    assert all(f"Prénom{number} Nom00{number}" in told for number in (6, 7, 8))
    answer = officer.post("/inbox/stops", {"stop": held[:1], "decision": "apply"})
    assert answer.status_code == 303
    assert "1 désinscription effectuée." in words(officer.get("/inbox/stops"))
    officer.post("/inbox/stops", {"stop": [held[1], "999999", "x"], "decision": "reject"})
    officer.post("/inbox/stops", {"stop": held[:2], "decision": "apply"})
    with connected():
        assert [wants_texts(mobile(number)) for number in (6, 7, 8)] == [[False], [True], [True]]
        assert [each.id for each in held_stops()] == held[2:]
        done = items_of([Ref("sms", held[0])])[0]
    assert done.handled_by
    assert "STOP refusé : sans effet ni réponse." in words(officer.get(f"/inbox/sms/{held[1]}"))
    assert "STOP bloqué, sans effet ni réponse : trop de demandes à la fois, décision requise" in words(
        officer.get(f"/inbox/sms/{held[2]}")
    )
    journal = words(sign_in("admin").get("/journal"))
    assert "désinscriptions bloquées, effectuées" in journal
    assert "désinscriptions bloquées, refusées" in journal


def test_an_admin_is_led_from_the_incident_to_the_page(held, sign_in):
    with connected():
        open_incident("stops_held", "", "Demandes STOP retenues : 3", utc_now())
    admin = sign_in("admin")
    assert "/inbox/stops" in admin.get("/incidents").text
    assert "3 demandes en attente" in words(admin.get("/inbox/stops"))
    assert sign_in("technician").get("/inbox/stops").status_code == 403
