"""Neighbourhoods, the directory, accounts and the journal, as the admin uses them."""

import re

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.people.accounts.accounts import accounts
from db.people.members.listing import neighbourhoods
from db.people.zone import directory
from plp.services.accounts.signing_in import authenticate
from plp.services.people.neighbourhoods import save_neighbourhood
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from tests.console.conftest import Browser, words


def test_a_neighbourhood_from_first_to_last(admin):
    answer = admin.post("/neighbourhoods/add", {"name": "Rotheux", "reference_address": ""})
    page = admin.follow(answer)
    assert "Quartier Rotheux enregistré." in words(page)
    assert "à compléter" in words(page)
    with connected():
        (place,) = neighbourhoods()
    changed = {"name": "Rotheux-Rimière", "reference_address": "plp@example.org"}
    assert "plp@example.org" in words(admin.follow(admin.post(f"/neighbourhoods/{place.id}", changed)))
    assert "Ce quartier n'a plus de membre." in words(admin.get(f"/neighbourhoods/{place.id}"))
    admin.post(f"/neighbourhoods/{place.id}/delete")
    with connected():
        assert neighbourhoods() == []


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"name": "", "reference_address": ""}, "Donnez un nom au quartier."),
        ({"name": "Centre", "reference_address": ""}, "existe déjà"),
        ({"name": "Rotheux", "reference_address": "nowhere"}, "n'est pas une adresse e-mail"),
    ],
)
def test_a_neighbourhood_that_cannot_be(admin, form, sentence):
    with connected():
        save_neighbourhood(None, "Centre", "", "test", utc_now())
    answer = admin.post("/neighbourhoods/add", form)
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert 'aria-invalid="true"' in answer.text
    with connected():
        assert len(neighbourhoods()) == 1


def test_a_neighbourhood_where_people_live_stays(admin):
    with connected():
        place = save_neighbourhood(None, "Centre", "", "test", utc_now())
        save_member(None, MemberDraft("Anne", "Dumont", "0470123456", "", "fr", place), "test", utc_now())
    assert "Supprimer" not in words(admin.get(f"/neighbourhoods/{place}"))
    answer = admin.follow(admin.post(f"/neighbourhoods/{place}/delete"))
    assert "Membres encore dans ce quartier : 1." in words(answer)
    with connected():
        assert len(neighbourhoods()) == 1


def test_the_directory_is_everybodys_and_the_admin_keeps_it(admin, sign_in):
    reader = sign_in("coordinator")
    page = reader.get("/directory")
    assert "04/330 58 71" in words(page)
    assert "Changer" not in words(page)
    admin.post("/directory/add", {"service": "Commune", "purpose": "le reste", "contact": "04/000 00 00"})
    assert "Commune" in words(reader.get("/directory"))
    with connected():
        entry = next(entry for entry in directory() if entry.service == "Commune")
    form = {"service": "Commune de Neupré", "purpose": "", "contact": "04/111 11 11"}
    assert "04/111 11 11" in words(admin.follow(admin.post(f"/directory/{entry.id}", form)))
    assert "Commune de Neupré, 04/111 11 11" in words(admin.get(f"/directory/{entry.id}"))
    admin.post(f"/directory/{entry.id}/delete")
    assert "Commune de Neupré" not in words(reader.get("/directory"))


def test_a_line_of_the_directory_without_a_way_to_call_is_refused(admin):
    answer = admin.post("/directory/add", {"service": "Commune", "purpose": "", "contact": ""})
    assert answer.status_code == 400
    assert "Indiquez le nom du service et son contact" in words(answer)
    assert 'value="Commune"' in answer.text


def shown_link(page):
    return "/" + re.search(r'class="plp-once"[^>]*>https?://[^/]+/([^<]+)<', page.text)[1]


