"""Can it send? Each person reads it in their own words, on every page that leads to the red button."""

from datetime import timedelta

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.engine.health import damage_file
from db.modems.status import beat, save_modem, stop_beating
from db.operations.lineage import hold_after_damage
from db.operations.machine import apply_jump, note_time, set_back
from plp.services.zone import save_directory_entry
from tests.console.alerts import scene
from tests.console.conftest import words
from tests.support.people import person

WHY = "La carte SIM est refusée par le réseau (CMS 28) : vérifiez l'abonnement."
IT_WAITS = "L'alerte sera mise en attente, puis envoyée dès qu'un modem sera prêt."


@pytest.fixture
def modem(ready_modem):
    """`modem(state)` puts the one modem into a state."""
    ready_modem()

    def put(state, sentence=WHY):
        with connected():
            save_modem("box", "a", {"state": state, "sentence": sentence}, utc_now())

    return put


def test_the_wall_says_the_officers_short_sentence_to_everybody(sign_in, modem):
    modem("out_of_service")
    for role in ("officer", "technician", "admin"):
        wall = sign_in(role).get("/wall")
        assert "Pas prêt : le modem est hors service." in words(wall), role
        assert "CMS 28" not in wall.text, role


def test_an_officer_reads_what_it_means_and_whom_to_call(sign_in, modem):
    modem("out_of_service")
    with connected():
        save_directory_entry(None, "Technicien de garde", "", "0470 00 00 01", "test", utc_now())
    home = sign_in("officer").get("/")
    assert "Pas prêt : le modem est hors service. À prévenir : Technicien de garde, 0470 00 00 01." in words(home)
    assert "plp-ready-failed" in home.text
    assert "CMS 28" not in home.text


def test_a_technician_reads_what_is_wrong_and_goes_there(sign_in, modem):
    modem("out_of_service")
    home = sign_in("technician").get("/")
    assert f"Pas prêt (modem a) : {WHY} Voir la marche à suivre" in words(home)
    assert '<a href="/modems/">Voir la marche' in home.text


def test_who_is_both_can_mend_it_and_reads_what_is_wrong(sign_in, modem):
    modem("out_of_service")
    assert "CMS 28" in words(sign_in("officer", "technician").get("/"))


@pytest.mark.parametrize("state", ["starting", "paused"])
def test_what_comes_back_by_itself_is_no_failure(sign_in, modem, state):
    modem(state)
    home = sign_in("officer").get("/")
    assert "plp-ready-doubt" in home.text
    assert IT_WAITS in words(home)


def test_the_confirm_page_sends_while_a_modem_starts_and_says_that_it_waits(sign_in, modem):
    scene.people()
    modem("starting", "")
    officer = sign_in("officer")
    page = officer.post("/alerts/confirm", scene.draft())
    assert f"Pas encore prêt : les modems démarrent. {IT_WAITS}" in words(page)
    assert 'name="typed"' in page.text
    follow = words(officer.get(scene.send(officer).location))
    assert "5 personnes" in follow


def test_the_confirm_page_says_without_a_modem_that_no_sms_leaves_and_whom_to_call(sign_in, modem):
    scene.people()
    modem("quarantined")
    officer = sign_in("officer")
    page = officer.post("/alerts/confirm", scene.draft())
    assert "Pas prêt : une nouvelle carte SIM doit être autorisée." in words(page)
    assert "Aucun modem n'est prêt : aucun SMS n'est envoyé maintenant. 6 personnes : 5 sont à appeler" in words(page)
    assert 'name="typed"' in page.text


def test_a_modem_that_goes_between_the_page_and_the_button(sign_in, modem):
    scene.people()
    officer = sign_in("officer")
    modem("out_of_service")
    refused = scene.send(officer)
    assert refused.status_code == 409
    assert "Aucun SMS n'a été envoyé." in words(refused)
    assert "aucun SMS n'est envoyé maintenant." in words(refused)
    assert "CMS 28" not in refused.text
    assert scene.broadcasts() == 0


def test_an_alert_that_waits_says_so_in_an_officer_s_words(sign_in, ready_modem, modem):
    scene.people()
    officer = sign_in("officer")
    number = scene.sent(officer)
    scene.modem_does([])
    modem("suspended")
    page = words(officer.get(f"/alerts/{number}"))
    told = "Pas prêt : le réseau refuse la carte SIM. L'alerte sera mise en attente : "
    retried = "la carte SIM est réessayée toutes les 30 secondes. Prévenez le technicien. "
    assert f"{told}{retried}" in page, "the header's sentence"
    assert "en attente d'un modem L'alerte sera envoyée dès qu'un modem sera prêt." in page


@pytest.mark.parametrize(
    ("jump", "told"), [(timedelta(days=1), "avancée de 24 heures"), (-timedelta(minutes=5), "reculée de 5 minutes")]
)
def test_a_clock_that_was_set_is_told_in_the_header(sign_in, ready_modem, jump, told):
    ready_modem()
    officer = sign_in("officer")
    assert "horloge" not in words(officer.get("/status"))
    with connected():
        apply_jump(jump, utc_now())
    assert f"Horloge du serveur {told}. Délais des alertes en cours adaptés." in words(officer.get("/status")).replace(
        "\xa0", " "
    )


def test_a_clock_that_is_behind_is_told_until_it_is_right(sign_in, ready_modem):
    ready_modem()
    officer = sign_in("officer")
    with connected():
        note_time(utc_now() + timedelta(days=3))
    told = words(officer.get("/status"))
    assert "Horloge du serveur en retard d'au moins 3 jours" in told.replace("\xa0", " ")
    with connected():
        set_back(utc_now())
    assert "Horloge" not in words(officer.get("/status"))


@pytest.mark.sqlite
def test_a_damaged_database_is_told_in_the_header_of_whoever_decides(sign_in, ready_modem, settings):
    ready_modem()
    officer = sign_in("officer")
    damage_file(settings.folder / "plp.db").write_bytes(b"frames")
    with connected():
        hold_after_damage(utc_now())
    told = "Base de données endommagée : les dernières actions sont"
    assert told in words(officer.get("/")).replace("\xa0", " ")


def test_jobs_that_fell_silent_are_told_in_the_header(sign_in, ready_modem):
    ready_modem()
    officer = sign_in("officer")
    told = "Traitement automatique arrêté : réponses, STOP et e-mails"
    for ago, on_another_host, is_told in ((5, False, False), (90, False, True), (90, True, False)):
        with connected():
            beat("box", "jobs", 4243, utc_now() - timedelta(seconds=ago))
            if on_another_host:
                beat("other", "jobs", 4244, utc_now())
        assert (told in words(officer.get("/status")).replace("\xa0", " ")) is is_told


@pytest.mark.parametrize(("ago", "is_told"), [(20, False), (46, True)])
def test_jobs_that_were_stopped_as_they_should_be_are_told_once_it_is_no_restart(ago, is_told, sign_in, ready_modem):
    ready_modem()
    officer = sign_in("officer")
    with connected():
        person(1, utc_now())
        beat("box", "jobs", 4243, utc_now() - timedelta(seconds=ago))
        stop_beating("box", "jobs", utc_now() - timedelta(seconds=ago))
    status = words(officer.get("/status")).replace("\xa0", " ")
    assert ("Traitement automatique arrêté : réponses, STOP et e-mails" in status) is is_told
    assert ("À l'arrêt : tâches automatiques (box)." in status) is is_told
    for page in ("/", "/wall"):
        assert ("À l'arrêt : tâches automatiques (box)." in words(officer.get(page)).replace("\xa0", " ")) is is_told
