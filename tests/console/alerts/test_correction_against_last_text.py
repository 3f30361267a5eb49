"""A correction: from the ready-made alert's fields, against what people had last, with a text that stays one SMS."""

import re

import pytest

from db.engine.connection import connected
from db.models.broadcasts import BroadcastText
from db.models.people import Member
from tests.console.alerts.scene import broadcasts, follow_up, modem_does, send, sent
from tests.console.conftest import words

CORRECTED = re.compile(r"CORRECTION\. Cambriolage:? rue Haute, 21h40\.")
ANSWERS = {"answer_lieu": "rue Basse", "answer_heure": "21:40"}


@pytest.fixture
def burglary(officer):
    """The ready-made « Cambriolage en cours », which everybody has; one of the five reads Dutch."""
    with connected():
        Member.update(language="nl").where(Member.mobile == "+32470000001").execute()
    answer = send(officer, text="", template=1, **ANSWERS)
    assert answer.status_code == 303
    modem_does(["sent"] * 5)
    return int(answer.location.rsplit("/", 1)[1])


def bodies():
    """The texts of the newest broadcast, by language."""
    with connected():
        rows = BroadcastText.select().where(BroadcastText.broadcast == broadcasts())
        return {row.language: row.body for row in rows}


def test_correcting_reopens_the_fields_and_makes_every_text_anew(officer, burglary):
    page = officer.get(f"/alerts/{burglary}/follow-up?kind=correction")
    assert 'name="answer_lieu" type="text" value="rue Basse"' in page.text
    form = follow_up(page, "", template=1, **ANSWERS)
    refused = officer.post(f"/alerts/{burglary}/follow-up", form)
    assert "Aucun SMS n'a été envoyé : ce texte est identique à celui de l'alerte. Modifiez-le" in words(refused)
    changed = {**form, "answer_lieu": "rue Haute"}
    counted = words(officer.post(f"/alerts/{burglary}/follow-up/measure", changed))
    assert CORRECTED.search(counted)
    assert re.search("RECHTZETTING. Inbraak:? rue Haute", counted)
    assert officer.post(f"/alerts/{burglary}/follow-up", changed).status_code == 303
    assert CORRECTED.search(bodies()["fr"])
    # the next correction begins with what was corrected
    modem_does(["sent"] * 5)
    again = officer.get(f"/alerts/{burglary}/follow-up?kind=correction")
    assert 'value="rue Haute"' in again.text


def test_an_empty_field_is_asked_for_and_a_text_by_hand_is_one_press_away(officer, burglary):
    page = officer.get(f"/alerts/{burglary}/follow-up?kind=correction")
    form = follow_up(page, "", template=1, **ANSWERS)
    empty = officer.post(f"/alerts/{burglary}/follow-up", {**form, "answer_lieu": ""})
    assert "Remplissez d'abord : " in words(empty)
    by_hand = officer.post(f"/alerts/{burglary}/follow-up", {**form, "do": "free"})
    assert 'id="text"' in by_hand.text
    assert "answer_lieu" not in by_hand.text
    assert broadcasts() == 1


def test_a_correction_shows_what_people_had_last(officer):
    number = sent(officer)
    modem_does(["sent"] * 5)
    page = officer.get(f"/alerts/{number}/follow-up?kind=correction")
    officer.post(f"/alerts/{number}/follow-up", follow_up(page, "C'était rue Haute."))
    modem_does(["sent"] * 5)
    for kind in ("correction", "end"):
        shown = words(officer.get(f"/alerts/{number}/follow-up?kind={kind}"))
        had = shown.partition("Texte du dernier message envoyé")[2].partition("Nouveau message")[0]
        assert "CORRECTION. C'était rue Haute." in had


def test_what_doubles_an_end_of_alert_is_replaced_by_one_press(officer):
    number = sent(officer)
    modem_does(["sent"] * 5)
    page = officer.get(f"/alerts/{number}/follow-up?kind=end")
    text = "L'auteur a été arrêté rue de la Station par nos équipes. Merci de votre aide, vous pouvez ressortir."
    form = follow_up(page, text, "end")
    counted = officer.post(f"/alerts/{number}/follow-up/measure", form)
    assert "Ces caractères portent le message à 3 SMS. En les remplaçant : 1 SMS." in words(counted)
    replaced = officer.post(f"/alerts/{number}/follow-up", {**form, "do": "replace"})
    assert "L&#39;auteur a été arreté" in replaced.text
    assert "1 SMS par personne" in words(replaced)
    assert broadcasts() == 1
