"""A correction that moves the place to a neighbourhood that was not alerted: the page says so, and offers its alert."""

import html
import re

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected, writing
from db.journal import audit
from db.models.broadcasts import Broadcast, BroadcastText, Message
from db.people.zone import put_policy
from plp.services.broadcasts import existing
from plp.services.contract_json import corrected_shape
from plp.services.orders.beside import places_beside
from rules.states import Stage
from tests.console.alerts.scene import FAR, NEAR, follow_up, modem_does, sent
from tests.console.conftest import words

OFFER = re.compile(r'href="(/alerts/new\?[^"]*neighbourhood=[^"]*)"')
ANSWERS = {"answer_lieu": f"rue Basse, {NEAR}", "answer_heure": "21:40"}
SOME = {"audience": "some", "neighbourhood": NEAR, "typed": "3"}


ASKED = re.compile(r'name="offered" value="([^"]*)"')
# Of a form that showed the question: alert the other neighbourhood too, or knowingly do not.
ALSO = {"offered": FAR, "also": FAR, "beside_typed": "2"}
NOT_THERE = {"offered": FAR}


def correction(officer, number, text, **changes):
    """The answer to a posted correction, after the modem did what waited."""
    modem_does(["sent"] * 3)
    form = follow_up(officer.get(f"/alerts/{number}/follow-up?kind=correction"), text, **changes)
    return officer.post(f"/alerts/{number}/follow-up", form)


def corrected(officer, number, text, **changes):
    answer = correction(officer, number, text, **changes)
    assert answer.status_code == 303
    return answer.location


def moved(**changes):
    return {"template": 1, **ANSWERS, "answer_lieu": f"rue Haute, {FAR}", **changes}


def kinds():
    with connected():
        return [row.kind for row in Broadcast.select().order_by(Broadcast.id)]


def numbers_of(broadcast_id):
    with connected():
        return {row.msisdn for row in Message.select().where(Message.broadcast == broadcast_id)}


@pytest.fixture
def near(officer):
    """An alert to the first neighbourhood only."""
    return sent(officer, text="", template=1, **ANSWERS, **SOME)


def test_the_form_asks_about_the_other_neighbourhood_as_soon_as_its_name_is_typed(officer, near):
    modem_does(["sent"] * 3)
    page = officer.get(f"/alerts/{near}/follow-up?kind=correction")
    assert not ASKED.search(page.text)
    counted = officer.post(f"/alerts/{near}/follow-up/measure", follow_up(page, "", **moved()))
    assert ASKED.findall(html.unescape(counted.text)) == [FAR]
    assert f"Alerter aussi {FAR} (2 personnes)" in words(counted)
    assert re.search(r'name="also" value="[^"]*" checked', counted.text)


def test_one_press_corrects_here_and_alerts_there(officer, near):
    location = corrected(officer, near, "", **moved(), **ALSO)
    assert kinds() == ["alert", "correction", "alert"]
    correction_id, alert_id = near + 1, near + 2
    assert location.endswith(f"/{correction_id}")
    assert len(numbers_of(correction_id)) == 3
    assert len(numbers_of(alert_id)) == 2
    assert not numbers_of(correction_id) & numbers_of(alert_id)
    with connected():
        (body,) = [row.body for row in BroadcastText.select().where(BroadcastText.broadcast == alert_id)]
    assert "rue Haute" in body
    assert "CORRECTION" not in body
    page = officer.get(location)
    assert f"Alerte aussi envoyée à {FAR}." in words(page)
    assert not OFFER.search(page.text)


def test_the_same_press_twice_alerts_once(officer, near):
    modem_does(["sent"] * 3)
    form = follow_up(officer.get(f"/alerts/{near}/follow-up?kind=correction"), "", **moved(), **ALSO)
    locations = {officer.post(f"/alerts/{near}/follow-up", form).location for _press in range(2)}
    assert len(locations) == 1
    assert kinds() == ["alert", "correction", "alert"]


