"""Every door says the same of an alert, and never more than the phones got."""

import re
from datetime import timedelta

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Part
from tests.console.alerts.scene import PEOPLE, follow_up, modem_does, sent
from tests.console.api.scene import program
from tests.console.conftest import words

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


def figures(pattern, answer):
    """The numbers that a page shows after this pattern, all of them."""
    return {int(number) for number in re.findall(pattern, words(answer))}


def on_the_map(answer):
    """What the neighbourhoods of the page got, without an outline each a tile."""
    return [int(number) for number in re.findall(r'<strong class="plp-number">(\d+) / \d+<', answer.text)]


@pytest.mark.parametrize(
    ("happens", "text", "taken"),
    [
        (stopped, None, 2),
        (refused, None, 2),
        (unconfirmed, None, 4),
        (resumed, None, 2),
        (corrected, None, 4),
        (half_of_two_parts, TWO_PARTS, 1),
        (reported_too_late, None, PEOPLE),
    ],
)
def test_all_doors_count_what_the_phones_got(app, officer, happens, text, taken):
    number = sent(officer, **({"text": text} if text else {}))
    happens(officer, number)
    api = program(app.test_client())
    pages = {place: officer.get(place) for place in ("/", f"/alerts/{number}", "/alerts/", f"/alerts/{number}/dossier")}
    card = next(card for card in api.get("/api/v1/broadcasts").json if card["id"] == number)
    assert api.get(f"/api/v1/broadcasts/{number}").json["taken"] == card["taken"] == taken
    live, home = officer.get(f"/alerts/{number}/live?seen="), pages["/"]
    for answer in (pages[f"/alerts/{number}"], pages["/alerts/"], pages[f"/alerts/{number}/dossier"], live):
        assert taken in figures(rf"{PEOPLE} personnes : (\d+) envoyé", answer), answer.request.path
    for answer in (pages[f"/alerts/{number}"], live):
        assert figures(rf"alertés? sur {EVERYBODY} (\d+)", answer) == {taken}
        assert sum(on_the_map(answer)) == taken, "the map comes with the counts"
    assert figures(r"SMS envoyés (\d+)", pages[f"/alerts/{number}/dossier"]) == {taken}
    # A correction is what runs now, for those who had the alert, and has reached nobody yet.
    running, whole = (0, f"envoyé sur {PEOPLE}") if happens is corrected else (taken, f"alertés? sur {EVERYBODY}")
    assert figures(rf"(\d+) {whole}\b", home) == {running}
    assert figures(rf"{whole} (\d+)", officer.get("/wall")) == {running}
    assert sum(on_the_map(home)) == sum(on_the_map(officer.get("/wall"))) == running
    assert figures(rf"en cours : (\d+) SMS sur {PEOPLE}\b", officer.get("/status")) <= {running}


def test_what_waits_is_not_called_uncertain_in_the_dossier(officer):
    number = sent(officer)
    modem_does(["sent", "unconfirmed"])
    shown = officer.get(f"/alerts/{number}/dossier").text
    rows = re.findall(r'data-label="(?:Non alertés|Incertain)">(\d+)<', shown)
    assert sum(map(int, rows[::2])) == EVERYBODY - 1
    assert sum(map(int, rows[1::2])) == 2
