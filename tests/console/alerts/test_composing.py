"""Write: the server's own count, what an accent costs, and to whom."""

import html
import re
from datetime import timedelta

import pytest

from db.alerts.templates import templates
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Broadcast
from tests.console.alerts.scene import FAR, NEAR, TEXT, draft, modem_does, sent
from tests.console.conftest import words
from tests.support.sampling import sampled

ACCENTS = "Suspect en fuite vers la forêt, veste grise. " * 3 + "Police."
HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "{{ 7*7 }} {% raw %}",
    "%(n)s {name} %s",
    "nul\x00nul",
    "\u202eenvers\u202c",
    "🚨🇧🇪👨‍👩‍👧",
    "מה שלום",
    "x" * 60_000,
    "é" * 60_000,
    "",
    "   \n\n  ",
]


def test_the_form_shows_the_neighbourhoods_with_their_people(officer):
    page = officer.get("/alerts/new")
    assert page.status_code == 200
    assert f"{NEAR} 3 personnes" in words(page)
    assert f"{FAR} 2 personnes" in words(page)


def test_nothing_is_chosen_before_the_officer_chose(officer):
    assert "checked" not in officer.get("/alerts/new").text


@pytest.mark.parametrize(("text", "said"), [("a" * 160, "1 SMS"), ("a" * 161, "2 SMS"), ("ê" * 71, "2 SMS"), ("", "")])
def test_the_count_is_the_server_s(officer, text, said):
    answer = officer.post("/alerts/measure", draft(text=text))
    assert answer.status_code == 200
    assert said in words(answer)
    assert "<html" not in answer.text


def test_a_euro_counts_two(officer):
    assert "2 caractères" in words(officer.post("/alerts/measure", draft(text="€")))


def test_what_accents_cost_is_named_and_marked(officer):
    page = officer.post("/alerts/measure", draft(text=ACCENTS))
    assert "Ces caractères portent le message à 3 SMS. En les remplaçant : 1 SMS." in words(page)
    assert "<del>ê</del><ins>e</ins>" in page.text


def test_one_click_replaces_them_and_keeps_all_the_rest(officer):
    form = draft(text=ACCENTS, do="replace", audience="some", neighbourhood=[FAR])
    page = officer.post("/alerts/new", form)
    assert "vers la foret" in page.text
    assert "forêt" not in page.text
    assert page.text.count("checked") == 2
    assert 'value="a-nonce-of-this-form"' in page.text


def test_what_has_no_replacement_is_named(officer):
    page = officer.post("/alerts/measure", draft(text="Alerte 🚨 forêt"))
    assert "Sans équivalent : 🚨." in words(page)
    assert 'value="replace"' in page.text  # the rest can still go
    assert "<del>ê</del><ins>e</ins>" in page.text
    assert "Alerte 🚨 foret</textarea>" in officer.post("/alerts/new", draft(text="Alerte 🚨 forêt", do="replace")).text
    assert 'value="replace"' not in officer.post("/alerts/measure", draft(text="Alerte 🚨")).text


def test_an_invisible_space_is_seen(officer):
    page = officer.post("/alerts/measure", draft(text="21\u00a0h"))
    assert "espace insécable" in words(page)
    assert "<del>␣</del><ins>␣</ins>" in page.text


def test_the_running_total_follows_the_choice(officer):
    some = officer.post("/alerts/measure", draft(audience="some", neighbourhood=[FAR]))
    assert "2 personnes · dernier SMS vers" in words(some)
    # Members without a mobile are counted as such before every alert, also while it is written.
    assert "5 personnes · 1 sans GSM" in words(officer.post("/alerts/measure", draft()))
    nobody = officer.post("/alerts/measure", draft(audience="some"))
    assert "Choisissez les destinataires de l'alerte." in words(nobody)


def test_a_drill_is_counted_with_its_words(officer):
    assert "180 caractères" in words(officer.post("/drills/measure", draft(text="a" * 160)))


def test_too_long_is_refused_with_the_text_kept(officer):
    text = "Un texte bien trop long. " * 80
    page = officer.post("/alerts/confirm", draft(text=text))
    assert page.status_code == 400
    assert "le maximum est 10" in words(page)
    assert text.strip() in html.unescape(page.text)


@pytest.mark.parametrize("gone", ["Ailleurs", ""])
def test_a_neighbourhood_that_is_gone_is_said_and_never_dropped(officer, gone):
    page = officer.post("/alerts/confirm", draft(audience="some", neighbourhood=[NEAR, gone]))
    assert page.status_code == 400
    assert f"Quartier inconnu : {gone}" in words(page)


