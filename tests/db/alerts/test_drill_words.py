"""A drill says so in the language of its text."""

import pytest

from modem.sms.composition import count
from rules.languages import LANGUAGES
from rules.orders.texts import DRILL_WORDS, drill_text


@pytest.mark.parametrize("language", LANGUAGES)
def test_first_and_last_in_the_short_alphabet(language):
    text = drill_text("  Rien. ", language)
    assert text == f"{DRILL_WORDS[language]}. Rien. {DRILL_WORDS[language]}."
    assert count(text).encoding == "gsm7"


def test_without_a_language_it_is_the_police_s():
    assert drill_text("Rien.") == "EXERCICE. Rien. EXERCICE."
