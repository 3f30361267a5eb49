"""Two officers at one moment: what was ordered since « Vérifier » is looked at again at « Envoyer »."""

import re

import pytest

from tests.console.alerts.scene import FAR, NEAR, PEOPLE, broadcasts, draft, modem_does, sent
from tests.console.alerts.scene import follow_up as form
from tests.console.conftest import words

NEAR_IT = {"audience": "some", "neighbourhood": [NEAR]}
FLOOD = {"text": "Inondation: rue Basse, 21h40. Montez à l'étage.", **NEAR_IT}
SAME_FLOOD = {"text": "Inondation: rue Basse, 21h41. Montez à l'étage.", **NEAR_IT, "nonce": "the-other-officer-s-form"}
SEEN = re.compile(r'name="seen" value="(\d+)"')


def seen(page):
    return SEEN.search(page.text)[1]


@pytest.fixture
def page(officer):
    """The confirm page of the second officer, read before the first one sends."""
    return officer.post("/alerts/confirm", draft(**SAME_FLOOD))


def press(officer, page, path="/alerts/send", **changes):
    return officer.post(path, draft(**{**SAME_FLOOD, "typed": "3", "seen": seen(page), **changes}))


def test_the_second_one_is_told_and_sends_on_purpose(officer, page):
    first = sent(officer, typed=3, **FLOOD)
    refused = press(officer, page)
    assert refused.status_code == 409
    assert broadcasts() == 1
    told = words(refused)
    assert f"Depuis votre vérification, Test officer a alerté une partie de ces personnes (envoi {first})." in told
    assert "Inondation: rue Basse, 21h40 : alerte envoyée par Test officer" in told
    assert press(officer, refused).status_code == 303
    assert broadcasts() == 2


def test_one_to_other_people_stands_in_nobody_s_way(officer, page):
    sent(officer, typed=2, text="Feu.", audience="some", neighbourhood=[FAR])
    assert press(officer, page).status_code == 303


def test_one_that_was_undone_stands_in_nobody_s_way(officer, page):
    first = sent(officer, typed=3, **FLOOD)
    officer.post(f"/alerts/{first}/cancel")
    assert press(officer, page).status_code == 303


def test_what_was_there_before_is_no_news(officer):
    sent(officer, typed=3, **FLOOD)
    assert press(officer, officer.post("/alerts/confirm", draft(**SAME_FLOOD))).status_code == 303


def test_a_wrong_number_is_no_reading(officer, page):
    sent(officer, typed=3, **FLOOD)
    wrong = press(officer, page, typed="4")
    assert wrong.status_code == 400
    assert press(officer, wrong).status_code == 409


def test_a_drill_is_looked_at_too(officer):
    page = officer.post("/drills/confirm", draft(**SAME_FLOOD))
    sent(officer, typed=3, **FLOOD)
    assert press(officer, page, "/drills/send", typed="EXERCICE").status_code == 409
    assert broadcasts() == 1


@pytest.mark.parametrize("kind", ["correction", "end"])
def test_two_corrections_of_one_alert(officer, kind):
    number = sent(officer)
    modem_does(["sent"] * PEOPLE)
    mine, theirs = (officer.get(f"/alerts/{number}/follow-up?kind={kind}") for kind in (kind, "correction"))
    assert officer.post(f"/alerts/{number}/follow-up", form(theirs, "C'était rue Haute.")).status_code == 303
    refused = officer.post(f"/alerts/{number}/follow-up", form(mine, "Merci.", kind, seen=seen(mine)))
    assert refused.status_code == 409
    assert "Entre-temps, Test officer a corrigé ou clôturé cette alerte (envoi 2)." in words(refused)
    assert broadcasts() == 2
    again = officer.post(f"/alerts/{number}/follow-up", form(refused, "Merci.", kind, seen=seen(refused)))
    assert again.status_code == 303
