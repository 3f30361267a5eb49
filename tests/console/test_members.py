"""Members: the list, one person, deleting."""

import re

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.replies.judging import save_verdict
from db.inbound.replies.leaving import apply_stop
from db.models.people import Member
from db.people.members.listing import member, members
from plp.services.people.neighbourhoods import save_neighbourhood
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from rules.replies.values import Meaning
from tests.console.conftest import words
from tests.plp.jobs.answering import comes


@pytest.fixture
def places(app):
    with connected():
        return {name: save_neighbourhood(None, name, "", "test", utc_now()) for name in ("Rotheux", "Centre")}


@pytest.fixture
def anne(places):
    draft = MemberDraft("Anne", "Dumont", "0470123456", "anne@example.org", "fr", places["Rotheux"])
    with connected():
        return save_member(None, draft, "test", utc_now())


def form(places, **changes):
    return {
        "first_name": "Benoît",
        "last_name": "Lejeune",
        "mobile": "0475/12.34.56",
        "email": "",
        "language": "nl",
        "neighbourhood_id": places["Centre"],
        "role": "coordinator",
        "sms": "yes",
    } | changes


def everyone():
    with connected():
        return members().rows


def test_adding_somebody(admin, places):
    page = admin.follow(admin.post("/members/add", form(places, welcome="yes")))
    assert "Benoît Lejeune : membre enregistré." in words(page)
    assert "0475\u00a012\u00a034\u00a056" in page.text
    (card,) = everyone()
    assert (card.mobile, card.language, card.role, card.neighbourhood) == (
        "+32475123456",
        "nl",
        "coordinator",
        "Centre",
    )
    assert (card.sms, card.mail_group) == (True, False)
    assert {consent.who for consent in card.consents} == {"Test admin"}


