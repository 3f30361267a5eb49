"""What a correction and an end of alert begin with."""

import pytest

from modem.sms.composition import compose
from rules.orders.texts import OPENING_WORDS, follow_up_text


@pytest.mark.parametrize("kind", ["correction", "end"])
@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_it_says_what_it_is_first_in_its_language_and_in_the_narrow_alphabet(kind, language):
    text = follow_up_text("  Rien. ", kind, language)
    assert text == f"{OPENING_WORDS[kind][language]}. Rien."
    assert compose(text).encoding == "gsm7"
    assert follow_up_text(text, kind, language) == text


@pytest.mark.parametrize(
    ("kind", "typed", "arrives"),
    [
        ("correction", "CORRECTION. Fausse alerte.", "CORRECTION. Fausse alerte."),
        ("correction", "Correction : fausse alerte.", "CORRECTION. Fausse alerte."),
        ("correction", "CORRECTION Fausse alerte.", "CORRECTION. Fausse alerte."),
        ("correction", "Rechtzetting - vals alarm.", "CORRECTION. Vals alarm."),
        ("correction", "correction", "CORRECTION."),
        ("correction", "Correction de l'adresse : rue Haute.", "CORRECTION. Correction de l'adresse : rue Haute."),
        ("correction", "FIN D'ALERTE. Rien.", "CORRECTION. FIN D'ALERTE. Rien."),
        ("end", "Fin d’alerte… merci.", "FIN D'ALERTE. Merci."),
        ("end", "Fin d’alerte ! Merci.", "FIN D'ALERTE. Merci."),
        ("end", "FIN  D'ALERTE\nMerci.", "FIN D'ALERTE. Merci."),
        ("end", "Un homme armé rôde.", "FIN D'ALERTE. Un homme armé rôde."),
    ],
)
def test_what_the_officer_typed_of_it_is_not_doubled(kind, typed, arrives):
    assert follow_up_text(typed, kind) == arrives
    signed = follow_up_text(typed, kind, prefix="Police Ici:")
    assert signed == f"Police Ici: {arrives}"
    assert follow_up_text(signed, kind, prefix="Police Ici:") == signed
    assert follow_up_text(f"Police Ici: {typed}", kind, prefix="Police Ici:") == signed
