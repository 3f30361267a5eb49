"""Messages reçus: what people wrote, for the officer alone."""

from datetime import timedelta

import pytest

from db.clock import utc_now
from db.connection import connected
from db.inbound import PATIENCE, apply_inbound, give_up_incomplete
from tests.console.conftest import words
from tests.db.house import mobile, person
from tests.db.test_inbox import CARD, Concatenated, Text
from tests.db.test_inbox import comes as comes_in

STRANGER = "+32470000099"


@pytest.fixture
def officer(sign_in):
    return sign_in("officer")


def comes(sender, text="Merci", seq=1, total=1, ago=timedelta()):
    with connected():
        comes_in(utc_now() - ago, sender, text, seq, total)


def test_nobody_wrote(officer):
    page = words(officer.get("/inbox"))
    assert "Personne n'a encore écrit." in page
    assert "Une urgence ne s'écrit pas : elle s'appelle, au 101 ou au 04/330 40 00." in page


def test_newest_first_with_names_where_they_are_known(officer):
    with connected():
        person(1, utc_now())
    comes(mobile(1), "Merci, bien reçu", ago=timedelta(minutes=2))
    comes(STRANGER, "Qui êtes-vous ?", ago=timedelta(minutes=1))
    comes("Proximus", "Votre crédit est épuisé.")
    page = words(officer.get("/inbox"))
    assert "Prénom1 Nom001 Plainevaux · 0470 00 00 01" in page
    assert "0470 00 00 99 pas dans la liste des membres" in page
    assert "Proximus pas dans la liste des membres" in page
    assert page.index("crédit") < page.index("Qui êtes-vous") < page.index("bien reçu")


@pytest.mark.parametrize(
    ("there", "total", "said"),
    [
        ((1, 3), 3, "Il manque la partie 2 sur 3 ; elle peut encore arriver."),
        ((2,), 4, "Il manque les parties 1, 3 et 4 sur 4 ; elles peuvent encore arriver."),
        ((2, 3), 4, "Il manque les parties 1 et 4 sur 4 ; elles peuvent encore arriver."),
    ],
)
def test_a_text_with_a_gap_says_so(officer, there, total, said):
    for seq in there:
        comes(STRANGER, f"partie {seq} ", seq, total)
    assert said in words(officer.get("/inbox"))


def test_a_part_that_nobody_waits_for_any_longer(officer):
    comes(STRANGER, "début ", 1, 2, ago=PATIENCE + timedelta(minutes=1))
    with connected():
        give_up_incomplete(utc_now())
    page = words(officer.get("/inbox"))
    assert "début […]" in page
    assert "Il manque la partie 2 sur 2 ; elle n'est pas venue en un jour." in page


def test_a_whole_text_says_nothing_of_parts(officer):
    comes(STRANGER, "un ", 1, 2)
    comes(STRANGER, "deux", 2, 2)
    page = words(officer.get("/inbox"))
    assert "un deux" in page
    assert "Il manque" not in page


def test_pages_and_the_live_part(officer, monkeypatch):
    monkeypatch.setattr("console.inbox.PER_PAGE", 2)
    for number in range(5):
        comes(STRANGER, f"numéro {number}", ago=timedelta(minutes=number))
    page = officer.get("/inbox?page=2")
    assert "Page 2 sur 3" in words(page)
    assert "numéro 2" in words(page)
    assert 'hx-get="/inbox/live?page=2"' in page.text
    fragment = officer.get("/inbox/live?page=2")
    assert "<html" not in fragment.text
    assert fragment.text.strip() in page.text
    assert 'hx-get="/inbox/live"' in officer.get("/inbox?page=0").text
    assert "Page 3 sur 3" in words(officer.get("/inbox?page=999"))


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(2)>', "{{ config }}", "\u202eevil", "x" * 2000]
)
def test_hostile_texts_stay_text(officer, text):
    with connected():
        apply_inbound(CARD, Text(text[:20], text, utc_now(), Concatenated(1, 1, 2)), True, utc_now())
    page = officer.get("/inbox")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert "SECRET_KEY" not in page.text
    assert "simulé" in words(page)


@pytest.mark.parametrize("role", ["technician", "admin", "coordinator"])
def test_it_is_the_officer_s_alone(sign_in, role):
    comes(STRANGER, "un secret")
    person = sign_in(role)
    for path in ("/inbox", "/inbox/live"):
        answer = person.get(path)
        assert answer.status_code == 403
        assert "un secret" not in answer.text
    assert 'href="/inbox"' not in person.get("/").text
