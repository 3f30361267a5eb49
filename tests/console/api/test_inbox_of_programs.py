"""The inbox for an officer's program: what people wrote is read, taken and answered as on the pages."""

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.replies.leaving import apply_stop
from db.inbound.replies.thread import ringing
from db.journal.audit import entries
from tests.console.api.document import told
from tests.console.api.scene import program
from tests.console.inbox_scene import STRANGER, comes, mail, rings, sent, standing
from tests.support.people import mobile, person

ALL = "/api/v1/inbox"
ONE = f"{ALL}/{{ref}}"
ANSWER = "Merci, une patrouille passe ce soir rue du Bois."


@pytest.fixture
def reader(client, app):
    return program(client, scopes=("inbox:read", "inbox:write"))


def test_conversations_are_listed_with_who_wrote(reader):
    with connected():
        person(1, utc_now())
    comes(mobile(1), "Bonjour, la camionnette est revenue")
    answer = reader.get(ALL)
    assert told(ALL, "get", answer)
    (card,) = answer.json
    assert (card["person"]["names"], card["to_do"], card["open"]) == (["Prénom1 Nom001"], 1, True)
    thread = reader.get(f"{ALL}/{card['ref']}")
    assert [message["text"] for message in thread.json] == ["Bonjour, la camionnette est revenue"]
    assert told(ONE, "get", thread)
    assert reader.get(f"{ALL}?page=2").json == reader.get(f"{ALL}?filter=mail").json == []
    assert reader.get(f"{ALL}?filter=none").status_code == 400


def test_reading_a_call_for_help_does_not_stop_it_and_taking_it_does(reader):
    inbound_id = rings()
    reader.get(ALL)
    reader.get(f"{ALL}/sms-{inbound_id}")
    with connected():
        assert ringing(utc_now())
    answer = reader.post(f"{ALL}/sms-{inbound_id}/take")
    assert (answer.status_code, answer.json["taken_by"]) == (200, "API programme")
    assert told(f"{ONE}/take", "post", answer)
    with connected():
        assert not ringing(utc_now())
        assert "inbox_taken" in [entry.action for entry in entries() if entry.actor == "API programme"]


def test_a_text_is_answered_once_by_its_key_and_is_dealt_with(reader):
    ref = comes(STRANGER, "Il y a une camionnette devant chez moi")
    body = {"text": ANSWER, "idempotency_key": "a"}
    for answer in (reader.post(f"{ALL}/sms-{ref.id}/answer", body) for _press in range(2)):
        assert (answer.status_code, answer.json["open"], answer.json["handled_by"]) == (200, False, "API programme")
        assert told(f"{ONE}/answer", "post", answer)
    assert sent() == [(STRANGER, f"{ANSWER} Urgence: 101.")]


def test_what_the_page_warns_of_is_a_problem_until_it_is_meant(reader):
    ref = comes(STRANGER, "Qui est-ce ?")
    body = {"text": "Le suspect est un homme de type africain.", "idempotency_key": "a"}
    guarded = reader.post(f"{ALL}/sms-{ref.id}/answer", body)
    assert (guarded.status_code, guarded.json["code"]) == (422, "findings")
    assert told(f"{ONE}/answer", "post", guarded)
    with connected():
        person(2, utc_now())
        apply_stop(mobile(2), utc_now(), utc_now(), utc_now())
    other = comes(mobile(2), "Et alors ?")
    stopped = reader.post(f"{ALL}/sms-{other.id}/answer", {"text": ANSWER, "idempotency_key": "b"})
    assert (stopped.status_code, stopped.json["code"]) == (409, "stopped")
    assert "Nom002" not in stopped.text
    assert standing(other).is_open
    meant = {"text": ANSWER, "idempotency_key": "b", "accept": True}
    assert reader.post(f"{ALL}/sms-{other.id}/answer", meant).status_code == 200


def test_a_mail_without_a_mail_server_and_what_nobody_wrote_are_refused(reader):
    ref = mail()
    refused = reader.post(f"{ALL}/mail-{ref.id}/answer", {"text": "Bonjour.", "idempotency_key": "a"})
    assert (refused.status_code, refused.json["code"]) == (400, "reply_mail_off")
    assert reader.post(f"{ALL}/mail-{ref.id}/done").json["handled_by"] == "API programme"
    for missing in ("sms-99", "mail-0", "sms-x", "sms-१", "x"):
        assert reader.post(f"{ALL}/{missing}/take").status_code == 404
        assert reader.get(f"{ALL}/{missing}").status_code == 404
