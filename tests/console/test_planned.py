"""The page of planned drills and bulletins: an officer plans, sees what came of it, and takes back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from db.alerts.planned import GRACE, drill_group, mark_ended, planned
from db.bulletins.drafts import bulletin
from db.bulletins.values import BulletinDraft, Words
from db.engine.clock import utc_now
from db.engine.connection import connected
from plp.services.bulletins.drafts import save_draft
from plp.services.drills import add_to_drill_group, remove_from_drill_group
from tests.console.conftest import words
from tests.support.people import person

DAY = f"{utc_now() + timedelta(days=9):%Y-%m-%d}"
DRILL = {"text": "Essai mensuel. Rien à faire.", "day": DAY, "hour": "10:00", "monthly": "yes"}
PAGE = "/drills/planned"


@pytest.fixture(autouse=True)
def group(app):
    """Somebody to practise with."""
    with connected():
        now = utc_now()
        return add_to_drill_group("member", person(9, now), "test", now)


def cards():
    with connected():
        return planned()


def test_a_drill_is_planned_and_taken_back(officer):
    assert "Rien n'est planifié." in words(officer.get(PAGE))
    page = words(officer.follow(officer.post(PAGE, DRILL, page=PAGE)))
    assert "Envoi planifié." in page
    assert "10:00 chaque mois Exercice : Essai mensuel. Rien à faire." in page
    (card,) = cards()
    page = words(officer.follow(officer.post(f"{PAGE}/{card.id}/stop", page=PAGE)))
    assert "annulé" in page
    assert [each.state for each in cards()] == ["stopped"]


def test_a_drill_for_an_empty_group_is_refused_now_rather_than_at_its_hour(officer):
    with connected():
        remove_from_drill_group(drill_group()[0].id, "test", utc_now())
    refused = officer.post(PAGE, DRILL, page=PAGE)
    assert refused.status_code == 400
    assert "Le groupe d'exercice est vide" in words(refused)
    assert cards() == []


def test_a_drill_is_planned_in_several_languages(officer):
    with connected():
        now = utc_now()
        add_to_drill_group("member", person(1, now, language="nl"), "test", now)
        add_to_drill_group("member", person(2, now, language="de"), "test", now)
    answer = officer.post(PAGE, DRILL | {"text_nl": "Maandelijkse test."}, page=PAGE)
    assert answer.status_code == 400
    assert "ce texte manque" in words(answer)
    assert "Maandelijkse test." in answer.text
    officer.post(PAGE, DRILL | {"text_nl": "Maandelijkse test.", "text_de": "Monatliche Probe."}, page=PAGE)
    assert [card.others for card in cards()] == [(("nl", "Maandelijkse test."), ("de", "Monatliche Probe."))]
    assert "Nederlands" in words(officer.get(PAGE))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"day": "2020-01-01"}, "Cette date est passée"),
        ({"day": "bientôt"}, "Donnez la date et l'heure"),
        ({"hour": ""}, "Donnez la date et l'heure"),
        ({"text": ""}, "texte"),
        ({"text": "Ceci est une alerte réelle, ce n'est pas un exercice."}, "exercice"),
    ],
)
def test_what_cannot_be_planned_is_said(officer, changes, sentence):
    answer = officer.post(PAGE, DRILL | changes, page=PAGE)
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert cards() == []


@pytest.mark.parametrize(
    ("body", "taken"), [("Deux hommes se disent livreurs.", True), ("Appelez le 0470 12 34 56.", False)]
)
def test_a_bulletin_is_planned_on_its_own_page_unless_somebody_has_to_answer_for_its_words(
    app, officer, settings, body, taken
):
    mail = replace(settings.mail, sender="plp@example.be")
    app.config["PLP_SETTINGS"] = replace(settings, mail=mail)
    with connected():
        person(8, utc_now(), role="coordinator", email="huit@example.org")
        draft = BulletinDraft("tactical", (Words("fr", "Faux livreurs", body),), everywhere=True)
        number = save_draft(None, draft, "n1", "test", utc_now())
        seen = bulletin(number).seen
    page = f"/bulletins/{number}/check"
    assert ("Envoyer plus tard" in words(officer.get(page))) is taken
    typed = {"seen": seen, "day": DAY, "hour": "10:00"}
    assert "Donnez la date et l'heure" in words(officer.post(f"/bulletins/{number}/plan", typed | {"hour": "dix"}))
    answer = officer.post(f"/bulletins/{number}/plan", typed)
    assert (answer.status_code == 303) is taken
    assert [each.bulletin_id for each in cards()] == ([number] if taken else [])
    assert ("Envoi planifié le" in words(officer.get(page))) is taken
    assert "Planifier un bulletin" not in words(officer.get(PAGE))


def test_a_bulletin_that_changed_since_its_page_is_not_planned(officer):
    with connected():
        draft = BulletinDraft("tactical", (Words("fr", "Faux livreurs", "Deux hommes."),), everywhere=True)
        number = save_draft(None, draft, "n1", "test", utc_now())
    answer = officer.post(f"/bulletins/{number}/plan", {"seen": "autre", "day": DAY, "hour": "10:00"})
    assert answer.status_code == 400
    assert cards() == []


def test_home_says_what_was_not_sent(officer):
    officer.post(PAGE, DRILL | {"monthly": ""}, page=PAGE)
    (card,) = cards()
    with connected():
        mark_ended(card, "missed", card.due_at + GRACE)
    assert "non envoyé." in words(officer.get("/"))
    assert "manqué : serveur arrêté" in words(officer.get(PAGE))


def test_only_officers_plan(sign_in):
    assert sign_in("technician").get(PAGE).status_code == 403
