"""Correct an alert or end it, from the spot where it is followed."""

from datetime import timedelta

import pytest

from db.accounts import add_account
from db.clock import utc_now
from db.connection import connected, writing
from db.models import Broadcast, BroadcastText
from db.policy import Policy, save_policy
from db.templates import Wording, save_wordings
from tests.console.alerts.scene import NONCE, broadcasts, modem_does, sent
from tests.console.conftest import PASSWORD, words


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
    assert "Retour à l'alerte" in words(officer.get(f"/alerts/{halfway}/follow-up?kind=correction"))
    answer = officer.post(f"/alerts/{halfway}/follow-up/begin")
    page = officer.get(answer.location)
    assert "L'envoi est en pause pendant que vous écrivez. En pause : 1 attend." in words(page)
    assert "Reprendre l'envoi Laisser en pause" in words(page)
    assert "Retour à l'alerte" not in words(page)
    assert f'action="/alerts/{halfway}/resume"' in page.text
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
    assert "EXERCICE. Police Seraing/Neupré: FIN D'ALERTE. Fin. EXERCICE." in words(officer.get(done.location))


@pytest.mark.parametrize(("kind", "opening"), [("correction", "CORRECTION."), ("end", "FIN D'ALERTE.")])
def test_it_always_says_what_it_is_and_the_page_shows_that(officer, halfway, kind, opening):
    page = officer.get(f"/alerts/{halfway}/follow-up?kind={kind}")
    text = "Un homme armé rôde rue de la Station."
    opening = f"Police Seraing/Neupré: {opening}"
    body = form(page, text, kind)
    assert f"Exactement ce qui arrivera {opening} {text}" in words(
        officer.post(f"/alerts/{halfway}/follow-up/measure", body)
    )
    done = officer.post(f"/alerts/{halfway}/follow-up", body)
    with connected():
        sent_text = BroadcastText.get(BroadcastText.broadcast == int(done.location.rsplit("/", 1)[1]))
        assert sent_text.body == f"{opening} {text}"


def test_what_was_corrected_is_offered_to_nobody_again(officer):
    number = sent(officer)
    modem_does(["sent", "CMS 1", "unconfirmed", "sent", "sent"])
    assert "Renvoyer au 1 refusé" in words(officer.get(f"/alerts/{number}"))
    page = officer.get(f"/alerts/{number}/follow-up?kind=correction")
    officer.post(f"/alerts/{number}/follow-up", form(page, "Fausse alerte."))
    followed = words(officer.get(f"/alerts/{number}"))
    assert "Renvoyer" not in followed
    assert "celle-ci n'est plus renvoyée à personne" in followed
    away = officer.get(f"/alerts/{number}/resend?state=failed")
    assert (away.status_code, away.location) == (302, f"/alerts/{number}")
    refused = officer.post(f"/alerts/{number}/resend", {"state": "failed"})
    assert "il n'est plus renvoyé" in words(officer.get(refused.location))


@pytest.fixture
def old(halfway):
    """The alert went out the day before yesterday."""
    with connected(), writing():
        Broadcast.update(created_at=utc_now() - timedelta(days=2)).where(Broadcast.id == halfway).execute()
    return halfway


def test_a_day_later_the_number_is_typed_as_for_an_alert(officer, old):
    page = officer.get(f"/alerts/{old}/follow-up?kind=end")
    assert "L'alerte date de plus de 24 heures" in words(page)
    body = form(page, "Merci.", "end")
    refused = officer.post(f"/alerts/{old}/follow-up", body)
    assert refused.status_code == 400
    assert "Tapez le nombre de personnes, 3, pour confirmer" in words(refused)
    assert broadcasts() == 1
    done = officer.post(f"/alerts/{old}/follow-up", {**body, "typed": "3"})
    assert done.status_code == 303
    # the same form again is the same broadcast, and does not say that nothing went out
    assert officer.post(f"/alerts/{old}/follow-up", body).location == done.location


def test_within_the_day_no_number_is_typed(officer, halfway):
    assert 'name="typed"' not in officer.get(f"/alerts/{halfway}/follow-up?kind=end").text


def test_a_day_later_a_second_person_is_asked_where_the_zone_wants_one(officer, old):
    with connected():
        add_account("Benoît", ["officer"], PASSWORD, "test", utc_now())
        save_policy(Policy(approval="second"), "test", utc_now())
    page = officer.get(f"/alerts/{old}/follow-up?kind=correction")
    assert "Demander l'accord d'une deuxième personne" in words(page)
    done = officer.post(f"/alerts/{old}/follow-up", form(page, "Fausse alerte.", typed="3"))
    assert "Attend l'accord d'une deuxième personne" in words(officer.get(done.location))


def test_only_two_kinds(officer, halfway):
    assert officer.get(f"/alerts/{halfway}/follow-up?kind=joke").status_code == 400


def test_it_says_whose_it_is_before_what_it_is(officer, halfway):
    with connected():
        save_wordings([Wording("fr", "Police Ici:", "", True)], "test", utc_now())
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=end")
    opened = "Police Ici: FIN D'ALERTE. Tout est revenu à la normale."
    assert opened in words(page)
    counted = words(officer.post(f"/alerts/{halfway}/follow-up/measure", form(page, "Fin.", "end")))
    assert "Exactement ce qui arrivera Police Ici: FIN D'ALERTE. Fin. 1 SMS par personne · 30 caractères" in counted
    done = officer.post(f"/alerts/{halfway}/follow-up", form(page, "Tout est revenu à la normale.", "end"))
    assert opened in words(officer.get(done.location))


def test_an_alert_ends_once_and_a_second_time_on_purpose(officer, halfway):
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=end")
    assert 'name="again"' not in page.text
    done = officer.post(f"/alerts/{halfway}/follow-up", form(page, "Fin.", "end"))
    modem_does(["sent", "sent", "sent"])
    assert "arrêté alerte finie" in words(officer.get(f"/alerts/{halfway}"))
    assert "alerte finie" in words(officer.get("/alerts/"))
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=end")
    assert "ce message serait une deuxième fin d'alerte" in words(page)
    refused = officer.post(f"/alerts/{halfway}/follow-up", form(page, "Merci.", "end"))
    assert refused.status_code == 409
    assert "la fin de cette alerte est déjà annoncée" in words(refused)
    assert broadcasts() == 2
    assert officer.post(f"/alerts/{halfway}/follow-up", form(page, "Merci.", "end", again="yes")).status_code == 303
    end = officer.get(done.location)
    assert "envoi terminé" in words(end)
    assert "Fin d'alerte…" not in words(end)
    assert f'href="/alerts/{halfway}"' in end.text


def test_a_correction_leads_to_the_end_of_its_alert(officer, halfway):
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=correction")
    done = officer.post(f"/alerts/{halfway}/follow-up", form(page, "Rue Haute."))
    assert "arrêté corrigée" in words(officer.get(f"/alerts/{halfway}"))
    assert "part dans un instant" in words(officer.get(done.location)), "a modem is ready"
    away = officer.get(f"{done.location}/follow-up?kind=end")
    assert away.location == f"/alerts/{halfway}/follow-up?kind=end"


def test_a_drill_has_no_end_of_alert(officer):
    number = sent(officer, drill="yes")
    modem_does(["sent"] * 5)
    for page in (f"/alerts/{number}", f"/alerts/{number}/thread"):
        assert "Corriger…" in words(officer.get(page))
        assert "Fin d'alerte…" not in words(officer.get(page))
