"""What must hold before an alert goes out: when it happened, what the guard found, a form that is filled in; and the
officer's own phone first.
"""

import json
import re
from datetime import timedelta

import pytest

from db.alerts.templates import templates
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal import audit
from db.models.accounts import Account
from db.models.broadcasts import Broadcast, BroadcastText, Message
from db.models.bulletins import Bulletin
from db.models.zone import Modem
from plp.services.texts import save_template
from rules.calendar import LOCAL
from rules.orders.warning import ICONS, Field, TemplateDraft
from tests.console.alerts.scene import FAR, NEAR, TEXT, broadcasts, draft, modem_does, send, sent
from tests.console.conftest import words

PLATE = "Golf 1-ABC-123 rue de la Station, 21h40. Appelez le 101."


def ordered():
    with connected():
        return audit.newest("broadcast_ordered").detail


def tile(title="Cambriolage en cours"):
    with connected():
        return next(card for card in templates() if card.title == title)


def answered(**changes):
    """A ready-made alert, filled in."""
    form = {"template": str(tile().id), "answer_lieu": "rue Haute", "answer_heure": "21:40", "answer_fuite": ""}
    return {**draft(), **form, "text": "", **changes}


def text_of(minutes):
    """A text that names the hour so many minutes ago."""
    return (
        f"Vol rue de la Station, {(utc_now() - timedelta(minutes=minutes)).astimezone(LOCAL):%Hh%M}. Restez chez vous."
    )


def test_when_it_happened_is_asked_where_the_hour_in_the_text_is_older(officer):
    old = text_of(20)
    page = officer.post("/alerts/confirm", draft(when="", text=old))
    assert page.status_code == 400
    assert "L'heure indiquée dans le texte remonte à plus de 15 minutes : indiquez si les faits sont en cours" in words(
        page
    )
    assert 'name="when"' in page.text
    assert send(officer, when="maintenant", text=old).status_code == 400
    assert broadcasts() == 0
    assert send(officer, when="now", text=old).status_code == 303


@pytest.mark.parametrize("minutes", [0, 10, -30])
def test_when_it_happened_is_not_asked_of_what_just_happened_or_lies_ahead(officer, minutes):
    assert 'name="when"' not in officer.post("/alerts/new", draft(when="", text=text_of(minutes))).text
    assert send(officer, when="", text=text_of(minutes)).status_code == 303


def test_what_is_over_is_a_bulletin_or_has_a_reason(officer):
    page = officer.post("/alerts/confirm", draft(when="earlier"))
    assert page.status_code == 400
    assert "Faits de plus de 15 minutes : envoyez un bulletin ou motivez le SMS" in words(page)
    assert send(officer, when="earlier").status_code == 400
    sent(officer, when="earlier", late_because="Le suspect est encore là")
    assert ordered()["late"] == "Le suspect est encore là"


def test_a_bulletin_begins_with_the_same_words_and_places(officer):
    form = draft(when="earlier", audience="some", neighbourhood=[FAR], text_nl="Diefstal.")
    answer = officer.post("/alerts/bulletin", form)
    assert answer.status_code == 303
    page = officer.get(answer.location)
    assert TEXT in page.text
    assert officer.post("/alerts/bulletin", form).location == answer.location
    with connected():
        assert Bulletin.select().count() == 1
        assert Broadcast.select().count() == 0


def test_a_bulletin_of_nothing_leads_back(officer):
    page = officer.post("/alerts/bulletin", draft(text="  "))
    assert page.status_code == 400


def test_what_the_guard_finds_is_told_while_writing_and_answered_for_before_sending(officer):
    assert "Plaque d'immatriculation : 1-ABC-123" in words(officer.post("/alerts/measure", draft(text=PLATE)))
    page = officer.post("/alerts/confirm", draft(text=PLATE))
    assert "Une plaque identifie une personne et peut être volée. Indiquez plutôt la marque et la couleur" in words(
        page
    )
    assert 'name="guarded" value="yes" required' in page.text
    refused = send(officer, text=PLATE)
    assert refused.status_code == 400
    assert "Aucun envoi n'a été effectué. Confirmez les points signalés ou corrigez le texte" in words(refused)
    assert broadcasts() == 0
    sent(officer, text=PLATE, guarded="yes")
    assert ordered()["guard"] == ["plate"]
    assert "1-ABC-123" not in json.dumps(ordered())


def test_a_clean_text_is_asked_nothing(officer):
    assert "guarded" not in officer.post("/alerts/confirm", draft()).text
    sent(officer)
    assert "guard" not in ordered()


def test_advice_is_given_and_nothing_asked(officer):
    page = officer.post("/alerts/confirm", draft(text="Restez chez vous."))
    assert "Lieu non reconnu : nommez une rue ou un quartier." in words(page)
    assert "guarded" not in page.text


