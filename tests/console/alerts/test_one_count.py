"""Every door says the same of an alert, and never more than the phones got."""

import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Part
from tests.console.alerts.scene import PEOPLE, follow_up, modem_does, reported, sent
from tests.console.api.scene import program
from tests.support.four_states import Four, from_afar, in_sentences, on_home, on_map

EVERYBODY = PEOPLE + 1  # one without a mobile, whom no SMS reaches
TWO_PARTS = "Vol rue de la Station, 21h40. Restez chez vous, appelez le 101. " * 3


def stopped(officer, number):
    modem_does(["sent", "sent"])
    officer.post(f"/alerts/{number}/cancel")


def refused(officer, number):
    modem_does(["sent", "sent", "CMS 1", "CMS 1", "CMS 1"])


def unconfirmed(officer, number):
    modem_does(["sent", "sent", "sent", "sent", "unconfirmed"])


def resumed(officer, number):
    modem_does(["sent"])
    officer.post(f"/alerts/{number}/pause")
    officer.post(f"/alerts/{number}/resume")
    modem_does(["unconfirmed", "sent"])


def corrected(officer, number):
    unconfirmed(officer, number)
    page = officer.get(f"/alerts/{number}/follow-up?kind=correction")
    officer.post(f"/alerts/{number}/follow-up", follow_up(page, "CORRECTION. Fausse alerte."))


def end_undone(officer, number):
    """The mistake of a night: the card showed « 0 envoyé sur 4 · arrêté » from then on."""
    unconfirmed(officer, number)
    page = officer.get(f"/alerts/{number}/follow-up?kind=end")
    end = officer.post(f"/alerts/{number}/follow-up", follow_up(page, "Merci.", "end")).location
    officer.post(f"{end}/cancel")


def half_of_two_parts(officer, number):
    modem_does(["sent", "sent", "sent"])


def reported_too_late(officer, number):
    modem_does(["sent"] * PEOPLE)
    with connected():
        parts = Part.select().where(Part.broadcast == number).order_by(Part.id)
        Part.update(state="expired").where(Part.id.in_([part.id for part in parts[:2]])).execute()
        Part.update(state="delivered", changed_at=utc_now() + timedelta(minutes=2)).where(
            Part.id == parts[3].id
        ).execute()


@pytest.mark.parametrize(
    ("happens", "text", "taken", "told"),
    [
        (stopped, None, 2, Four(0, 2, 0, 4)),
        (refused, None, 2, Four(0, 2, 0, 4)),
        (unconfirmed, None, 4, Four(0, 4, 0, 2)),
        (resumed, None, 2, Four(0, 2, 2, 2)),
        (corrected, None, 4, Four(0, 4, 0, 2)),
        (end_undone, None, 4, Four(0, 4, 0, 2)),
        (half_of_two_parts, TWO_PARTS, 1, Four(0, 1, 4, 1)),
        (reported_too_late, None, PEOPLE, Four(1, 2, 0, 3)),
    ],
)
def test_all_doors_count_what_the_phones_got(app, officer, happens, text, taken, told):
    number = sent(officer, **({"text": text} if text else {}))
    happens(officer, number)
    api = program(app.test_client())
    card = next(card for card in api.get("/api/v1/broadcasts").json if card["id"] == number)
    shape = api.get(f"/api/v1/broadcasts/{number}").json
    assert shape["taken"] == card["taken"] == taken
    assert shape["reach"] == card["reach"]
    assert Four(*(card["reach"][name] for name in ("received", "sent", "waiting", "otherwise"))) == told
    assert card["reach"]["people"] == told.people == EVERYBODY
    home, wall = officer.get("/").text, officer.get("/wall").text
    page, live = officer.get(f"/alerts/{number}").text, officer.get(f"/alerts/{number}/live?seen=").text
    for part in (page, live):
        assert in_sentences(part) == from_afar(part) == [told]
    assert in_sentences(officer.get("/alerts/").text) == [told]
    assert in_sentences(officer.get(f"/alerts/{number}/dossier").text)[0] == told
    assert in_sentences(officer.get(f"/alerts/{number}/people").text) == [told]
    # Also while a correction runs, and after an end that was undone: one alert is one card, with its own people.
    assert [*on_home(home).values()] == from_afar(wall) == [told]
    for part in (page, live, home, wall):
        assert on_map(part) == (told.received, EVERYBODY), "the map comes with the counts"


@pytest.mark.parametrize("happens", [corrected, end_undone])
def test_what_followed_is_a_line_of_the_card_at_every_door(app, officer, happens):
    number = sent(officer)
    happens(officer, number)
    undone = happens is end_undone
    said = "annulation avant l'envoi : aucun SMS envoyé" if undone else "0 reçu sur 5 · 5 en attente"
    for address in ("/", "/wall", "/alerts/", f"/alerts/{number}", f"/alerts/{number}/dossier"):
        lines = [
            words_of(line) for line in BeautifulSoup(officer.get(address).text, "html.parser").select(".alert-line")
        ]
        assert len(lines) == 1, address
        assert ("Fin d'alerte" if undone else "Correction") in lines[0], address
        assert said in lines[0], address
    (line,) = program(app.test_client()).get(f"/api/v1/broadcasts/{number}").json["followed_by"]
    assert (line["kind"], line["state"]) == (("end", "cancelled") if undone else ("correction", "scheduled"))
    assert line["reach"]["people"] == PEOPLE


def words_of(part):
    return " ".join(part.get_text(" ").split())


def test_an_undone_end_leaves_the_alert_open_and_its_map_as_it_was(officer):
    number = sent(officer)
    modem_does(["sent"] * PEOPLE)
    reported(number, 4)
    before = on_map(officer.get("/").text)
    assert before == (4, EVERYBODY)
    page = officer.get(f"/alerts/{number}/follow-up?kind=end")
    end = officer.post(f"/alerts/{number}/follow-up", follow_up(page, "Merci.", "end")).location
    assert on_map(officer.get("/").text) == before, "while the end can be undone"
    officer.post(f"{end}/cancel")
    assert on_map(officer.get("/").text) == before
    assert [*on_home(officer.get("/").text).values()] == [Four(4, 1, 0, 1)]


def test_what_waits_is_apart_from_what_was_sent_in_the_dossier(officer):
    number = sent(officer)
    modem_does(["sent", "unconfirmed"])
    shown = officer.get(f"/alerts/{number}/dossier").text
    rows = re.findall(r'data-label="(?:En attente|Envoyés, sans accusé)">(\d+)<', shown)
    assert sum(map(int, rows[::2])) == 1
    assert sum(map(int, rows[1::2])) == 3
