"""Correct an alert or end it, from the spot where it is followed."""

from datetime import timedelta

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected, writing
from db.models.broadcasts import Broadcast, BroadcastText, Message
from db.people.zone import Policy
from plp.services.accounts.rights import add_account
from plp.services.orders import following_up
from plp.services.texts import save_wordings
from plp.services.zone import save_policy
from rules.orders.warning import Wording
from rules.refusals import Refusal
from tests.console.alerts.scene import FAR, NEAR, TEXT, broadcasts, modem_does, sent
from tests.console.alerts.scene import follow_up as form
from tests.console.conftest import PASSWORD, words
from tests.support.four_states import Four, from_afar


@pytest.fixture
def halfway(officer):
    number = sent(officer)
    modem_does(["sent", "sent", "CMS 1", "unconfirmed"])
    return number


def test_nothing_to_correct_before_anybody_has_it(officer):
    number = sent(officer)
    assert "Corriger" not in words(officer.get(f"/alerts/{number}"))
    answer = officer.get(f"/alerts/{number}/follow-up?kind=correction")
    assert "n'a alerté personne" in words(officer.follow(answer))


def test_a_correction_from_the_first_click_to_both_ends_of_the_thread(officer, halfway):
    assert f"/alerts/{halfway}/follow-up/begin" in officer.get(f"/alerts/{halfway}").text
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=correction")
    assert f"CORRECTION. {TEXT}" in words(page)
    assert "3 personnes qui ont reçu l'alerte ou l'ont peut-être reçue" in words(page)
    assert "3 personnes qui n'ont rien reçu" in words(page)
    body = form(page, "CORRECTION. Fausse alerte.")
    done = officer.post(f"/alerts/{halfway}/follow-up", body)
    assert done.status_code == 303
    assert officer.post(f"/alerts/{halfway}/follow-up", body).location == done.location
    assert "Voir l'alerte" in words(officer.get(done.location))
    followed = officer.get(f"/alerts/{halfway}")
    assert "Correction SMS à 3 personnes" in words(followed)
    assert from_afar(followed.text) == [Four(0, 2, 0, 4)]
    assert broadcasts() == 2


def test_nobody_more_gets_it_while_the_officer_writes(officer, halfway):
    assert "Retour à l'alerte" in words(officer.get(f"/alerts/{halfway}/follow-up?kind=correction"))
    answer = officer.post(f"/alerts/{halfway}/follow-up/begin")
    page = officer.get(answer.location)
    assert "Envoi en pause pendant la rédaction. En pause : 1 en attente." in words(page)
    assert "Reprendre l'envoi Laisser l'envoi en pause" in words(page)
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
    assert "Ces caractères portent le message à 2 SMS" in words(counted)
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
    assert "Le message commence et finit par EXERCICE." in words(page)
    done = officer.post(f"/alerts/{number}/follow-up", form(page, "Fin.", "end"))
    assert "EXERCICE. Police Seraing/Neupré: FIN D'ALERTE. Fin. EXERCICE." in words(officer.get(done.location))


@pytest.mark.parametrize(("kind", "opening"), [("correction", "CORRECTION."), ("end", "FIN D'ALERTE.")])
def test_it_always_says_what_it_is_and_the_page_shows_that(officer, halfway, kind, opening):
    page = officer.get(f"/alerts/{halfway}/follow-up?kind={kind}")
    text = "Un homme armé rôde rue de la Station."
    opening = f"Police Seraing/Neupré: {opening}"
    body = form(page, text, kind)
    assert f"Aperçu du SMS {opening} {text}" in words(officer.post(f"/alerts/{halfway}/follow-up/measure", body))
    done = officer.post(f"/alerts/{halfway}/follow-up", body)
    with connected():
        sent_text = BroadcastText.get(BroadcastText.broadcast == int(done.location.rsplit("/", 1)[1]))
        assert sent_text.body == f"{opening} {text}"


def test_what_was_corrected_is_offered_to_nobody_again(officer):
    number = sent(officer)
    modem_does(["sent", "CMS 1", "unconfirmed", "sent", "sent"])
    assert "Renvoyer aux refusés (1)" in words(officer.get(f"/alerts/{number}"))
    page = officer.get(f"/alerts/{number}/follow-up?kind=correction")
    officer.post(f"/alerts/{number}/follow-up", form(page, "Fausse alerte."))
    followed = words(officer.get(f"/alerts/{number}"))
    assert "Renvoyer" not in followed
    assert "Suivi d'une correction ou d'une fin d'alerte : ce message ne peut plus être renvoyé" in followed
    away = officer.get(f"/alerts/{number}/resend?state=failed")
    assert (away.status_code, away.location) == (303, f"/alerts/{number}")
    refused = officer.post(f"/alerts/{number}/resend", {"state": "failed"})
    assert ") : il ne peut plus être renvoyé. Au besoin, rédigez une nouvelle alerte" in words(
        officer.get(refused.location)
    )


@pytest.fixture
def old(halfway):
    """The alert went out the day before yesterday."""
    with connected(), writing():
        Broadcast.update(created_at=utc_now() - timedelta(days=2)).where(Broadcast.id == halfway).execute()
    return halfway


