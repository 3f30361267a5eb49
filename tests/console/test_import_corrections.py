"""A list mended on the page before it is imported: rows, neighbourhoods, whom it takes out; and what is counted."""

import html
import re

import pytest

from console.people.members.imports import ASKED_COLUMNS, OPTIONAL_COLUMNS
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.people.members.listing import neighbourhoods
from rules.languages import LANGUAGES
from rules.lists.headings import guessed
from tests.console.conftest import words
from tests.support.list_pages import KNOWN, form, people, total, upload
from tests.support.people import person


@pytest.fixture
def known(admin):
    admin.post(upload(admin, KNOWN.encode()).location)
    return admin


MESSY = """nom;gsm;quartier
Juste;0470000001;Ehein
Court;0470 00 00;Ehein
Sans;0470000003;
Couple;0470000001;Ehein
Trop;0470000005;Ehein;de trop
"""


def corrections(page, **changes):
    """What the form of refused rows would send, with other cells."""
    sent = dict(re.findall(r'name="(cell\d+-\d+)" value="([^"]*)"', page.text))
    return sent | changes


def test_refused_rows_are_corrected_on_the_page_and_imported_as_one(admin):
    place = upload(admin, MESSY.encode()).location
    page = admin.get(place)
    assert "5 lignes lues 1 personnes à ajouter 0 à modifier 0 inchangées 4 lignes refusées" in words(page)
    assert "En trop : de trop" in words(page)
    assert re.findall(r'name="shared(\d+)"', page.text) == ["5"]
    sent = corrections(page, **{"cell3-1": "0470000002", "cell4-2": "Ehein", "shared5": "yes"})
    admin.post(place + "/rows", sent)
    assert "5 personnes à ajouter 0 à modifier 0 inchangées 0 lignes refusées" in words(admin.get(place))
    assert total() == 0
    done = admin.follow(admin.post(place))
    assert {name: card.mobile for name, card in people().items()} == {
        "Juste": "+32470000001",
        "Court": "+32470000002",
        "Sans": "+32470000003",
        "Couple": "+32470000001",
        "Trop": "+32470000005",
    }
    (undo,) = re.findall(r'action="(/members/acts/\d+/undo)"', done.text)
    admin.post(undo)
    assert total() == 0


def test_a_correction_that_is_none_is_refused_with_its_reason(admin):
    place = upload(admin, MESSY.encode()).location
    admin.post(place + "/rows", corrections(admin.get(place), **{"cell3-1": "0470 00 00 0", "cell9-1": "x"}))
    page = words(admin.get(place))
    assert "Il manque un chiffre." in page
    assert "1 personnes à ajouter" not in page, "what was right in the others is taken"


def test_whom_a_list_calls_dead_is_taken_once_somebody_has_looked(admin):
    lines = "nom;gsm;quartier;consent_sms;remarques\nVeuve;0470000001;Ehein;oui;mari décédé en 2020\n"
    place = upload(admin, lines.encode()).location
    page = admin.get(place)
    assert "« mari décédé en 2020 » : à vérifier." in words(page)
    assert "0 personnes à ajouter" in words(page)
    assert 'name="cell2-4" value="mari décédé en 2020"' in page.text
    admin.post(place + "/rows", corrections(page, **{"cell2-4": ""}))
    admin.follow(admin.post(place))
    assert people()["Veuve"].sms


def test_corrections_leave_what_was_ticked(known):
    lines = b"prenom;nom;gsm;quartier\nAnna;Dumont;0470123456;Rotheux\nLuc;Neuf;04701234;Rotheux\n"
    place = upload(known, lines).location
    sent = form(known.get(place), every="leave")
    sent["take"].remove("2:first_name")
    known.post(place, sent)
    known.post(place + "/rows", corrections(known.get(place), **{"cell3-2": "0470123499"}))
    kept = form(known.get(place))
    assert "take" not in kept
    assert len(kept["leave"]) == 1
    done = words(known.follow(known.post(place, kept)))
    assert "1 personnes ajoutées 0 modifiées 1 inchangées 0 lignes refusées" in done
    assert "Membres désinscrits (1) Luc Maes" in done


def test_all_who_are_absent_are_ticked_at_once_on_every_page(admin):
    with connected():
        for number in range(1, 62):
            person(number, utc_now())
    place = upload(admin, b"nom;gsm;quartier\nAutre;0470999999;Plainevaux\n").location
    page = admin.follow(admin.post(place, {"here": "1", "every": "leave"}))
    assert "Cochés : 61" in words(page)
    assert len(form(page)["leave"]) == 50
    assert "Cochés" not in words(admin.follow(admin.post(place, form(page, every="stay"))))
    admin.post(place, form(page, every="leave"))
    second = admin.follow(admin.post(place, form(page) | {"page": "2"}))
    done = words(admin.follow(admin.post(place, form(second, here="2"))))
    assert "Membres désinscrits (61)" in done


def test_a_neighbourhood_that_nobody_knows_is_mapped_once_and_for_the_next_list(known):
    with connected():
        where = {card.name: card.id for card in neighbourhoods()}
    lines = "prénom;nom;gsm;quartier\nAnne;Dumont;0470123456;Rotheu\nZoé;Neuve;0470123458;Nouveau\n".encode()
    place = upload(known, lines).location
    assert "Quartiers inconnus" in words(known.get(place))
    known.post(place + "/places", {"called": ["Nouveau", "Rotheu"], "meant": ["0", str(where["Rotheux"])]})
    page = known.get(place)
    assert "quartier : Rotheux → Rotheu" not in words(page)
    known.post(place, form(page))
    with connected():
        assert {card.name for card in neighbourhoods()} == {*where, "Nouveau"}
    again = words(known.get(upload(known, lines).location))
    assert "0 personnes à ajouter 0 à modifier 2 inchangées" in again


def test_a_neighbourhood_is_kept_as_soon_as_it_is_chosen(known):
    """Without its own button: that of the refused rows, and the import, used to make one of the slip of the pen."""
    place = upload(known, b"nom;gsm;quartier\nNeuve;0470123458;Rotheu\nCourt;04701;Rotheux\n").location
    (select,) = re.findall(r'<select[^>]* name="meant"[^>]*>', known.get(place).text)
    assert f'hx-post="{place}/places"' in select
    assert 'hx-include="closest form"' in select
    assert 'hx-swap="none"' in select, "what is typed into the refused rows stays"


def test_the_page_names_the_columns_as_lists_in_each_language_do(admin):
    fields = [*ASKED_COLUMNS, *OPTIONAL_COLUMNS]
    for language in LANGUAGES:
        admin.post("/language", {"language": language})
        page = admin.get("/members/import").text.replace("<wbr>", "")
        asked, optional = re.findall(r'<p class="plp-once plp-names">([^<]*)</p>', page)
        assert guessed([html.unescape(word) for word in f"{asked};{optional}".split(";")]) == fields, language


def test_a_row_left_as_it_is_counts_as_unchanged(known):
    place = upload(known, b"prenom;nom;gsm;quartier\nAnna;Dumont;0470123456;Rotheux\n").location
    sent = form(known.get(place))
    sent["take"].remove("2:first_name")
    done = known.follow(known.post(place, sent))
    assert "0 modifiées 1 inchangées" in words(done)
