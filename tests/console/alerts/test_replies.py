"""What came back, on the alert's page: how many said OK, who, and what else was written."""

import re
from datetime import timedelta

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.replies.judging import save_verdict
from db.inbound.replies.thread import apply_choice, apply_ok
from db.models.broadcasts import Broadcast, BroadcastText, Message
from rules.replies.values import Answer, Meaning, Silence
from tests.console.conftest import words
from tests.support.inbound import received_texts
from tests.support.inbox import comes
from tests.support.people import mobile, order, person

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def alert(ready_modem):
    """An alert to four members; its id."""
    ready_modem()
    with connected():
        for number in range(1, 5):
            person(number, utc_now())
        return order(utc_now()).id


def says_ok(alert, *numbers):
    with connected():
        for number in numbers:
            message = Message.get(Message.broadcast == alert, Message.msisdn == mobile(number))
            apply_ok(message.id, alert, utc_now())


def writes(alert, number, text, meaning=Meaning.OTHER, silence=Silence.NONE):
    with connected():
        comes(utc_now(), mobile(number), text)
        inbound_id = received_texts()[0].id
        save_verdict(inbound_id, utc_now(), meaning, "fr", Answer.NOT_READ, silence, alert)
    return inbound_id


def test_nothing_came_back(sign_in, alert):
    page = words(sign_in("officer").get(f"/alerts/{alert}"))
    assert "Réponses OK" not in page


def test_how_many_and_who(sign_in, alert):
    says_ok(alert, 1, 3, 3)
    for role, named in (("officer", True), ("technician", False), ("admin", True)):
        page = words(sign_in(role).get(f"/alerts/{alert}"))
        assert "Réponses OK : 2 sur 4 SMS" in page
        answers = words(sign_in(role).get(f"/alerts/{alert}/answers"))
        assert ("Prénom3 Nom003" in answers) == ("Prénom1 Nom001" in answers) == named


def test_what_else_was_written_is_for_officers(sign_in, alert):
    says_ok(alert, 1)
    inbound_id = writes(alert, 2, "Où exactement ?")
    writes(alert, 4, "Feu chez moi", Meaning.ALARM)
    writes(alert, 3, "STOP", Meaning.STOP)
    page = sign_in("officer").get(f"/alerts/{alert}")
    said = words(page)
    assert "Réponses OK : 1 sur 4 SMS · 2 autres réponses" in said
    assert "Prénom2 Nom002" in said
    assert f'href="/inbox/sms/{inbound_id}#text-{inbound_id}"' in page.text
    answers = said.partition("autres réponses")[2].partition("Personnes")[0]
    assert "Où exactement ?" in answers
    assert "STOP" not in answers
    assert "Où exactement" not in words(sign_in("technician").get(f"/alerts/{alert}"))


def without_seconds(page):
    """A page without the time that passes between two looks at it."""
    return re.sub(r"\d+\s(secondes?|minutes?)", "", page)


def test_it_asks_again_for_a_day(sign_in, alert):
    officer = sign_in("officer")
    fragment = officer.get(f"/alerts/{alert}/answers", headers={"HX-Request": "true"})
    assert "<html" not in fragment.text
    line, told = fragment.text.split('<div id="told"')
    assert 'hx-trigger="every 2s"' in line
    assert 'id="status"' in told
    page = officer.get(f"/alerts/{alert}").text
    assert without_seconds(line.strip()) in without_seconds(page)
    with connected():
        Broadcast.update(created_at=utc_now() - timedelta(hours=25)).where(Broadcast.id == alert).execute()
    later = officer.get(f"/alerts/{alert}/answers", headers={"HX-Request": "true"}).text
    assert "hx-trigger" not in later.partition('<div id="told"')[0]


def test_everybody_has_a_page(sign_in, alert, monkeypatch):
    monkeypatch.setattr("console.alerts.following.dossier.MOST_REPLIES", 1)
    says_ok(alert, 1, 3)
    for number in (2, 4):
        writes(alert, number, f"Question {number}")
    officer = sign_in("officer")
    page = officer.get(f"/alerts/{alert}").text
    assert f'href="/alerts/{alert}/answers"' in page
    assert ("Question 2" in page) != ("Question 4" in page)
    everybody = words(officer.get(f"/alerts/{alert}/answers"))
    for told in ("Réponses OK : 2 sur 4 SMS", "Prénom1 Nom001", "Prénom3 Nom003", "Question 2", "Question 4"):
        assert told in everybody
    assert "Label" not in words(sign_in("admin").get(f"/alerts/{alert}/answers"))


def test_what_a_machine_wrote_is_no_answer(sign_in, alert):
    writes(alert, 2, "Je suis en réunion", silence=Silence.AUTOMATIC)
    assert "réunion" not in words(sign_in("officer").get(f"/alerts/{alert}"))


def test_a_hostile_answer_stays_text(sign_in, alert):
    writes(alert, 2, "<script>alert(1)</script>{{ config }}")
    page = sign_in("officer").get(f"/alerts/{alert}").text
    assert "<script>alert" not in page
    assert "SECRET_KEY" not in page


def test_an_alert_that_is_not_there(sign_in, app):
    assert sign_in("officer").get("/alerts/999/answers").status_code == 404


def test_numbered_answers_stand_with_their_words_on_each_page(sign_in, alert):
    with connected():
        BroadcastText.update(body="Vol. Répondez 1=oui, 2=non").where(BroadcastText.broadcast == alert).execute()
        message = Message.get(Message.broadcast == alert, Message.msisdn == mobile(2))
        apply_choice(message.id, alert, utc_now(), 2)
    officer = sign_in("officer")
    for language, colon in (("nl", ": "), ("de", ": "), ("en", ": "), ("fr", " : ")):
        officer.post("/language", {"language": language})
        for page in ("", "/answers", "/dossier"):
            shown = words(officer.get(f"/alerts/{alert}{page}"))
            assert f"1 (oui){colon}0" in shown
            assert f"2 (non){colon}1" in shown
    assert "Prénom2 Nom002" in words(officer.get(f"/alerts/{alert}/answers"))


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "Réponses comptées"), ("nl", "Getelde"), ("de", "Gezählte"), ("en", "Counted")]
)
def test_the_form_says_which_answers_will_be_counted(sign_in, alert, language, said):
    officer = sign_in("officer")
    officer.post("/language", {"language": language})
    page = words(officer.post("/alerts/measure", {"text": "Vol. Répondez 1=oui, 2=<b>non</b>"}))
    assert said in page
    assert "1 (oui)" in page