def test_a_day_later_the_number_is_typed_as_for_an_alert(officer, old):
    page = officer.get(f"/alerts/{old}/follow-up?kind=end")
    assert "Alerte de plus de 24 heures : ce message exige la même confirmation qu'une alerte" in words(page)
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
    assert "Demander la validation d'un collègue" in words(page)
    done = officer.post(f"/alerts/{old}/follow-up", form(page, "Fausse alerte.", typed="3"))
    assert "Aucun SMS n'a encore été envoyé" in words(officer.get(done.location))


def test_only_two_kinds(officer, halfway):
    assert officer.get(f"/alerts/{halfway}/follow-up?kind=joke").status_code == 400


def test_it_says_whose_it_is_before_what_it_is(officer, halfway):
    with connected():
        save_wordings([Wording("fr", "Police Ici:", "", True)], "test", utc_now())
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=end")
    opened = "Police Ici: FIN D'ALERTE. Retour à la normale."
    assert "Police Ici: FIN D'ALERTE. Vol rue de la Station, 21h40. Retour à la normale." in words(page)
    counted = words(officer.post(f"/alerts/{halfway}/follow-up/measure", form(page, "Fin.", "end")))
    assert "Aperçu du SMS Police Ici: FIN D'ALERTE. Fin. 1 SMS par personne · 30 caractères" in counted
    done = officer.post(f"/alerts/{halfway}/follow-up", form(page, "Retour à la normale.", "end"))
    assert opened in words(officer.get(done.location))


def test_an_alert_ends_once_and_a_second_time_on_purpose(officer, halfway):
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=end")
    assert 'name="again"' not in page.text
    done = officer.post(f"/alerts/{halfway}/follow-up", form(page, "Fin.", "end"))
    modem_does(["sent", "sent", "sent"])
    assert "arrêté clôturée" in words(officer.get(f"/alerts/{halfway}"))
    assert "clôturée" in words(officer.get("/alerts/"))
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=end")
    assert "ce message serait une deuxième fin d'alerte" in words(page)
    refused = officer.post(f"/alerts/{halfway}/follow-up", form(page, "Merci.", "end"))
    assert refused.status_code == 409
    assert "Aucun SMS n'a été envoyé : cette alerte est déjà clôturée" in words(refused)
    assert broadcasts() == 2
    assert officer.post(f"/alerts/{halfway}/follow-up", form(page, "Merci.", "end", again="yes")).status_code == 303
    end = officer.get(done.location)
    assert "envoi terminé" in words(end)
    assert "Envoyer la fin d'alerte…" not in words(end)
    assert f'href="/alerts/{halfway}"' in end.text


def test_a_correction_leads_to_the_end_of_its_alert(officer, halfway):
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=correction")
    done = officer.post(f"/alerts/{halfway}/follow-up", form(page, "Rue Haute."))
    assert "arrêté correction annulable" in words(officer.get(f"/alerts/{halfway}"))
    assert "Envoi dans " in words(officer.get(done.location)), "a modem is ready"
    away = officer.get(f"{done.location}/follow-up?kind=end")
    assert away.location == f"/alerts/{halfway}/follow-up?kind=end"
    officer.post(f"{done.location}/resume")
    assert "arrêté corrigée" in words(officer.get(f"/alerts/{halfway}"))
    modem_does(["sent"] * 3)
    assert f'plp-button-primary" href="{done.location}/follow-up?kind=end"' in officer.get(done.location).text
    ended = officer.post(away.location.partition("?")[0], form(officer.get(away.location), "Fin.", "end"))
    assert ended.status_code == 303
    assert "Envoyer la fin d'alerte…" not in words(officer.get(done.location))


def test_a_drill_has_no_end_of_alert(officer):
    number = sent(officer, drill="yes")
    modem_does(["sent"] * 5)
    page = words(officer.get(f"/alerts/{number}"))
    assert "Envoyer une correction…" in page
    assert "Envoyer la fin d'alerte…" not in page


def test_nor_has_the_correction_of_a_drill(officer):
    number = sent(officer, drill="yes")
    modem_does(["sent"] * 5)
    corrected = officer.post(
        f"/alerts/{number}/follow-up",
        form(officer.get(f"/alerts/{number}/follow-up?kind=correction"), "Rien.", "correction"),
    )
    officer.post(f"{corrected.location}/resume")
    modem_does(["sent"] * 5)
    assert "kind=end" not in officer.get(corrected.location).text


def texts():
    """Each broadcast's kind, text and numbers."""
    with connected():
        return [
            (
                row.kind,
                BroadcastText.get(BroadcastText.broadcast == row.id).body,
                sorted(each.msisdn[-1] for each in Message.select().where(Message.broadcast == row.id)),
            )
            for row in Broadcast.select().order_by(Broadcast.id)
        ]


RIGHT = "Police Seraing/Neupré: Vol rue de la Gare, 21h40. Restez chez vous."


