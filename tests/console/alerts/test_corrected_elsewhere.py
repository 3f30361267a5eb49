"""A correction that moves the place to a neighbourhood that was not alerted: the page says so, and offers its alert."""

import html
import re

from tests.console.alerts.scene import FAR, NEAR, follow_up, modem_does, sent
from tests.console.conftest import words

OFFER = re.compile(r'href="(/alerts/new\?[^"]*neighbourhood=[^"]*)"')
ANSWERS = {"answer_lieu": f"rue Basse, {NEAR}", "answer_heure": "21:40"}
SOME = {"audience": "some", "neighbourhood": NEAR, "typed": "3"}


def corrected(officer, number, text, **changes):
    modem_does(["sent"] * 3)
    form = follow_up(officer.get(f"/alerts/{number}/follow-up?kind=correction"), text, **changes)
    answer = officer.post(f"/alerts/{number}/follow-up", form)
    assert answer.status_code == 303
    return answer.location


def test_a_place_in_another_neighbourhood_is_said_and_its_alert_is_one_press_away(officer):
    number = sent(officer, text="", template=1, **ANSWERS, **SOME)
    assert not OFFER.search(officer.get(f"/alerts/{number}").text)
    moved = ANSWERS | {"answer_lieu": f"rue Haute, {FAR}"}
    for address in (corrected(officer, number, "", template=1, **moved), f"/alerts/{number}"):
        page = officer.get(address)
        assert f"Quartier non alerté : {FAR}." in words(page), address
        assert f"La correction va seulement aux personnes de l'alerte : {NEAR}." in words(page), address
        offer = OFFER.search(page.text)
        assert offer is not None, address
        form = officer.get(html.unescape(offer[1]))
        assert f"rue Haute, {FAR}" in html.unescape(form.text).partition("<textarea")[2].partition("</textarea>")[0]
        ticked = re.findall(r'name="neighbourhood" value="([^"]*)"[^>]* checked', html.unescape(form.text))
        assert ticked == [FAR], address
    alert = sent(officer, text="Vol en cours.", nonce="another-nonce", audience="some", neighbourhood=FAR, typed="2")
    assert alert > number
    assert not OFFER.search(officer.get(f"/alerts/{number}").text), "it was alerted since"


def test_of_a_text_by_hand_only_what_the_correction_names_first_counts(officer):
    number = sent(officer, text=f"Vol rue Basse, entre {NEAR} et {FAR}.", **SOME)
    assert not OFFER.search(officer.get(corrected(officer, number, f"CORRECTION. Vol à {FAR}.")).text)
    other = sent(officer, text=f"Vol rue Basse, {NEAR}.", nonce="another-nonce", again="yes", **SOME)
    assert OFFER.search(officer.get(corrected(officer, other, f"CORRECTION. Vol rue Haute, {FAR}.")).text)
