"""The first page: one glance, tiles, what runs and what is owed; only what this person may open."""

import re
from datetime import timedelta

import pytest

from db.alerts.templates import templates
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Broadcast, Part
from db.models.modem_records import InboundMessage
from plp.services.texts import delete_template
from tests.console.alerts.scene import modem_does, people, sent
from tests.console.conftest import words
from tests.support.four_states import Four, on_home


@pytest.fixture
def officer(sign_in, ready_modem):
    ready_modem()
    people()
    return sign_in("officer")


def test_every_ready_made_alert_is_a_tile_and_the_drill_leads_elsewhere(officer):
    page = officer.get("/")
    with connected():
        cards = templates()
    for card in cards:
        place = "/drills/new" if card.kind == "drill" else "/alerts/new"
        assert f'href="{place}?template={card.id}"' in page.text
        assert card.title in words(page)
    assert "Autre alerte (texte libre)" in words(page)


def test_the_types_stand_before_what_runs_and_new_alert_leads_to_them(officer):
    for number in range(3):
        sent(officer, text=f"Fait {number} rue Haute.", nonce=f"open-{number}")
    page = officer.get("/").text
    assert page.index('class="home-tiles"') < page.index('id="ready"')
    assert 'href="/alerts/types"' in page.partition("<main")[0], "the menu"
    types = officer.get("/alerts/types")
    with connected():
        for card in templates():
            assert card.title in words(types)
    assert 'href="/alerts/new"' in types.text


def test_without_a_template_the_free_text_stays(officer):
    with connected():
        for card in templates():
            delete_template(card.id, "test", utc_now())
    page = officer.get("/")
    assert page.status_code == 200
    assert "Autre alerte (texte libre)" in words(page)


def test_who_may_not_send_sees_no_tile(sign_in, ready_modem):
    ready_modem()
    for role in ("admin", "technician", "coordinator"):
        page = sign_in(role).get("/")
        assert page.status_code == 200
        assert "home-tile" not in page.text.split("</head>")[1]


def test_the_first_card_of_who_sees_no_modem_is_not_empty(sign_in, ready_modem):
    ready_modem()
    people()
    assert re.search(r'class="plp-ready-sentence">\s*\w', sign_in("coordinator").get("/").text)


def test_a_coordinator_finds_the_own_neighbourhood_on_the_first_page(sign_in):
    assert 'href="/my-neighbourhood"' in sign_in("coordinator").get("/").text.split("<main")[1]
    assert 'href="/my-neighbourhood"' not in sign_in("technician").get("/").text.split("<main")[1]


def test_one_glance_before_and_after_something_went_out(officer):
    before = words(officer.get("/"))
    assert "Aucun SMS envoyé jusqu'ici" in before
    assert "Aucun SMS en attente" in before
    assert "Aucun exercice effectué" in before
    sent(officer, drill="yes")
    modem_does(["sent"])
    after = words(officer.get("/"))
    assert "Dernier SMS envoyé : " in after
    assert "Dernier exercice aujourd'hui" in after
    assert "4 SMS non urgents en attente (priorité aux alertes)" in after


def test_the_last_drill_is_counted_in_days(officer):
    sent(officer, drill="yes")
    modem_does(["sent"] * 5)
    with connected():
        Broadcast.update(created_at=utc_now() - timedelta(days=43, minutes=1)).execute()
    page = officer.get("/")
    assert "Dernier exercice il y a 43 jours · préparer un exercice" in words(page)


def test_what_runs_has_its_counts_and_its_link(officer):
    number = sent(officer)
    modem_does(["sent", "sent"])
    page = officer.get("/")
    assert "2 SMS sur 5" in words(page)  # the header counts SMS
    # home counts people: one has no mobile
    assert [*on_home(page.text).values()] == [Four(0, 2, 3, 1)]
    assert f'href="/alerts/{number}">' in page.text
    assert "home-incident" in page.text


def test_a_new_alert_comes_after_those_on_the_page(officer):
    """Whoever is about to press a button of an open alert still has it under the pointer."""
    older, newer = sent(officer), sent(officer, text="Incendie rue Haute", nonce="another")

    def order(path):
        return [
            int(number)
            for number in re.findall(r'home-incident-title"><a href="/alerts/(\d+)"', officer.get(path).text)
        ]

    assert order("/") == [newer, older]
    assert order(f"/ready?shown={older}") == [older, newer]
    assert f"shown={older}&amp;shown={newer}" in officer.get(f"/ready?shown={older}").text


def test_tiles_fill_their_rows_and_the_rest_is_one_press_away(officer):
    page = officer.get("/").text
    first, rest = (part.count("home-tile ") + part.count('home-tile"') for part in page.split("home-more"))
    with connected():
        assert first + rest == len(templates()) + 1
    assert first % 4 == 0


def test_what_is_owed_is_told_and_leads_there(officer):
    assert "À faire" not in words(officer.get("/"))
    number = sent(officer)
    modem_does(["sent", "sent", "sent", "sent", "unconfirmed"])
    with connected():
        Broadcast.update(stage="finished").execute()
        InboundMessage.create(
            host="box",
            imsi="206010000000001",
            sender="+32470000000",
            sent_at=utc_now(),
            received_at=utc_now(),
            text="Merci",
            reference=None,
            total=1,
        )
    page = officer.get("/")
    assert "1 SMS non confirmé" in words(page)
    assert "1 message entrant à traiter." in words(page)
    assert "Feedback à envoyer : alerte du" in words(page)
    assert f'href="/alerts/{number}"' in page.text
    assert f"alert={number}" in page.text


def test_held_work_waits_for_a_decision(officer):
    number = sent(officer)
    with connected():
        Broadcast.update(stage="held").where(Broadcast.id == number).execute()
        assert Part.select().count() == 5
    assert "Envoi bloqué : 5 SMS, décision requise." in words(officer.get("/"))


def test_a_technician_is_owed_nothing_that_only_an_officer_does(officer, sign_in):
    number = sent(officer)
    with connected():
        Broadcast.update(stage="held").where(Broadcast.id == number).execute()
    assert "Envoi bloqué" not in words(sign_in("technician").get("/"))
