"""A text with a word of alarm: on every page of an officer, until one of them says « Traiter ce message »."""

from datetime import timedelta

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.received import mark_handled
from db.models.modem_records import InboundMessage
from db.models.zone import AuditEntry
from rules.replies.values import Meaning
from tests.console.conftest import words
from tests.console.inbox_scene import rings
from tests.support.people import mobile, person


@pytest.mark.parametrize("path", ["/", "/alerts/new", "/inbox", "/directory", "/status", "/nulle-part"])
def test_it_rings_on_every_page_with_who_what_and_what_to_do(officer, path):
    with connected():
        person(1, utc_now())
    inbound_id = rings(mobile(1))
    page = officer.get(path)
    said = words(page)
    assert "SMS urgent" in said
    assert "Prénom1 Nom001 · 0470 00 00 01 Au secours, le feu Traiter ce message Lire le message" in said.replace(
        "\xa0", " "
    )
    assert 'role="alert"' in page.text
    assert f'href="tel:{mobile(1)}"' in page.text
    assert f'href="/inbox/sms/{inbound_id}#text-{inbound_id}"' in page.text


@pytest.mark.parametrize("role", ["technician", "admin", "coordinator"])
def test_it_is_the_officers_alone(sign_in, role):
    inbound_id = rings()
    browser = sign_in(role)
    assert "SMS urgent" not in words(browser.get("/"))
    assert browser.post(f"/ringing/{inbound_id}/take").status_code == 403


def test_nobody_who_is_not_signed_in_hears_of_it(stranger):
    rings()
    assert "SMS urgent" not in words(stranger.get("/login"))


def test_who_says_first_that_he_does_it_does_it(app, officer, sign_in):
    inbound_id = rings()
    answer = officer.post(f"/ringing/{inbound_id}/take")
    assert (answer.status_code, answer.location) == (303, f"/inbox/sms/{inbound_id}#text-{inbound_id}")
    page = words(officer.get("/inbox"))
    assert "Vous traitez ce message : la sonnerie est arrêtée" in page
    assert "SMS urgent" not in page
    second = sign_in("officer", "technician")
    assert "SMS urgent" not in words(second.get("/"))
    second.post(f"/ringing/{inbound_id}/take")
    assert "Un collègue traite déjà ce message." in words(second.get("/inbox"))
    with connected():
        text = InboundMessage.get_by_id(inbound_id)
        assert text.taken_by == "Test officer"
        assert text.taken_at is not None
        assert [row.action for row in AuditEntry.select().where(AuditEntry.subject == f"sms {inbound_id}")] == [
            "inbox_taken"
        ]


def test_what_is_handled_rings_no_longer(officer):
    inbound_id = rings()
    with connected():
        mark_handled(inbound_id, utc_now())
    assert "SMS urgent" not in words(officer.get("/"))


def test_an_ordinary_text_does_not_ring(officer):
    inbound_id = rings(text="Bonjour", meaning=Meaning.OTHER)
    assert "SMS urgent" not in words(officer.get("/"))
    officer.post(f"/ringing/{inbound_id}/take")
    with connected():
        assert InboundMessage.get_by_id(inbound_id).taken_at is None


def test_after_a_week_it_only_waits_in_the_inbox(officer):
    rings(ago=timedelta(days=8))
    assert "SMS urgent" not in words(officer.get("/directory"))
    rings("+32470099002", ago=timedelta(days=6))
    assert "SMS urgent" in words(officer.get("/directory"))


def test_the_oldest_three_and_how_many_more(officer):
    for number in range(5):
        rings(f"+3247009900{number}", f"Feu {number}", timedelta(minutes=10 - number))
    page = words(officer.get("/directory"))
    assert page.index("Feu 0") < page.index("Feu 1") < page.index("Feu 2")
    assert "Feu 3" not in page
    assert "et 2 autres SMS urgents" in page


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script> feu", '"><img src=x onerror=alert(2)> feu', "{{ config }} feu"]
)
def test_hostile_texts_stay_text(officer, text):
    rings("<b>Feu", text)
    page = officer.get("/")
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert "<b>Feu" not in page.text
    assert "SECRET_KEY" not in page.text


@pytest.mark.parametrize(("inbound_id", "status"), [(999, 303), (2**31 - 1, 303), (2**63, 404)])
def test_a_text_that_is_not_there(officer, inbound_id, status):
    assert officer.post(f"/ringing/{inbound_id}/take").status_code == status