@pytest.mark.parametrize("welcome", [True, False])
def test_the_welcome_message_is_a_choice(admin, places, welcome):
    admin.post("/members/add", form(places, **({"welcome": "yes"} if welcome else {})))
    with connected():
        assert (Member.get().welcome_requested_at is not None) == welcome


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"mobile": "04 223 44 55"}, "mobile", "C'est un téléphone fixe de la région liégeoise, il faut un gsm."),
        ({"mobile": "101"}, "mobile", "numéro court ou d'urgence"),
        ({"mobile": "0475 12 34 5"}, "mobile", "Il manque un chiffre."),
        ({"mobile": ""}, "mobile", "Il faut un gsm, un autre numéro ou une adresse e-mail."),
        ({"email": "nowhere"}, "email", "n'est pas une adresse e-mail"),
        ({"email": "=cmd|'/C_calc'!A0@example.be"}, "email", "n'est pas une adresse e-mail"),
        ({"email": "+1+1@example.be"}, "email", "n'est pas une adresse e-mail"),
        ({"last_name": "", "first_name": ""}, "last_name", "Il manque le nom."),
        ({"neighbourhood_id": "999"}, "neighbourhood_id", "Choisissez un quartier de la liste."),
        ({"language": "xx"}, "language", "langue inconnue"),
        ({"mobile": "0470 12 34 56"}, "mobile", "déjà celui de Anne Dumont"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_what_was_typed_stays(admin, places, anne, changes, field, sentence):
    answer = admin.post("/members/add", form(places, **changes))
    assert answer.status_code == 400
    refused = re.search(rf'id="{field}-refused">(.*?)</div>', answer.text, re.DOTALL)
    assert refused, field
    assert sentence.casefold() in words(answer).casefold()
    if field != "last_name":
        assert 'value="Lejeune"' in answer.text
    assert len(everyone()) == 1


def test_a_number_may_be_shared_when_said_so(admin, places, anne):
    answer = admin.post("/members/add", form(places, mobile="0470 12 34 56", number_shared="yes"))
    assert answer.status_code == 303
    assert len(everyone()) == 2


def test_changing_somebody(admin, places, anne):
    page = admin.get(f"/members/{anne}")
    assert 'value="Dumont"' in page.text
    assert "Consentements enregistrés" in words(page)
    assert "bienvenue" not in words(page)
    admin.post(f"/members/{anne}", form(places, last_name="Dumont-Lejeune", mobile="0470 12 34 56", shown="sms"))
    with connected():
        card = member(anne)
    assert (card.last_name, card.mobile) == ("Dumont-Lejeune", "+32470123456")


def test_taking_consent_back(admin, places, anne):
    changed = form(places, mobile="0470 12 34 56", shown="sms")
    del changed["sms"]
    admin.post(f"/members/{anne}", changed)
    assert "refuse les SMS" in words(admin.get("/members"))


def shown(page):
    """What a form was opened with, and whether it wants SMS."""
    (channels,) = re.findall(r'name="shown" value="([^"]*)"', page.text)
    return channels, re.search(r'name="sms" value="yes" checked', page.text) is not None


def test_a_form_that_was_open_during_a_stop_does_not_undo_it(admin, places, anne):
    channels, ticked = shown(admin.get(f"/members/{anne}"))
    assert (channels, ticked) == ("sms", True)
    with connected():
        apply_stop("+32470123456", utc_now(), utc_now(), utc_now())
    typed = form(places, mobile="0470 12 34 56", last_name="Dumont", shown=channels)
    mistaken = admin.post(f"/members/{anne}", typed | {"mobile": "101"})
    assert shown(mistaken) == ("sms", True)
    refused = admin.post(f"/members/{anne}", typed)
    assert refused.status_code == 409
    assert "vérifiez les cases" in words(refused)
    assert 'value="Benoît"' in refused.text
    assert shown(refused) == ("nothing", False)
    with connected():
        card = member(anne)
        assert (card.sms, card.first_name) == (False, "Anne")
        assert [(each.how, each.who) for each in card.consents if each.channel == "sms"] == [("inbound", "plp")]
    assert admin.post(
        f"/members/{anne}", {k: v for k, v in typed.items() if k != "sms"} | {"shown": "nothing"}
    ).location
    with connected():
        assert (member(anne).sms, member(anne).first_name) == (False, "Benoît")
    admin.post(f"/members/{anne}", typed | {"shown": "nothing"})
    with connected():
        assert member(anne).sms


def test_a_form_from_before_the_boxes_were_sent_along_gives_nothing(admin, places, anne):
    typed = form(places, mobile="0470 12 34 56")
    assert admin.post(f"/members/{anne}", typed).status_code == 409
    with connected():
        apply_stop("+32470123456", utc_now(), utc_now(), utc_now())
    assert admin.post(f"/members/{anne}", typed).status_code == 409


def test_deleting_asks_first(admin, anne):
    page = admin.get(f"/members/{anne}/delete")
    assert "Supprimer Anne Dumont" in words(page)
    assert "les totaux des rapports" in words(page)
    assert "autofocus" not in page.text
    assert len(everyone()) == 1
    gone = admin.follow(admin.post(f"/members/{anne}/delete"))
    assert "Anne Dumont : données supprimées." in words(gone)
    assert everyone() == []
    assert admin.get(f"/members/{anne}").status_code == 404
    assert admin.post(f"/members/{anne}/delete").status_code == 404


def test_whose_call_for_help_is_open_is_not_deleted(admin, anne):
    with connected():
        save_verdict(comes("Au feu", "+32470123456", utc_now()), utc_now(), Meaning.ALARM, "fr")
    refused = admin.post(f"/members/{anne}/delete")
    assert refused.status_code == 409
    assert "Un SMS urgent de cette personne n'est pas traité : un" in words(refused)
    assert len(everyone()) == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("search=dumont", True),
        ("search=0470+12", True),
        ("search=anne%40example", True),
        ("search=nobody", False),
        ("search=%25", False),
        ("neighbourhood=1", True),
        ("neighbourhood=2", False),
        ("neighbourhood=x&page=-3", True),
    ],
)
def test_searching(admin, anne, query, found):
    page = words(admin.get(f"/members?{query}"))
    assert ("Dumont Anne" in page) == found
    assert ("Aucun résultat" in page) == (not found)


def test_a_long_list_has_pages_that_keep_the_search(admin, places):
    with connected():
        for i in range(30):
            draft = MemberDraft(f"P{i:02}", "Noël", f"04701000{i:02}", "", "fr", places["Centre"])
            save_member(None, draft, "test", utc_now())
    first = admin.get("/members?search=no%C3%ABl&neighbourhood=2")
    assert "Page 1 sur 2" in words(first)
    following = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    second = admin.get(following)
    assert "Page 2 sur 2" in words(second)
    assert "Noël P29" in words(second)
    assert "30 personnes" in words(second)
    assert "Noël P29" in words(admin.get("/members?page=99"))


def test_an_empty_list_says_what_to_do(admin):
    assert "Importez une liste" in words(admin.get("/members"))
