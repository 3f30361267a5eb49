"""What the machine made of a text, in words."""

from datetime import UTC, datetime

import pytest

from console.verdicts import MEANINGS, SILENCES, verdict_words
from db.answers import Answer, Meaning, Silence, VerdictCard

AT = datetime(2026, 11, 24, 20, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("meaning", "answer", "silence", "at", "said"),
    [
        ("stop", "stopped", "", AT, "Ne reçoit plus de SMS. Réponse automatique envoyée à 21:40."),
        ("stop", "stopped", "repeated", None, "Ne reçoit plus de SMS. Pas de réponse automatique : ce numéro"),
        ("stop", "", "", None, "STOP sans effet"),
        ("start", "started", "", None, "Reçoit les SMS. La réponse automatique attend un modem."),
        ("ok", "", "", None, "Compté comme OK."),
        ("alarm", "not_read", "", AT, "Contient un mot d'alarme. Réponse automatique envoyée à 21:40."),
        ("other", "not_read", "", AT, "Réponse automatique envoyée à 21:40."),
        ("other", "", "", None, ""),
    ],
)  # fmt: skip
def test_in_words(app, meaning, answer, silence, at, said):
    with app.test_request_context():
        words = verdict_words(VerdictCard(Meaning(meaning), Answer(answer), Silence(silence), at, None))
    assert words.startswith(said)
    assert bool(words) == bool(said)


def test_every_silence_has_words():
    assert set(SILENCES) == set(Silence) - {Silence.NONE}
    assert {meaning for meaning, _answer in MEANINGS} == set(Meaning) - {Meaning.OTHER}
