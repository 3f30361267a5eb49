"""Two boxes that have each other's number: each knows the other's automatic answers, of today and of before."""

import pytest

from plp.letters.rendering import SMS
from rules.replies.meaning import Meaning, read

BEFORE = (
    "Réponse automatique: votre SMS n'est pas lu. Urgent: 101 ou 04/330 40 00. Sinon, la police de proximité: 04/330",
    "C'est noté: vous ne recevrez plus de SMS de Police locale X. Urgent: 101. Pour revenir, répondez START",
    "C'est noté: vous recevrez de nouveau les alertes de la police. Urgent: 101. Pour partir, répondez STOP",
    "Automatisch antwoord: uw sms wordt niet gelezen. Dringend: 101. Anders uw coördinator: a@example.org",
    "Genoteerd: u krijgt geen sms meer van de politie. Dringend: 101. Om terug te komen: antwoord START",
    "Genoteerd: u krijgt opnieuw de alarmberichten van de politie. Dringend: 101. Om te stoppen: antwoord STOP",
    "Automatische Antwort: Ihre SMS wird nicht gelesen. Dringend: 101.",
    "Notiert: Sie erhalten keine SMS mehr von der Polizei. Dringend: 101. Um zurückzukommen: START",
    "Notiert: Sie erhalten wieder die Meldungen von der Polizei. Dringend: 101. Um zu gehen: STOP",
    "Automatic reply: your text is not read. Urgent: 101.",
    "Noted: you will get no more texts from the police. Urgent: 101. To come back, reply START",
    "Noted: you will get the alerts of the police again. Urgent: 101. To leave, reply STOP",
)
TODAY = tuple(
    words[key].format(zone="Police locale Autre", urgent="101 ou 04/000 00 00")
    for words in SMS.values()
    for key in ("not_read", "stopped", "started")
)


@pytest.mark.parametrize("text", BEFORE + TODAY)
def test_an_answer_of_another_box_is_a_machine_s(text):
    """Such a text waits for nobody; where it names an emergency it rings, and gets no answer all the same."""
    reading = read(text)
    assert reading.author == ("perhaps_machine" if reading.meaning is Meaning.ALARM else "machine")


@pytest.mark.parametrize(
    "text",
    [
        "C'est noté, merci",
        "Vous recevrez ma réponse demain",
        "Genoteerd, u krijgt mijn antwoord morgen",
        "Notiert, danke",
        "Noted, you will get it",
    ],
)
def test_a_person_who_takes_note_is_a_person(text):
    assert read(text).author == "person"