def test_a_place_that_the_officer_was_not_asked_about_sends_nothing(officer, near):
    answer = correction(officer, near, "", **moved())
    assert answer.status_code == 409
    assert f"le nouveau lieu est dans un quartier non alerté, {FAR}" in words(answer)
    assert ASKED.findall(html.unescape(answer.text)) == [FAR]
    assert kinds() == ["alert"]


def test_a_wrong_number_of_people_there_sends_nothing_here_either(officer, near):
    answer = correction(officer, near, "", **moved(), **(ALSO | {"beside_typed": "3"}))
    assert answer.status_code == 400
    assert kinds() == ["alert"]


def test_declining_is_written_down_and_the_page_still_says_it(officer, near):
    location = corrected(officer, near, "", **moved(), **NOT_THERE)
    assert kinds() == ["alert", "correction"]
    with connected():
        assert audit.newest("broadcast_places_left_out").detail == {"places": [FAR]}
    page = officer.get(location)
    assert f"Quartier non alerté : {FAR}." in words(page)
    assert "Correction sans alerter le nouveau quartier" in words(officer.get(f"/alerts/{near + 1}"))
    offer = OFFER.search(page.text)
    assert offer is not None
    form = officer.get(html.unescape(offer[1]))
    assert f"rue Haute, {FAR}" in html.unescape(form.text).partition("<textarea")[2].partition("</textarea>")[0]
    ticked = re.findall(r'name="neighbourhood" value="([^"]*)"[^>]* checked', html.unescape(form.text))
    assert ticked == [FAR]


def test_a_later_alert_there_about_other_facts_does_not_hide_the_question(officer, near):
    sent(officer, text="Fuite de gaz rue du Bois.", nonce="another", audience="some", neighbourhood=FAR, typed="2")
    answer = correction(officer, near, "", **moved())
    assert answer.status_code == 409
    assert ASKED.findall(html.unescape(answer.text)) == [FAR]


def test_a_later_alert_there_about_the_same_facts_makes_it_needless(officer, near):
    there = {"text": "", "nonce": "another", "audience": "some", "neighbourhood": FAR, "typed": "2"}
    sent(officer, **moved(), **there)
    location = corrected(officer, near, "", **moved())
    assert kinds() == ["alert", "alert", "correction"]
    assert not OFFER.search(officer.get(location).text)


def test_where_two_must_agree_the_alert_there_waits_for_the_second(officer, near):
    with connected(), writing():
        put_policy(approval="second")
    location = corrected(officer, near, "", **moved(), **ALSO)
    assert f"Alerte à {FAR} : un collègue doit la valider avant l'envoi." in words(officer.get(location))
    with connected():
        assert Broadcast.get_by_id(near + 2).stage is Stage.AWAITING_APPROVAL


def test_of_a_text_by_hand_only_what_the_correction_names_first_counts(officer):
    number = sent(officer, text=f"Vol rue Basse, entre {NEAR} et {FAR}.", **SOME)
    assert not OFFER.search(officer.get(corrected(officer, number, f"CORRECTION. Vol à {FAR}.")).text)
    other = sent(officer, text=f"Vol rue Basse, {NEAR}.", nonce="another-nonce", again="yes", **SOME)
    text = f"CORRECTION. Vol rue Haute, {FAR}."
    assert OFFER.search(officer.get(corrected(officer, other, text, **NOT_THERE)).text)


def test_of_a_text_by_hand_the_alert_there_has_the_same_words_without_the_correction(officer):
    number = sent(officer, text=f"Vol rue Basse, {NEAR}.", **SOME)
    location = corrected(officer, number, f"CORRECTION. Vol rue Haute, {FAR}.", **ALSO)
    assert kinds() == ["alert", "correction", "alert"]
    assert not OFFER.search(officer.get(location).text), "the alert there is about the same facts"


def test_the_command_and_the_api_name_the_neighbourhood(officer, near):
    modem_does(["sent"] * 3)
    with connected():
        assert places_beside(near, f"Vol rue Haute, {FAR}.", utc_now()) == (FAR,)
        assert corrected_shape(existing(near, utc_now()), [FAR], None, for_rest=False)["not_alerted"] == [FAR]
