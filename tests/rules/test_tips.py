"""Notes beside a tip: no person in them, whatever the street is called; and the numbers of official reports."""

import pytest

from rules.refusals import FieldRefusal
from rules.text_guard import FindingsRefused, Known, require_impersonal
from rules.tips import require_pv

ZONE = Known(places=("Plainevaux", "Bois de l'Abbé"))

REFUSED = [
    "Jean Dupont rôde rue Haute.",
    "Rue Haute, Jean Dupont regarde dans les voitures.",
    "DUPONT Jean, déjà vu hier.",
    "Le nommé Karim sonne aux portes.",
    "Il s'appelle Kevin et habite au 12.",
    "M. Lambert du numéro 4.",
    "Suspect : Marie Van Den Berg.",
    "een zekere Jan Peeters belt aan",
    "ein Mann namens Schmidt",
    "Golf grise 1-ABC-123 vers Rotheux.",
    "Renault Clio, plaque AB-123-CD.",
    "Deux Roumains dans une camionnette.",
    "Un homme de type nord-africain sonne.",
    "Appelé depuis le 0470 12 34 56.",
    "Écrit par jean.dupont@example.be",
]
ALLOWED = [
    "Renault Clio grise, deux personnes, vers Plainevaux.",
    "Rue Jean Jaurès, porte forcée.",
    "Vers Plainevaux, un homme en veste bleue.",
    "VOL DANS UN VÉHICULE RUE HAUTE",
    "Camionnette Ford Transit blanche près de l'église Saint-Lambert.",
]


@pytest.mark.parametrize("words", REFUSED)
def test_a_note_that_points_to_a_person_is_refused(words):
    with pytest.raises(FindingsRefused):
        require_impersonal(words, ZONE, capital_nouns=False)


def test_a_refusal_names_all_that_must_go_and_calls_no_plate_a_person():
    with pytest.raises(FindingsRefused) as both:
        require_impersonal("Jean Dupont part en Golf grise 1-ABC-123.", ZONE, capital_nouns=False)
    assert "1-ABC-123" in str(both.value)
    assert "Jean Dupont" in str(both.value)
    assert "minuscules" not in str(both.value)
    with pytest.raises(FindingsRefused, match=r"désigne une personne.*minuscules"):
        require_impersonal("Jean Dupont rôde rue Haute.", ZONE, capital_nouns=False)


@pytest.mark.parametrize("words", ALLOWED)
def test_a_note_of_facts_is_taken(words):
    require_impersonal(words, ZONE, capital_nouns=False)


def test_two_nouns_are_no_name_in_german():
    require_impersonal("Weißer Transporter, zwei Männer am Weg", ZONE, capital_nouns=True)
    with pytest.raises(FindingsRefused):
        require_impersonal("Herr Schmidt wohnt dort", ZONE, capital_nouns=True)


def test_the_number_of_an_official_report_is_no_plate():
    for number in ("", "LI.12.L1.001234/2026", "2026/012345"):
        require_pv(number)
    for number in ("1-ABC-123", "Jean Dupont", "12345 <b>"):
        with pytest.raises(FieldRefusal):
            require_pv(number)