def test_the_zone_s_own_numbers_are_no_stranger_s(officer):
    text = "Renseignements rue Haute au 04/330 58 71 ou www.policelocale.be/5278, jusqu'à 21h40."
    assert "guarded" not in officer.post("/alerts/confirm", draft(text=text)).text
    assert "guarded" in officer.post("/alerts/confirm", draft(text=text.replace("58 71", "58 72"))).text


def test_words_of_a_drill_go_out_as_an_alert_with_a_reason_and_never_without(officer):
    text = "Ceci est un exercice, rue Haute, 21h40."
    page = officer.post("/alerts/confirm", draft(text=text))
    assert "Alerte contenant le mot « exercice » : Ceci est un exercice" in words(page)
    assert "Ceci est un exercice" in words(page)
    assert 'name="guard_reason" value="" maxlength="300" required' in page.text
    for answers in ({}, {"guarded": "yes"}, {"guarded": "yes", "guard_reason": "x"}, {"guard_reason": "Voulu ainsi"}):
        assert send(officer, text=text, **answers).status_code == 400
    assert broadcasts() == 0
    sent(officer, text=text, guarded="yes", guard_reason="Le bourgmestre le veut ainsi")
    told = ordered()
    assert (told["guard"], told["guard_reason"]) == (["drill_words"], "Le bourgmestre le veut ainsi")


@pytest.mark.parametrize("text", ["Un test de l'eau est mauvais, rue Haute, 21h40.", "Vol rue des Tests, 21h40."])
def test_a_true_text_that_speaks_of_a_test_is_asked_nothing(officer, text):
    page = officer.post("/alerts/confirm", draft(text=text))
    assert page.status_code == 200
    assert "guarded" not in page.text
    sent(officer, text=text)


def test_a_tile_opens_a_form_with_the_time_filled_in(officer):
    page = officer.get(f"/alerts/new?template={tile().id}")
    assert "Lieu (rue, quartier)" in words(page)
    assert re.search(r'type="time" value="\d\d:\d\d"', page.text)
    assert 'name="text"' not in page.text
    assert officer.get("/alerts/new?template=99999").status_code == 404
    assert officer.get("/alerts/new?template=9999999999999").status_code == 200  # no number of ours: an empty form


def test_answers_become_the_text_that_is_previewed_confirmed_and_sent(officer):
    text = "Police Seraing/Neupré: Cambriolage: rue Haute, 21h40. Fermez tout, n'intervenez pas. Urgence: 101"
    assert text in words(officer.post("/alerts/measure", answered()))
    page = officer.post("/alerts/confirm", answered())
    assert page.status_code == 200
    assert text in words(page)
    sent(officer, **answered())
    with connected():
        assert BroadcastText.get().body == text


def test_a_form_with_a_gap_does_not_go_out(officer):
    page = officer.post("/alerts/confirm", answered(answer_lieu="  "))
    assert page.status_code == 400
    assert "Remplissez d'abord : Lieu (rue, quartier)." in words(page)
    assert send(officer, **answered(answer_lieu="")).status_code == 400
    assert broadcasts() == 0


def test_what_was_confirmed_goes_out_whatever_became_of_the_template(officer):
    confirmed = answered(made="yes", text="Cambriolage rue Haute, 21h40. Confirmé.")
    sent(officer, **confirmed)
    with connected():
        assert BroadcastText.get().body == "Cambriolage rue Haute, 21h40. Confirmé."


def test_a_label_with_braces_is_asked_for_as_it_is(officer):
    with connected():
        asks = TemplateDraft("Vol", ICONS[0], "alert", (Field("quoi", "Quoi {précisez}"),), {"fr": "Vol {quoi}."})
        ready_made = save_template(None, asks, "test", utc_now())
    page = officer.post("/alerts/confirm", draft(template=str(ready_made), text="", answer_quoi=""))
    assert page.status_code == 400
    assert "Remplissez d'abord : Quoi {précisez}." in words(page)


@pytest.mark.parametrize("word", ["EXER\u00adCICE", "EXER\u200bCICE", "U\u0308BUNG"])
def test_a_word_of_a_drill_is_seen_as_it_will_be_read(officer, word):
    page = send(officer, text=f"{word}. {TEXT}")
    assert page.status_code == 400
    assert "Alerte contenant le mot « exercice »" in words(page)
    assert broadcasts() == 0


def test_back_from_confirming_is_the_form_again(officer):
    page = officer.post("/alerts/new", answered(made="yes", text="Vol."))
    assert 'value="rue Haute"' in page.text
    assert 'name="text"' not in page.text.split("<form")[2]


def test_a_ready_made_text_can_be_changed_by_hand(officer):
    page = officer.post("/alerts/new", answered(do="free"))
    assert "Cambriolage: rue Haute, 21h40." in page.text
    assert '<textarea class="form-control alert-text" id="text"' in page.text
    assert 'name="template"' not in page.text


def test_the_zone_s_words_are_one_press_away(officer):
    page = officer.post("/alerts/new", draft(text="Vol.", do="prefix"))
    assert "Police Seraing/Neupré: Vol.</textarea>" in page.text
    page = officer.post("/alerts/new", draft(text="Vol.", text_nl="Diefstal.", do="closing"))
    assert "Vol. Urgence: 101</textarea>" in page.text
    assert "Diefstal. Noodgeval: 101</textarea>" in page.text


