"""The registration form on paper and the page like it; the documents that the law asks for."""

import html
from datetime import UTC, datetime

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.people.members.listing import members
from db.people.zone import ZoneCard
from plp.letters.rendering import REGISTRATION, paper, registration_words
from plp.services.people.neighbourhoods import save_neighbourhood
from tests.console.conftest import words
from tests.support.people import person

LONG_ZONE = ZoneCard("Police locale de la zone Condroz-Famenne et des communes voisines", "5278", "101", "04/330 40 00")


@pytest.fixture
def place(app):
    with connected():
        return save_neighbourhood(None, "Plainevaux", "", "test", utc_now())


def form(place, **changes):
    typed = {"last_name": "Dupont", "first_name": "Luc", "mobile": "0470 00 00 07", "street": "Clos du Bois"}
    return (
        typed
        | {"house_number": "7", "neighbourhood_id": place, "language": "nl", "sms": "yes", "signed": "yes"}
        | changes
    )


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_the_paper_says_all_that_it_must(language):
    said = registration_words(language, LONG_ZONE)
    page = paper("registration.html", language, LONG_ZONE, datetime(2026, 11, 24, tzinfo=UTC), words=said)
    page = html.unescape(page).replace("\xa0", " ")
    for part in ("title", "purpose_title", "agree_sms", "rights_title", "signature", "date", "second_number"):
        assert said[part] in page
    assert "COC" in page
    assert "04/330 40 00" in page
    assert f'<html lang="{language}">' in page


def test_every_language_has_the_same_words():
    assert len({tuple(sorted(words)) for words in REGISTRATION.values()}) == 1


def test_it_is_printed_in_each_language(admin):
    assert "Inschrijvingsformulier BIN" in words(admin.get("/members/registration/nl"))
    assert admin.get("/members/registration/it").status_code == 404


def test_a_signed_form_is_typed_in_and_the_next_one_begins_in_the_same_place(admin, place):
    answer = admin.post("/members/registration", form(place))
    page = admin.follow(answer)
    assert "Luc Dupont est inscrit." in words(page)
    assert f'<option value="{place}" selected>' in page.text
    with connected():
        (card,) = members().rows
    assert (card.mobile, card.street, card.language, card.sms, card.mail_group) == (
        "+32470000007",
        "Clos du Bois",
        "nl",
        True,
        False,
    )
    assert card.consents[0].how == "paper"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"signed": ""}, "Confirmez que la fiche est signée"), ({"mobile": "04 372 11 77"}, "il faut un GSM")],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_lost(admin, place, changes, sentence):
    answer = admin.post("/members/registration", form(place, **changes))
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert 'value="Clos du Bois"' in answer.text
    with connected():
        assert members().total == 0


def test_the_record_and_the_note_of_a_breach_are_filled_in(admin):
    with connected():
        person(1, utc_now(), email="m1@example.org")
        person(2, utc_now(), role="coordinator")
    record = words(admin.get("/members/register"))
    for fact in ("Police locale Seraing/Neupré (5278)", "2 (coordinateurs : 1)", "SMS : 2.", "12 mois", "5 ans"):
        assert fact in record.replace("\u00a0", " ").replace("\u202f", " ")
    note = words(admin.get("/members/breach")).replace("\u00a0", " ")
    assert "dans les 72 heures" in note
    assert "Nombre maximal de personnes 2 Membres avec un numéro de GSM 2 Membres avec une adresse e-mail 1" in note