@pytest.mark.parametrize("text", sampled(HOSTILE, 3))
def test_hostile_text_stays_text(officer, text):
    everywhere = {"audience": text[:40], "neighbourhood": [text[:300], NEAR], "drill": text[:9], "nonce": text[:90]}
    token = officer.token()
    for path in ("/alerts/new", "/alerts/measure", "/alerts/confirm", "/alerts/send"):
        for fields in (everywhere, {}):
            form = {**draft(text=text, typed=text[:99], reason=text[:900], again=text[:5]), **fields}
            page = officer.client.post(path, data={"csrf_token": token, **form})
            assert page.status_code in (200, 400, 409), path
            assert "<script>alert" not in page.text
            assert "<img src=x" not in page.text
            assert "49 {%" not in page.text


def test_a_drill_taken_up_again_stays_a_drill(officer):
    page = officer.follow(officer.get(f"/alerts/new?from={sent(officer, drill='yes')}"))
    assert f">\n{TEXT}</textarea>" in page.text
    assert "Préparer un exercice" in words(page)


def test_an_earlier_text_is_taken_up_again(officer):
    number = sent(officer)
    assert TEXT in officer.get(f"/alerts/new?from={number}").text
    assert officer.get("/alerts/new?from=99999").status_code == 404
    assert officer.get("/alerts/new?from=drop").status_code == 200


def test_that_it_is_over_is_said_of_an_alert_before_it_is_written_anew(officer):
    with connected():
        ends, other = (
            [each.id for each in templates() if (each.title == "Fin d'alerte") is over] for over in (True, False)
        )
    unsent, number = sent(officer, text="Autre texte."), sent(officer)
    assert "Quelle alerte clôturer ?" not in words(officer.get(f"/alerts/new?template={ends[0]}")), "nobody has any"
    officer.post(f"/alerts/{unsent}/cancel")
    modem_does(["sent"] * 5)
    page = officer.get(f"/alerts/new?template={ends[0]}")
    assert "Quelle alerte clôturer ?" in words(page)
    assert re.findall(r"/alerts/(\d+)/follow-up\?kind=end", page.text) == [str(number)]
    assert 'id="compose"' not in page.text
    assert 'id="compose"' in officer.get(f"/alerts/new?template={ends[0]}&other=yes").text
    assert "Quelle alerte clôturer ?" not in words(officer.get(f"/alerts/new?template={other[0]}"))
    with connected():
        Broadcast.update(created_at=utc_now() - timedelta(hours=25)).execute()
    assert "Quelle alerte clôturer ?" not in words(officer.get(f"/alerts/new?template={ends[0]}"))


def test_what_was_ended_is_not_asked_about_again(officer):
    number = sent(officer)
    modem_does(["sent"] * 5)
    form = {"nonce": "a-nonce-of-an-end-here", "kind": "end", "text": "Merci."}
    primary = 'plp-button-primary" href="'
    assert primary in officer.get(f"/alerts/{number}").text
    assert officer.post(f"/alerts/{number}/follow-up", form).status_code == 303
    assert primary not in officer.get(f"/alerts/{number}").text, "an end is not the next step a second time"
    with connected():
        ends = next(each.id for each in templates() if each.title == "Fin d'alerte")
    assert "Quelle alerte clôturer ?" not in words(officer.get(f"/alerts/new?template={ends}"))


def asking(**fields):
    return {"nonce": "n" * 24, "do": "ask", **fields}


def test_a_question_with_its_choices_is_put_into_each_text_and_its_answers_are_counted(officer):
    assert "Poser une question" in words(officer.get("/alerts/new"))
    form = asking(text="Fuite d'eau rue Haute.", text_nl="Waterlek rue Haute.")
    french = {"question_fr": "Avez-vous de l'eau ?", "choices_fr": "oui, non"}
    page = officer.post("/alerts/new", form | french | {"question_nl": "Hebt u water?", "choices_nl": "ja, nee"})
    assert "Fuite d&#39;eau rue Haute. Avez-vous de l&#39;eau? Répondez 1=oui, 2=non." in page.text
    assert "Waterlek rue Haute. Hebt u water? Antwoord 1=ja, 2=nee." in page.text
    assert "Réponses comptées" in words(page)
    assert "1 (oui)" in words(page)
    assert "2 (non)" in words(page)
    assert "Poser une question" not in words(page)


