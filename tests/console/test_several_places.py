"""A person's several places at each door: forms, public page, import, command, an order, their rights."""

import re
from dataclasses import replace

import pytest

from base.settings.values import MailSettings
from console.people import joining
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Message
from db.models.people import Member
from db.operations.dossier import dossier
from db.people.members.listing import member
from db.people.proposals import registrations
from plp.services.people.proposals import propose_registration
from rules.members import MemberDraft
from rules.refusals import FieldRefusal
from tests.console.api.scene import program
from tests.console.conftest import Browser, words
from tests.support.list_pages import upload
from tests.support.people import mobile, person, place

HOME, SHOP = "Plainevaux", "Rotheux"
LIST = "prénom;nom;gsm;quartier;rue\nAnne;Noël;0470000001;Rotheux;rue Basse\n"


@pytest.fixture
def places(app):
    with connected():
        return {name: place(name, utc_now()) for name in (HOME, SHOP)}


@pytest.fixture
def anne(places):
    with connected():
        return person(1, utc_now(), HOME, first_name="Anne", last_name="Noël", street="rue Haute")


def form(places, **changes):
    fields = {"last_name": "Noël", "first_name": "Anne", "mobile": "0470 00 00 01", "language": "fr", "sms": "yes"}
    return {**fields, "role": "member", "neighbourhood_id": places[HOME], **changes}


def others(member_id):
    with connected():
        return member(member_id).other_places


def test_the_form_keeps_a_place_changes_it_and_takes_it_away(admin, anne, places):
    address = f"/members/{anne}"
    place_0 = {"place_0": places[SHOP], "place_street_0": "rue du Marché"}
    assert admin.post(address, form(places, shown="sms", **place_0)).status_code == 303
    assert others(anne) == f"{SHOP}, rue du Marché"
    page = admin.get(address).text
    assert re.search(rf'name="place_0">.*?<option value="{places[SHOP]}" selected>', page, re.DOTALL)
    assert 'value="rue du Marché"' in page
    assert admin.post(f"{address}/row", form(places, shown="sms")).status_code == 200, "the table's row leaves it"
    assert others(anne) == f"{SHOP}, rue du Marché"
    admin.post(address, form(places, shown="sms", place_0=""))
    assert others(anne) == ""


@pytest.mark.parametrize("path", ["/members/add", "/members/registration"])
def test_who_is_typed_a_second_time_is_offered_the_place_instead_of_a_record(admin, anne, places, path):
    typed = form(places, neighbourhood_id=places[SHOP], street="rue Basse", signed="yes")
    page = admin.post(path, typed)
    assert page.status_code == 400
    assert "Même personne : ajouter ce lieu à Anne Noël" in words(page)
    (link,) = re.findall(rf'href="(/members/{anne}\?[^"]+)"', page.text)
    offered = admin.get(link.replace("&amp;", "&"))
    assert re.search(rf'name="place_0">.*?<option value="{places[SHOP]}" selected>', offered.text, re.DOTALL)
    assert 'value="rue Basse"' in offered.text
    assert others(anne) == "", "nothing is kept before it is saved"


def test_the_public_page_takes_places_and_the_admin_sees_them(app, admin, ready_modem, places, monkeypatch):
    ready_modem()
    monkeypatch.setattr(joining, "FASTEST_S", 0)
    mail = MailSettings(public_url="https://plp.example.be")
    app.config["PLP_SETTINGS"] = replace(app.config["PLP_SETTINGS"], mail=mail)
    visitor = Browser(app.test_client())
    assert "Autres lieux" in words(visitor.get("/register"))
    typed = form(places, place_0=places[SHOP], place_street_0="rue Basse", quiet_hours="22h-7h")
    assert visitor.post("/register", typed).status_code == 302
    with connected():
        (text,) = [row.text.body for row in Message.select()]
    visitor.post("/register/code", {"code": text[:6]})
    with connected():
        (proposed,) = registrations()
    assert (proposed.draft.other_places, proposed.draft.quiet_hours) == ("Rotheux, rue Basse", "22h-7h")
    page = admin.get("/corrections")
    assert "Autres lieux : Rotheux, rue Basse" in words(page)
    decision = {f"neighbourhood_{proposed.id}": places[HOME], "do": "accept"}
    admin.post(f"/corrections/registrations/{proposed.id}", decision)
    with connected():
        card = member(Member.get().id)
    assert (card.other_places, card.quiet_hours) == ("Rotheux, rue Basse", "22:00-07:00")


def test_an_import_offers_to_add_the_place_and_is_undone_whole(admin, anne):
    address = upload(admin, LIST.encode()).location
    page = admin.get(address)
    assert "Garder ce quartier et ajouter l'autre" in words(page)
    assert 'name="stay"' in page.text
    columns = {"columns": ["neighbourhood", "street"], "take": ["2:neighbourhood", "2:street"], "stay": "2"}
    admin.follow(admin.post(address, {"here": "1", **columns}))
    with connected():
        card = member(anne)
    assert (card.neighbourhood, card.street, card.other_places) == (HOME, "rue Haute", "Rotheux, rue Basse")
    undo = re.search(r"/members/acts/\d+/undo", admin.get("/members/import").text)[0]
    admin.post(undo)
    assert others(anne) == ""


def test_a_program_reads_and_writes_them_and_is_told_of_an_unknown_one(client, anne, places):
    keeper, one = program(client, "admin", scopes=("members:read", "members:write")), f"/api/v1/members/{anne}"
    changed = keeper.patch(one, {"other_places": "rotheux, rue Basse", "quiet_hours": "22h-7h"})
    assert (changed.json["other_places"], changed.json["quiet_hours"]) == ("Rotheux, rue Basse", "22:00-07:00")
    assert keeper.patch(one, {"email": "a@example.org"}).json["other_places"] == "Rotheux, rue Basse"
    for field, value in (("other_places", "Ailleurs"), ("quiet_until", "demain")):
        refused = keeper.patch(one, {field: value})
        assert (refused.status_code, value in refused.text) == (400, True)


def test_an_order_to_both_neighbourhoods_by_a_program_reaches_them_once(client, ready_modem, anne, places):
    ready_modem()
    with connected():
        person(2, utc_now(), SHOP, other_places=HOME)
    answer = program(client).order(audience={"neighbourhoods": [HOME, SHOP]})
    assert answer.json["recipients"] == 2
    with connected():
        assert sorted(message.msisdn for message in Message.select()) == [mobile(1), mobile(2)]


def test_the_rights_page_the_dossier_and_the_export_have_them(admin, anne, places):
    admin.post(f"/members/{anne}", form(places, shown="sms", place_0=places[SHOP], quiet_hours="22-7"))
    page = words(admin.get(f"/members/{anne}/rights"))
    for told in ("Autres lieux Rotheux", "Heures calmes 22:00-07:00", "autres lieux"):
        assert told in page, told
    with connected():
        assert dossier(anne).card.other_places == SHOP
    exported = admin.post("/members/export", {"format": "csv"})
    assert "autres lieux" in exported.text


def test_a_program_cannot_register_a_place_that_is_none(app, ready_modem, places):
    ready_modem()
    draft = MemberDraft("A", "B", "0470000009", "", "fr", 0, other_places="Ailleurs")
    with connected(), pytest.raises(FieldRefusal, match="quartier inconnu"):
        propose_registration(draft, utc_now())
