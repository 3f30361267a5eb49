"""Correct an alert or end it, from the spot where it is followed."""

import pytest

from db.connection import connected
from db.models import BroadcastText
from tests.console.alerts.scene import NONCE, broadcasts, modem_does, sent
from tests.console.conftest import words


def form(page, text, kind="correction", **changes):
    return {"nonce": NONCE.search(page.text)[1], "kind": kind, "text": text, **changes}


@pytest.fixture
def halfway(officer):
    number = sent(officer)
    modem_does(["sent", "sent", "CMS 1", "unconfirmed"])
    return number


def test_nothing_to_correct_before_anybody_has_it(officer):
    number = sent(officer)
    assert "Corriger" not in words(officer.get(f"/alerts/{number}"))
    answer = officer.get(f"/alerts/{number}/follow-up?kind=correction")
    assert "n'a atteint personne" in words(officer.follow(answer))


def test_a_correction_from_the_first_click_to_both_ends_of_the_thread(officer, halfway):
    assert f"/alerts/{halfway}/follow-up/begin" in officer.get(f"/alerts/{halfway}").text
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=correction")
    assert "CORRECTION. Ne tenez pas compte du SMS précédent." in words(page)
    assert "1 personne qui ne l'a pas encore ne la recevra pas" in words(page)
    assert "Envoyer la correction à 3 personnes" in words(page)
    body = form(page, "CORRECTION. Fausse alerte.")
    done = officer.post(f"/alerts/{halfway}/follow-up", body)
    assert done.status_code == 303
    assert officer.post(f"/alerts/{halfway}/follow-up", body).location == done.location
    assert "Correction de l'envoi 1" in words(officer.get(done.location))
    followed = officer.get(f"/alerts/{halfway}")
    assert "Correction envoyée à" in words(followed)
    assert "1 annulé" in words(followed)
    assert broadcasts() == 2


def test_nobody_more_gets_it_while_the_officer_writes(officer, halfway):
    answer = officer.post(f"/alerts/{halfway}/follow-up/begin")
    assert "L'alerte est en pause pendant que vous écrivez." in words(officer.get(answer.location))
    assert "Reprendre l'envoi" in words(officer.get(f"/alerts/{halfway}"))
    assert officer.post(f"/alerts/{halfway}/follow-up/begin").location == answer.location


def test_the_end_and_the_same_text_twice(officer, halfway):
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=end")
    assert "Envoyer la fin d'alerte à 3 personnes" in words(page)
    assert officer.post(f"/alerts/{halfway}/follow-up", form(page, "Fin.", "end")).status_code == 303
    other = officer.get(f"/alerts/{halfway}/follow-up?kind=end")
    asked = officer.post(f"/alerts/{halfway}/follow-up", form(other, "Fin.", "end"))
    assert asked.status_code == 409
    assert 'name="again"' in asked.text
    assert officer.post(f"/alerts/{halfway}/follow-up", form(other, "Fin.", "end", again="yes")).status_code == 303


def test_the_count_with_and_without_script(officer, halfway):
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=end")
    counted = officer.post(f"/alerts/{halfway}/follow-up/measure", form(page, "ê" * 71, "end"))
    assert "2 SMS" in words(counted)
    assert "alphabet large à cause de : ê" in words(counted)
    without = officer.post(f"/alerts/{halfway}/follow-up", form(page, "a" * 161, "end", do="count"))
    assert "2 SMS" in words(without)
    assert broadcasts() == 1


@pytest.mark.parametrize("text", ["", "x" * 5000])
def test_what_cannot_be_sent_is_refused_and_kept(officer, halfway, text):
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=end")
    refused = officer.post(f"/alerts/{halfway}/follow-up", form(page, text, "end"))
    assert refused.status_code == 409
    assert broadcasts() == 1
    assert "1 en attente" in words(officer.get(f"/alerts/{halfway}")), "nothing was stopped"


def test_of_a_drill_it_says_so(officer):
    number = sent(officer, drill="yes")
    modem_does(["sent"])
    page = officer.get(f"/alerts/{number}/follow-up?kind=end")
    assert "Il commence et finit par EXERCICE." in words(page)
    done = officer.post(f"/alerts/{number}/follow-up", form(page, "Fin.", "end"))
    assert "EXERCICE. FIN D'ALERTE. Fin. EXERCICE." in words(officer.get(done.location))


@pytest.mark.parametrize(("kind", "opening"), [("correction", "CORRECTION."), ("end", "FIN D'ALERTE.")])
def test_it_always_says_what_it_is_and_the_page_shows_that(officer, halfway, kind, opening):
    page = officer.get(f"/alerts/{halfway}/follow-up?kind={kind}")
    text = "Un homme armé rôde rue de la Station."
    body = form(page, text, kind)
    assert f"Exactement ce qui arrivera {opening} {text}" in words(
        officer.post(f"/alerts/{halfway}/follow-up/measure", body)
    )
    done = officer.post(f"/alerts/{halfway}/follow-up", body)
    with connected():
        sent_text = BroadcastText.get(BroadcastText.broadcast == int(done.location.rsplit("/", 1)[1]))
        assert sent_text.body == f"{opening} {text}"


def test_only_two_kinds(officer, halfway):
    assert officer.get(f"/alerts/{halfway}/follow-up?kind=joke").status_code == 400