def test_a_new_account_gets_a_link_that_is_shown_once(app, admin):
    form = {"name": "Luc Policier", "mobile": "", "role": ["officer", "technician"]}
    page = admin.post("/accounts/add", form)
    assert page.status_code == 200
    link = shown_link(page)
    assert "lien pas encore ouvert" in words(admin.get("/accounts"))
    assert link.split("/")[-1] not in admin.get("/accounts").text
    luc = Browser(app.test_client(), token_page=link)
    luc.post(link, {"password": "lampe girafe mardi soir", "password_again": "lampe girafe mardi soir"})
    assert "Luc Policier" in words(luc.get("/"))
    with connected():
        assert authenticate("Luc Policier", "lampe girafe mardi soir", "192.0.2.7", utc_now()).given_roles == {
            "officer",
            "technician",
        }
    # The same form again, as a reload would send it.
    assert "existe déjà" in words(admin.post("/accounts/add", form))


def test_a_new_link_ends_the_old_one(app, admin):
    first = shown_link(admin.post("/accounts/add", {"name": "Luc", "role": "officer"}))
    with connected():
        luc = next(card for card in accounts() if card.name == "Luc")
    second = shown_link(admin.post(f"/accounts/{luc.id}/link"))
    assert app.test_client().get(first).status_code == 404
    assert app.test_client().get(second).status_code == 200


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"name": "", "role": "officer"}, "de 1 à 60 caractères"),
        ({"name": "x" * 61, "role": "officer"}, "de 1 à 60 caractères"),
        ({"name": "Luc"}, "Choisissez au moins un rôle."),
        ({"name": "Luc", "role": "emperor"}, "Choisissez au moins un rôle."),
        ({"name": "Luc", "role": "officer", "mobile": "04 223 44 55"}, "téléphone fixe"),
    ],
)
def test_an_account_that_cannot_be(admin, form, sentence):
    answer = admin.post("/accounts/add", form)
    assert answer.status_code == 400
    assert sentence in words(answer)
    with connected():
        assert len(accounts()) == 1


def test_roles_are_a_set_and_the_last_admin_stays(admin, sign_in):
    sign_in("officer")
    with connected():
        ids = {card.name: card.id for card in accounts()}
    assert "Modifications enregistrées" in words(
        admin.follow(admin.post(f"/accounts/{ids['Test officer']}", {"role": ["officer", "coordinator"]}))
    )
    answer = admin.post(f"/accounts/{ids['Test admin']}", {"role": "officer"})
    assert answer.status_code == 400
    assert "au moins un administrateur" in words(answer)
    assert admin.get("/accounts").status_code == 200


def test_the_journal_tells_who_did_what_in_words(admin):
    admin.post("/neighbourhoods/add", {"name": "Rotheux", "reference_address": ""})
    admin.post("/login", {"name": "x", "password": "y"}, page="/account")
    page = words(admin.get("/journal"))
    assert "Test admin quartier enregistré" in page
    assert "connexion" in page
    assert "neighbourhood_saved" not in page


def test_an_account_s_address_is_kept_and_who_has_none_is_named(admin):
    assert "Sans adresse e-mail, pas de rapport quotidien ni d'avis d'incident : Test admin." in words(
        admin.get("/accounts")
    )
    added = admin.post("/accounts/add", {"name": "Luc", "role": "technician", "email": "luc@"}, page="/accounts/add")
    assert added.status_code == 400
    assert "« luc@ » n'est pas une adresse e-mail." in words(added)
    assert 'value="luc@"' in added.text
    admin.post("/accounts/add", {"name": "Luc", "role": "technician", "email": "luc@example.org"}, page="/accounts/add")
    listed = words(admin.get("/accounts"))
    assert "luc@example.org" in listed
    with connected():
        luc = next(card.id for card in accounts() if card.name == "Luc")
    refused = admin.post(f"/accounts/{luc}", {"role": "technician", "email": "nulle part"})
    assert refused.status_code == 400
    assert 'value="nulle part"' in refused.text
    admin.post(f"/accounts/{luc}", {"role": "technician", "email": ""})
    assert "avis d'incident : Luc, Test admin." in words(admin.get("/accounts"))