def test_each_language_of_a_ready_made_alert_asks_in_its_own_words(officer):
    ready_made = asking(template=1, answer_lieu="rue Haute", answer_heure="21:40")
    page = officer.get("/alerts/new?template=1").text
    languages = re.findall(r'name="question_(..)"', page)
    assert languages[0] == "fr"
    assert len(languages) > 1
    asked = {f"question_{language}": f"Vu {language}" for language in languages}
    choices = {f"choices_{language}": f"a{language}, b{language}, c{language}" for language in languages}
    page = officer.post("/alerts/new", ready_made | asked | choices)
    for language in languages:
        assert re.search(rf"Vu {language}\? [^=]+ 1=a{language}, 2=b{language}, 3=c{language}\.", page.text), language
    carried = dict(re.findall(r'name="(asked_..)" value="([^"]+)"', page.text))
    assert set(carried) == {f"asked_{language}" for language in languages}
    assert 'name="template" value="1"' in page.text, "it stays the ready-made alert that it was"
    changed = officer.post("/alerts/new", ready_made | carried | {"answer_lieu": "rue Basse", "do": ""}).text
    assert "rue Basse" in changed
    assert "Vu fr?" in changed
    without = officer.post("/alerts/new", ready_made | carried | {"do": "unask"}).text
    assert "Vu fr?" not in without
    assert 'name="question_fr"' in without


def test_a_ready_made_alert_with_a_question_goes_out_under_its_title(officer):
    asked = {"asked_fr": "Vu quelqu'un? Répondez 1=oui, 2=non.", "asked_nl": "Iemand gezien? Antwoord 1=ja, 2=nee."}
    number = sent(officer, text="", template=1, answer_lieu="rue Haute", answer_heure="21:40", **asked)
    with connected():
        alert = Broadcast.get_by_id(number)
        texts = {row.language: row.body for row in alert.texts}
        assert alert.template_id == 1
    assert texts["fr"].endswith("Vu quelqu'un? Répondez 1=oui, 2=non.")
    assert "Cambriolage en cours" in re.search(r"<h1.*?</h1>", officer.get(f"/alerts/{number}").text, re.S)[0]


def test_the_question_of_a_ready_made_alert_that_is_gone_meanwhile_is_taken_away_without_a_fault(officer):
    page = officer.post("/alerts/new", asking(text="Fuite d'eau.", template=9999, do="unask"))
    assert page.status_code == 200
    assert "Fuite d&#39;eau.</textarea>" in page.text


@pytest.mark.parametrize(
    ("dutch", "said"),
    [
        ({}, "Indiquez la question et de 2 à 9 choix, séparés par des virgules (néerlandais)."),
        ({"question_nl": "Hebt u water?", "choices_nl": "ja, nee, soms"}, "Donnez autant de choix dans chaque langue"),
    ],
)
def test_a_question_in_one_language_alone_is_in_no_text(officer, dutch, said):
    form = asking(text="Fuite d'eau.", text_nl="Waterlek.", question_fr="Avez-vous de l'eau", choices_fr="oui, non")
    page = officer.post("/alerts/new", form | dutch)
    assert said in words(page)
    assert "Fuite d&#39;eau.</textarea>" in page.text
    assert "Waterlek.</textarea>" in page.text
    assert 'value="Avez-vous de l&#39;eau"' in page.text, "what was typed stays"


@pytest.mark.parametrize(("question", "choices"), [("", "oui, non"), ("Avez-vous de l'eau", "oui"), ("Quoi", " , ")])
def test_half_a_question_is_said_and_the_text_is_kept(officer, question, choices):
    page = officer.post("/alerts/new", asking(text="Fuite d'eau.", question_fr=question, choices_fr=choices))
    assert "Indiquez la question et de 2 à 9 choix" in words(page)
    assert "Fuite d&#39;eau.</textarea>" in page.text


def test_a_place_that_is_no_neighbourhood_is_said_until_one_is_ticked(officer):
    hint = "Aucun quartier reconnu : cochez-en un."
    form = {"text": "", "template": 1, "answer_lieu": "plainvaux", "answer_heure": "21:40"}
    assert hint in words(officer.post("/alerts/measure", form))
    assert hint not in words(officer.post("/alerts/measure", {**form, "answer_lieu": NEAR}))
    assert hint not in words(officer.post("/alerts/measure", {**form, "audience": "some", "neighbourhood": FAR}))
    assert hint not in words(officer.post("/alerts/measure", {**form, "audience": "all"}))