def test_what_an_accent_costs_is_said_again_before_the_button(officer):
    page = words(officer.post("/alerts/confirm", draft(text="Suspect vers la forêt rue Haute, 21h40. " * 3)))
    assert "À cause de ê, ce texte compte 2 SMS au lieu de 1." in page


class TestMyPhone:
    """The text to the officer's own phone first, on the real path, and to nobody else."""

    NUMBER = "+32470009999"

    @pytest.fixture
    def reachable(self, officer):
        with connected():
            Account.update(mobile=self.NUMBER).execute()
        return officer

    def test_it_goes_to_the_account_s_number_alone_and_the_draft_stays(self, reachable):
        page = reachable.post("/alerts/try", draft(audience="some", neighbourhood=[NEAR]))
        assert page.status_code == 200
        assert "SMS de test envoyé au 0470 00 99 99 uniquement." in words(page)
        assert "Envoyer à 3 personnes" in words(page)
        with connected():
            row = Broadcast.get()
            assert (row.kind, row.recipients, row.release_at) == ("test", 1, None)
            assert Message.get().msisdn == self.NUMBER

    def test_a_double_press_sends_it_once_and_another_text_again(self, reachable):
        for text in (TEXT, TEXT, f"{TEXT} Merci."):
            reachable.post("/alerts/try", draft(text=text))
        assert broadcasts() == 2

    def test_pressed_again_after_a_failure_it_is_another_try(self, reachable):
        for tries in (1, 2, 3):
            for _double in range(2):
                assert "SMS de test envoyé au" in words(reachable.post("/alerts/try", draft()))
            assert broadcasts() == tries
            modem_does(["CMS 38"])

    def test_it_counts_neither_as_an_alert_nor_as_the_same_text(self, reachable):
        reachable.post("/alerts/try", draft())
        assert "a été envoyé aux mêmes personnes" not in words(reachable.post("/alerts/confirm", draft()))
        assert "Aucun envoi" in words(reachable.get("/alerts/")) or TEXT not in words(reachable.get("/alerts/"))
        sent(reachable)

    def test_it_is_offered_to_whoever_has_a_number(self, officer):
        page = officer.post("/alerts/confirm", draft())
        assert "M'envoyer d'abord un SMS de test" not in words(page)
        assert "Pour recevoir un SMS de test, demandez à un administrateur d'ajouter votre GSM à votre compte" in words(
            page
        )
        with connected():
            Account.update(mobile=self.NUMBER).execute()
        page = officer.post("/alerts/confirm", draft())
        assert "M'envoyer d'abord un SMS de test" in words(page)
        assert "demandez à un administrateur" not in words(page)

    def test_without_a_number_it_says_who_can_add_one(self, officer):
        page = officer.post("/alerts/try", draft())
        assert "Votre compte n'a pas de GSM : un administrateur peut l'ajouter sur la page « Utilisateurs »" in words(
            page
        )
        assert TEXT in page.text
        assert broadcasts() == 0

    def test_what_may_not_go_out_does_not_go_there_either(self, reachable):
        page = reachable.post("/alerts/try", draft(when="", text=text_of(20)))
        assert "L'heure indiquée dans le texte" in words(page)
        assert broadcasts() == 0

    def test_without_a_modem_nothing_is_lost(self, reachable):
        with connected():
            Modem.delete().execute()
        page = reachable.post("/alerts/try", draft())
        assert page.status_code == 200
        assert "Aucun envoi" in words(page)
        assert TEXT in page.text


def test_a_text_left_behind_in_another_language_is_asked_about_once(officer):
    form = draft(text="Vol rue Haute.", text_nl="Diefstal Hoogstraat.", do="free")
    page = officer.post("/alerts/new", form)
    marks = dict(re.findall(r'name="(begun_\w\w)" value="([0-9a-f]+)"', page.text))
    assert set(marks) == {"begun_fr", "begun_nl"}
    changed = draft(text="Vol rue Basse.", text_nl="Diefstal Hoogstraat.", **marks)
    asked = officer.post("/alerts/confirm", changed)
    assert asked.status_code == 400
    assert "Vous avez modifié un texte, mais pas celui-ci : néerlandais" in words(asked)
    assert 'name="kept" value="nl"' in asked.text
    assert officer.post("/alerts/confirm", {**changed, "kept": "nl"}).status_code == 200
    assert officer.post("/alerts/confirm", {**changed, "text_nl": "Diefstal Laagstraat."}).status_code == 200


@pytest.mark.parametrize("place", ["", "Val Potet"])
def test_no_element_is_missing_of_a_ready_made_alert(officer, place):
    assert "non reconnu" not in words(officer.post("/alerts/measure", answered(answer_lieu=place)))
    assert "Lieu non reconnu" in words(officer.post("/alerts/measure", draft(text=f"Vol {place}")))
