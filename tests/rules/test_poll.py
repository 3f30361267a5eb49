"""Numbered answers: what a text offers, and which of them somebody chose."""

import pytest

from modem.sms.composition import count
from rules.languages import LANGUAGES, TRAITS
from rules.replies.meaning import plain
from rules.replies.poll import asking, chosen, offered

YES_NO = {1: "oui", 2: "non"}


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("Police X: Vol: rue Haute. Vu quelque chose? Répondez 1=oui, 2=non. Urgence: 101", YES_NO),
        ("Repondez 1 pour oui ou 2 pour non.", YES_NO),
        ("Répondez par 1 (oui) ou 2 (non)", YES_NO),
        ("RÉPONDEZ: 1 = oui\n2 = non\n", YES_NO),
        ("Hebt u iets gezien? Antwoord met 1=ja, 2=nee. Noodgeval: 101", {1: "ja", 2: "nee"}),
        ("Antworten Sie bitte mit 1 für ja, 2 für nein", {1: "ja", 2: "nein"}),
        ("Reply 1 if safe at home, 2 if help needed, 3 if away", {1: "safe at home", 2: "help needed", 3: "away"}),
        ("Répondez 1 ou 2", {1: "", 2: ""}),
        ("Répondez 1 si vous venez à 20h30, 2 sinon", {1: "vous venez à 20h30", 2: "sinon"}),
        ("Répondez OK. Vol au 1 rue Haute, puis au 2.", {}),
        ("Répondez STOP. Urgence: 101 ou 112", {}),
        ("Répondez 1=oui", {}),
        ("Répondez 2=non, 3=oui", {}),
        ("1 voiture, 2 auteurs, rue Haute", {}),
        ("", {}),
    ],
)
def test_what_a_text_offers(text, answers):
    assert offered(text) == answers


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_that_is_put_into_a_text_is_counted(language):
    usual = TRAITS[language]["choices"]
    text = asking("Avez-vous de l'eau ?", TRAITS["fr"]["choices"], language)
    assert "Avez-vous de l'eau? " in text
    assert offered(text) == dict(enumerate(usual, 1))
    three = asking("Où êtes-vous", ["maison", "travail", "loin"], language)
    assert offered(three) == {1: "maison", 2: "travail", 3: "loin"}
    assert count(text).forcing == ()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1), ("2", 2), (" 2. ", 2), ("1!", 1), ("1️⃣", 1), ("１", 1), ("1 oui", 1), ("1=oui", 1), ("OK 1", 1),
        ("Je réponds 2", 2), ("oui", 1), ("NON", 2), ("1 1", 1), ("réponse: 1", 1),
        ("", 0), ("3", 0), ("0", 0), ("11", 0), ("12", 0), ("1 2", 0), ("1 ou 2 ?", 0), ("½", 0), ("1er", 0),
        ("1 non", 0), ("oui et non", 0), ("1 homme armé", 0), ("-1e9", 0), ("1'; DROP TABLE", 0), ("١", 0),
        ("1" * 5000, 0), ("ok", 0), ("2 rue Haute", 0), ("101", 0),
    ],
)  # fmt: skip
def test_what_somebody_chose(text, number):
    assert chosen(plain(text), YES_NO) == number


@pytest.mark.parametrize("text", ["Répondez 1" + " 2" * 20_000, "répondez " * 20_000, "Répondez " + "(" * 50_000 + "1"])
def test_a_hostile_text_takes_no_time(text):
    offered(text)