@pytest.mark.parametrize("stop", ["", "pause", "cancel", "follow-up/begin"])
def test_one_press_corrects_it_and_brings_the_right_text_to_the_rest(officer, halfway, stop):
    if stop:
        officer.post(f"/alerts/{halfway}/{stop}")
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=correction")
    assert 'name="rest" value="yes" checked' in page.text
    body = form(page, RIGHT, rest="yes")
    counted = words(officer.post(f"/alerts/{halfway}/follow-up/measure", body))
    corrected = RIGHT.removeprefix("Police Seraing/Neupré: ")
    assert f"Aperçu du SMS · Correction Police Seraing/Neupré: CORRECTION. {corrected}" in counted
    assert f"Aperçu du SMS · Alerte corrigée {RIGHT}" in counted
    done = officer.post(f"/alerts/{halfway}/follow-up", body)
    assert done.status_code == 303
    assert officer.post(f"/alerts/{halfway}/follow-up", body).location == done.location
    modem_does(["sent"] * 5)
    assert officer.post(f"/alerts/{halfway}/follow-up", body).location == done.location
    assert texts()[1:] == [
        ("correction", f"Police Seraing/Neupré: CORRECTION. {corrected}", ["0", "1", "3"]),
        ("corrected", RIGHT, ["2", "4"]),
    ]
    for page in (f"/alerts/{halfway}", done.location):
        assert "Alerte corrigée SMS à 2 personnes" in words(officer.get(page)), "what the others get"
    assert "Réutiliser ce texte" not in words(officer.get(f"/alerts/{halfway}")), "it is the wrong one"


def test_unticked_nobody_else_is_woken(officer, halfway):
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=correction")
    assert officer.post(f"/alerts/{halfway}/follow-up", form(page, "Fausse alerte.")).status_code == 303
    assert [kind for kind, *_rest in texts()] == ["alert", "correction"]


def test_the_wrong_text_does_not_go_out_a_second_time(officer, halfway):
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=correction")
    refused = officer.post(f"/alerts/{halfway}/follow-up", form(page, TEXT, rest="yes"))
    assert refused.status_code == 409
    assert "Aucun SMS n'a été envoyé : ce texte est identique à celui de l'alerte. Modifiez-le" in words(refused)
    assert broadcasts() == 1


def test_a_crash_between_the_two_is_made_good_by_the_next_press(officer, halfway, monkeypatch):
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=correction")
    body = form(page, RIGHT, rest="yes")
    with monkeypatch.context() as broken:
        down = (Refusal("Panne.") for _ in range(9))
        broken.setattr(following_up, "place_corrected", lambda *_a: (_ for _ in ()).throw(next(down)))
        assert officer.post(f"/alerts/{halfway}/follow-up", body).status_code == 409
    assert [kind for kind, *_rest in texts()] == ["alert", "correction"]
    assert officer.post(f"/alerts/{halfway}/follow-up", body).status_code == 303
    assert [kind for kind, *_rest in texts()] == ["alert", "correction", "corrected"]


def test_what_was_corrected_ends_and_is_corrected_with_its_alert(officer, halfway):
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=correction")
    officer.post(f"/alerts/{halfway}/follow-up", form(page, RIGHT, rest="yes"))
    modem_does(["sent"] * 5)
    for kind in ("correction", "end"):
        away = officer.get(f"/alerts/{halfway + 2}/follow-up?kind={kind}")
        assert away.location == f"/alerts/{halfway}/follow-up?kind={kind}"
    page = officer.get(f"/alerts/{halfway}/follow-up?kind=end")
    officer.post(f"/alerts/{halfway}/follow-up", form(page, "Fin.", "end"))
    assert texts()[-1][2] == ["0", "1", "2", "3", "4"]


def test_a_text_is_taken_up_again_with_its_people_and_its_time(officer):
    chosen = {"audience": "some", "neighbourhood": [FAR, NEAR], "near": FAR}
    number = sent(officer, when="earlier", late_because="Suspect encore là", **chosen)
    officer.post(f"/alerts/{number}/cancel")
    assert "Réutiliser ce texte" in words(officer.get(f"/alerts/{number}"))
    page = officer.get(f"/alerts/new?from={number}").text
    assert 'name="audience" value="some" required checked' in page
    for name in (FAR, NEAR):
        assert f'value="{name}" checked'.replace("'", "&#39;") in page
    assert f"{FAR} est alerté en premier" in words(officer.get(f"/alerts/new?from={number}"))
    assert 'name="when" value="earlier" required checked' in page
    assert 'value="Suspect encore là"' in page


@pytest.mark.parametrize("kind", ["welcome", "answer"])
def test_what_is_no_alert_has_no_correction(officer, halfway, kind):
    with connected(), writing():
        Broadcast.update(kind=kind).where(Broadcast.id == halfway).execute()
    page = words(officer.get(f"/alerts/{halfway}"))
    assert "corriger" not in page.lower()
    assert officer.get(f"/alerts/{halfway}/follow-up?kind=correction").status_code == 404
    assert officer.post(f"/alerts/{halfway}/follow-up/begin").status_code == 404
    body = {"nonce": "a-nonce-of-this-form", "kind": "correction", "text": "Ce que je veux."}
    assert officer.post(f"/alerts/{halfway}/follow-up", body).status_code == 404
    assert broadcasts() == 1
