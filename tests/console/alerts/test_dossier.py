"""The thread and the account of an alert: reached from each of its broadcasts, with all that was said and done."""

import pytest

from db.engine.connection import connected
from db.journal.chain import last_seal, seal_entries
from db.models.policy import ZonePolicy
from tests.console.alerts.scene import modem_does, sent
from tests.console.conftest import words
from tests.support.four_states import Four, in_sentences


@pytest.fixture
def corrected(officer):
    """An alert that five got or not, with a correction; both ids."""
    alert = sent(officer)
    modem_does(["sent", "sent", "CMS 1", "unconfirmed", "sent"])
    form = {"kind": "correction", "text": "CORRECTION. C'était rue du Bois.", "nonce": "a-nonce-of-this-form"}
    answer = officer.post(f"/alerts/{alert}/follow-up", form)
    assert answer.status_code == 303, words(answer)
    return alert, int(answer.location.rsplit("/", 1)[1])


def test_one_line_of_time_holds_the_whole_thread_on_each_of_its_pages(officer, corrected):
    alert, correction = corrected
    for page in (officer.get(f"/alerts/{alert}"), officer.get(f"/alerts/{correction}")):
        told = words(page).partition("Déroulement")[2]
        assert "premier SMS envoyé" in told
        assert told.index("Correction SMS à 4 personnes, par Test") < told.index("Alerte SMS à 5 personnes, par Test")
    assert f'<a href="/alerts/{correction}">' in officer.get(f"/alerts/{alert}").text
    assert f'<a href="/alerts/{alert}">' in officer.get(f"/alerts/{correction}").text


def test_the_line_of_time_says_who_stopped_it(officer):
    number = sent(officer)
    modem_does(["sent"])
    officer.post(f"/alerts/{number}/pause")
    officer.post(f"/alerts/{number}/cancel")
    told = words(officer.get(f"/alerts/{number}/answers", headers={"HX-Request": "true"}))
    assert told.index("Envoi arrêté par Test officer") < told.index("Envoi mis en pause par Test officer")


def test_the_account_says_who_when_to_whom_and_what_may_be_missing(officer, corrected):
    page = words(officer.get(f"/alerts/{corrected[0]}/dossier"))
    assert "Auteur Test officer" in page
    assert "Validation non demandée" in page
    assert "tous les membres : SMS à 5 personnes" in page
    assert "Plainevaux 4 0 2 0 2" in page
    assert in_sentences(officer.get(f"/alerts/{corrected[0]}/dossier").text) == [Four(0, 3, 0, 3), Four(0, 0, 4, 0)]
    assert "sans GSM : 1" in page
    assert "envoi ordonné" in page
    assert "Correction" in page
    assert "moyen et heure" not in page


def test_names_only_where_asked_and_for_those_who_may_read_them(officer, sign_in, corrected):
    named = f"/alerts/{corrected[0]}/dossier?names=yes"
    page = words(officer.get(named))
    listed = page.partition("moyen et heure")[2]
    assert listed.index("refusé (numéro inexistant)") < listed.index("non confirmé") < listed.index("SMS envoyé")
    assert "refusé (numéro inexistant)" in page
    assert "Prénom" not in words(sign_in("technician").get(named))


def test_a_break_glass_stands_in_the_account(officer):
    with connected():
        ZonePolicy.create(approval="second")
    alert = sent(officer, do="alone", alone_because="Seule de garde cette nuit")
    page = words(officer.get(f"/alerts/{alert}/dossier"))
    assert "envoi sans validation par Test officer" in page
    assert "Seule de garde cette nuit" in page


def test_the_seal_of_the_journal_is_printed(officer, corrected):
    assert "Sceau du journal" not in words(officer.get(f"/alerts/{corrected[0]}/dossier"))
    with connected():
        seal_entries()
        seal = last_seal()
    assert seal in words(officer.get(f"/alerts/{corrected[0]}/dossier"))


def test_what_is_not_there(officer):
    assert officer.get("/alerts/999/dossier").status_code == 404
