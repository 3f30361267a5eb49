"""An end or a correction that was undone before anybody had it: nothing of it is left to be read as having happened."""

import pytest

from tests.console.alerts.scene import PEOPLE, follow_up, modem_does, sent
from tests.console.conftest import words

TEXT = {"end": "Merci, tout est fini.", "correction": "Le vol a eu lieu rue Basse."}


@pytest.fixture
def alert(officer):
    number = sent(officer)
    modem_does(["sent"] * PEOPLE)
    return number


def undone(officer, alert, kind):
    """The number of a follow-up that was ordered and undone."""
    page = officer.get(f"/alerts/{alert}/follow-up?kind={kind}")
    address = officer.post(f"/alerts/{alert}/follow-up", follow_up(page, TEXT[kind], kind)).location
    assert officer.post(f"{address}/cancel").status_code == 303
    return int(address.rsplit("/", 1)[1])


def timeline(page):
    return words(page).partition("Déroulement")[2].partition("Personnes")[0]


@pytest.mark.parametrize("kind", ["end", "correction"])
def test_the_line_of_time_and_the_text_to_use_again_know_nothing_of_it(officer, alert, kind):
    before = timeline(officer.get(f"/alerts/{alert}"))
    assert "Alerte SMS à 5 personnes" in before
    number = undone(officer, alert, kind)
    assert timeline(officer.get(f"/alerts/{alert}")) == before
    page = officer.get(f"/alerts/{number}")
    assert "Réutiliser ce texte" not in words(page), "it would be an alert"
    assert "arrêté" in timeline(page), "its own page tells what became of it"


def test_an_alert_that_was_undone_can_be_used_again(officer):
    number = sent(officer)
    officer.post(f"/alerts/{number}/cancel")
    assert "Réutiliser ce texte" in words(officer.get(f"/alerts/{number}"))


def test_the_feedback_does_not_quote_it(officer, alert):
    undone(officer, alert, "correction")
    assert TEXT["correction"] not in officer.get(f"/bulletins/new?category=feedback&alert={alert}").text
