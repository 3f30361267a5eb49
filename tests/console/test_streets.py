"""The list of streets in the console: imported, proposed for a member, and an alert to one street alone."""

import io

import pytest

from db.engine.base import tuples
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Message
from db.people.members.listing import member
from plp.services.people.neighbourhoods import import_streets
from tests.console.conftest import words
from tests.support.people import mobile, person, place

LIST = b"rue;quartier\nRue Haute;Limal\nRue du Moulin;Limal\nRue du Moulin;Bierges\n"


@pytest.fixture
def places(app):
    now = utc_now()
    with connected():
        found = {name: place(name, now) for name in ("Bierges", "Limal")}
        import_streets(LIST, "rues.csv", "test", now)
        person(1, now, "Limal", street="rue haute")
        person(2, now, "Limal", street="Rue du Moulin")
        person(3, now, "Limal")
        person(4, now, "Bierges", street="Rue du Moulin")
    return found


def test_a_list_with_a_bad_row_changes_nothing_and_says_which(admin, places):
    answer = admin.post("/streets", {"file": (io.BytesIO(LIST + b"Rue Basse;Ailleurs\n"), "rues.csv")})
    assert answer.status_code == 400
    assert "Ligne 5" in words(answer)
    assert "Ailleurs" in words(answer)
    assert "3 rues" in words(admin.get("/streets"))
    answer = admin.post("/streets", {"file": (io.BytesIO(LIST[: LIST.rindex(b"Rue du")]), "rues.csv")})
    assert "2 rues enregistrées." in words(admin.follow(answer))
    assert "Choisissez d'abord un fichier" in words(admin.post("/streets", {}))


def test_a_members_street_finds_the_neighbourhood(admin, places):
    typed = {"first_name": "Ada", "last_name": "Neuve", "mobile": "0470000009", "language": "fr", "street": "RUE HAUTE"}
    assert "selon la rue" in words(admin.get("/members/add"))
    admin.post("/members/add", typed)
    with connected():
        added = member(5)
    assert added is not None
    assert added.neighbourhood == "Limal"
    moulin = admin.post("/members/add", typed | {"street": "Rue du Moulin", "mobile": "0470000010"})
    assert "choisissez un quartier" in words(moulin).casefold()
    other = admin.post("/members/5", typed | {"neighbourhood_id": places["Bierges"], "shown": "nothing"})
    assert "place RUE HAUTE dans un autre quartier" in words(admin.follow(other))


def test_a_typed_street_ticks_its_neighbourhood_and_offers_itself_alone(sign_in, places, ready_modem):
    ready_modem()
    officer = sign_in("officer")
    text = "Vol en cours. Appelez le 101."
    assert 'name="where"' in officer.get("/alerts/new").text
    found = officer.post("/alerts/measure", {"text": text, "where": "rue haute"})
    assert """data-found='["Limal"]'""" in found.text.replace("&#34;", '"').replace('="[', "='[").replace(']"', "]'")
    assert "Rue Haute (Limal) : les habitants sont alertés en premier." in words(found)
    assert "Seulement Rue Haute (Limal) 1 personne" in words(found)
    assert "Limal : 1 membre sans rue connue" in words(found)
    both = officer.post("/alerts/measure", {"text": text, "where": "Rue du M", "only_street": "Rue Haute (Limal)"})
    assert 'data-found="[]"' in both.text
    assert [f"Rue du Moulin, {place}" in both.text for place in ("Bierges", "Limal")] == [True, True]
    assert both.text.count('name="only_street"') == both.text.count(" checked") == 1
    form = {"text": text, "nonce": "n" * 24, "where": "au bout de la Rue Haute"}
    assert 'value="Limal" checked' in officer.post("/alerts/new", form).text


def test_an_alert_to_one_street_reaches_it_alone(sign_in, places, ready_modem):
    ready_modem()
    officer = sign_in("officer")
    draft = {"text": "Vol en cours rue du Moulin. Appelez le 101.", "audience": "some", "nonce": "n" * 24}
    # Whoever says « seulement » means it, whatever else is ticked.
    draft |= {"neighbourhood": "Limal", "only_street": "Rue du Moulin (Limal)", "near": "Limal", "when": "now"}
    page = officer.post("/alerts/confirm", draft)
    assert "Rue du Moulin (Limal)" in words(page)
    sent = officer.post("/alerts/send", draft | {"typed": "1", "guarded": "yes"})
    assert sent.status_code == 303, words(sent)
    with connected():
        assert [msisdn for (msisdn,) in tuples(Message.select(Message.msisdn))] == [mobile(2)]
    gone = officer.post("/alerts/confirm", draft | {"only_street": "Rue de Rien"})
    assert "Rue inconnue : Rue de Rien" in words(gone)
