"""Answering by SMS to somebody who wrote by SMS: one SMS, guarded, once, and not to who stopped without a warning."""

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.replies.leaving import apply_stop
from db.journal.audit import entries
from tests.console.conftest import words
from tests.console.inbox_scene import STRANGER, address, comes, sent, standing
from tests.support.people import mobile, person

ANSWER = "Merci, une patrouille passe ce soir rue du Bois."


def writes(officer, ref, text=ANSWER, **fields):
    form = {"reply": text, "nonce": "a-nonce-of-this-form", "seen": f"sms-{ref.id}", **fields}
    return officer.post(f"{address(ref)}/text", form, page=address(ref))


def test_one_sms_goes_back_once_and_the_message_is_handled(officer):
    ref = comes(STRANGER, "Il y a une camionnette devant chez moi")
    assert "Répondre par SMS" in words(officer.get(address(ref)))
    assert [writes(officer, ref).status_code for _press in range(2)] == [303, 303]
    assert not standing(ref).is_open
    assert sent() == [(STRANGER, f"{ANSWER} Urgence: 101.")]
    assert sent() == [(STRANGER, f"{ANSWER} Urgence: 101.")]
    assert "Test officer a répondu" in words(officer.get(address(ref)))
    with connected():
        (told,) = [entry for entry in entries() if entry.action == "inbox_answered"]
    assert told.detail == {"answer": "text"}


def test_the_members_language_is_named_and_used(officer):
    with connected():
        person(1, utc_now(), language="nl")
    ref = comes(mobile(1), "Wat is er aan de hand")
    assert "en néerlandais" in words(officer.get(address(ref)))
    writes(officer, ref, "Alles is in orde.")
    assert sent() == [(mobile(1), "Alles is in orde. Noodgeval: 101.")]


def test_the_emergency_number_gives_way_to_the_officers_words(officer):
    ref = comes(STRANGER)
    writes(officer, ref, "x" * 155)
    assert sent() == [(STRANGER, "x" * 155)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (" ", "Rédigez la réponse avant de l'envoyer."),
        ("x" * 161, "La réponse dépasse un SMS"),
        ("é" * 60 + "🚨" * 10, "La réponse dépasse un SMS"),
    ],
)
def test_what_is_no_one_sms_is_refused_and_its_words_stay(officer, text, sentence):
    ref = comes(STRANGER)
    answer = writes(officer, ref, text)
    assert (answer.status_code, sentence in words(answer)) == (400, True)
    assert text.strip() in answer.text
    assert sent() == []


def test_what_the_guard_finds_is_confirmed_first(officer):
    ref = comes(STRANGER)
    text = "La voiture 1-ABC-234 est retrouvée."
    answer = writes(officer, ref, text)
    assert answer.status_code == 400
    assert "1-ABC-234</mark>" in answer.text
    assert sent() == []
    assert writes(officer, ref, text, accepted="yes").status_code == 303
    assert len(sent()) == 1


def test_who_stopped_gets_nothing_without_a_warning(officer):
    with connected():
        person(1, utc_now())
    ref = comes(mobile(1), "Que se passe-t-il ?")
    with connected():
        apply_stop(mobile(1), utc_now(), utc_now(), utc_now())
    assert "Ne souhaite plus de SMS : Prénom1 Nom001 (Plainevaux)" in words(officer.get(address(ref)))
    answer = writes(officer, ref)
    assert "ne souhaite plus de SMS : confirmez, ou téléphonez." in words(answer)
    assert sent() == []
    assert writes(officer, ref, accepted="yes").status_code == 303
    assert len(sent()) == 1


def test_a_sender_without_a_number_cannot_be_answered(officer):
    ref = comes("PROXIMUS", "Votre solde")
    assert "Répondre par SMS" not in words(officer.get(address(ref)))
    assert writes(officer, ref).status_code == 400
    assert sent() == []
