"""The API lists and changes broadcasts as `plp broadcast …` does, for officers' tokens only."""

import json

import pytest
from click.testing import CliRunner

from base.settings.values import SendingSettings
from db.alerts.values import Order
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal import audit
from db.models.broadcasts import Broadcast, BroadcastText, Message, Part
from db.models.policy import ZonePolicy
from db.people.audience import Audience
from db.people.zone import policy
from plp.cli.main import main
from plp.services.orders.placing import place
from rules.orders.agreement import needs_second
from tests.console.alerts import scene
from tests.console.api.document import told
from tests.console.api.scene import TEXT, program
from tests.support.people import person

ONE = "/api/v1/broadcasts/{broadcast_id}"
BODIES = {
    "cancel": None,
    "pause": None,
    "resume": None,
    "release": {},
    "resend": {"only": "failed"},
    "correct": {"text": "Fausse alerte."},
    "end": {"text": "Tout est normal."},
}


@pytest.fixture
def officer(client, ready_modem):
    ready_modem()
    scene.people()
    return program(client)


def parts(state):
    with connected():
        return Part.select().where(Part.state == state).count()


def test_the_list_is_newest_first_in_pages_and_the_command_prints_the_same(officer, settings):
    for number in range(4):
        officer.order(text=f"{TEXT} {number}")
    answer = officer.get("/api/v1/broadcasts")
    assert told("/api/v1/broadcasts", "get", answer)
    assert [each["id"] for each in answer.json] == [4, 3, 2, 1]
    assert answer.json[0]["ordered_by"] == "API programme"
    second = officer.get("/api/v1/broadcasts?limit=2&before=4").json
    assert [each["id"] for each in second] == [3, 2]
    command = ["--config", str(settings.path), "broadcast", "list"]
    printed = CliRunner().invoke(main, [*command, "--limit", "2", "--before", "4", "--json"])
    assert json.loads(printed.stdout) == second
    lines = CliRunner().invoke(main, command).stdout.splitlines()
    assert [line.split(",")[0] for line in lines] == ["Envoi 4", "Envoi 3", "Envoi 2", "Envoi 1"]


def test_what_the_machine_sent_by_itself_is_not_listed(officer):
    officer.order()
    with connected():
        Broadcast.update(kind="welcome").execute()
    assert officer.get("/api/v1/broadcasts").json == []


@pytest.mark.parametrize("asked", ["limit=0", "limit=101", "limit=x", "before=0", "before=-1", "page=2", "limit="])
def test_a_page_that_is_not_understood_is_refused(officer, asked):
    answer = officer.get(f"/api/v1/broadcasts?{asked}")
    assert answer.status_code == 400
    assert told("/api/v1/broadcasts", "get", answer)


def test_pause_resume_and_cancel(officer):
    officer.order()
    for action, state in (("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")):
        answer = officer.act(action)
        assert (answer.status_code, answer.json) == (200, {"id": 1, "state": state, "messages": 5})
        assert told(f"{ONE}/{action}", "post", answer)
        again = officer.act(action)
        assert (again.status_code, again.json["code"]) == (409, "wrong_state")
    assert parts("cancelled") == 5
    with connected():
        ordered = {entry.action: entry.actor for entry in audit.entries_about("1")}
    assert ordered["broadcast_paused"] == ordered["broadcast_cancelled"] == "API programme"


def test_held_work_is_released(officer):
    officer.order()
    with connected():
        Broadcast.update(stage="held").execute()
    answer = officer.act("release", {"rest": False})
    assert (answer.status_code, answer.json) == (200, {"id": 1, "state": "queued", "messages": 5})
    assert told(f"{ONE}/release", "post", answer)


def test_a_resend_with_its_key_goes_out_once_although_it_failed_again(officer):
    officer.order()
    scene.modem_does(["CMS 1"])
    body = {"only": "failed", "idempotency_key": "k"}
    answer = officer.act("resend", body)
    assert (answer.status_code, answer.json["messages"]) == (200, 1)
    assert told(f"{ONE}/resend", "post", answer)
    with connected():
        Part.update(state="failed").where(Part.message == 1).execute()
    assert officer.act("resend", body).json["messages"] == 1
    assert parts("failed") == 1
    assert officer.act("resend", {**body, "only": "unconfirmed"}).status_code == 409
    assert officer.act("resend", {**body, "idempotency_key": "k2"}).json["messages"] == 1
    assert parts("failed") == 0
    assert officer.act("resend", {"only": "failed"}).status_code == 409


def test_a_correction_and_an_end_go_out_once_for_each_key(officer):
    officer.order()
    scene.modem_does(["sent", "sent"])
    correction = {"text": "Fausse alerte.", "rest": True, "idempotency_key": "c"}
    answer = officer.act("correct", correction)
    assert (answer.status_code, answer.location) == (201, "/api/v1/broadcasts/2")
    assert (answer.json["recipients"], answer.json["rest"]["recipients"]) == (2, 3)
    assert told(f"{ONE}/correct", "post", answer)
    assert officer.act("correct", correction).json == answer.json
    ended = officer.act("end", {"text": "Tout est normal.", "idempotency_key": "e"})
    assert ended.status_code == 201
    assert told(f"{ONE}/end", "post", ended)
    assert officer.act("end", {"text": "Tout est normal.", "idempotency_key": "e"}).json == ended.json
    assert officer.act("end", {"text": "Tout est normal.", "idempotency_key": "c"}).status_code == 409
    assert scene.broadcasts() == 4


def test_each_reader_gets_the_text_of_their_language(officer):
    with connected():
        person(7, utc_now(), scene.NEAR, language="nl")
        order = Order(Audience(everyone=True), "alert", "urgent", "API programme")
        place({"fr": TEXT, "nl": "Diefstal in de Stationsstraat."}, order, SendingSettings(undo_seconds=0), utc_now())
    scene.modem_does(["sent"] * 6)
    answer = officer.act("end", {"text": "Tout est normal.", "texts": {"nl": "Alles is normaal."}})
    assert (answer.status_code, answer.json["recipients"]) == (201, 6)
    with connected():
        read = {
            row.text.language: row.text.body
            for row in Message.select(Message, BroadcastText).join(BroadcastText).where(Message.broadcast == 2)
        }
    assert "Alles is normaal." in read["nl"]
    assert "Tout est normal." in read["fr"]


@pytest.mark.parametrize("action", ["correct", "end"])
def test_the_text_guard_looks_at_it_too(officer, action):
    officer.order()
    scene.modem_does(["sent"])
    body = {"text": "Le suspect est un homme de type africain."}
    answer = officer.act(action, body)
    assert (answer.status_code, answer.json["findings"][0]["kind"]) == (422, "ethnic")
    assert told(f"{ONE}/{action}", "post", answer)
    assert (scene.broadcasts(), parts("queued")) == (1, 4)
    meant = officer.act(action, {**body, "accept_findings": "Demandé par le parquet."})
    assert meant.status_code == 201, meant.json


def test_a_late_correction_waits_for_a_second_person(officer, monkeypatch):
    officer.order()
    scene.modem_does(["sent"])
    with connected():
        ZonePolicy.create(approval="second")
        assert needs_second(policy().approval, "alert", 1)
    monkeypatch.setattr("plp.services.orders.following_up._late", lambda *_when: True)
    answer = officer.act("correct", {"text": "Fausse alerte."})
    assert (answer.status_code, answer.json["state"]) == (202, "awaiting_approval")


@pytest.mark.parametrize(("action", "body"), BODIES.items())
def test_no_such_broadcast_is_404(officer, action, body):
    answer = officer.act(action, body, broadcast_id=99)
    assert (answer.status_code, answer.json["error"]) == (404, "L'envoi 99 n'existe pas.")
    assert told(f"{ONE}/{action}", "post", answer)


@pytest.mark.parametrize(("action", "body"), BODIES.items())
def test_only_an_officer_s_token_acts(officer, action, body):
    officer.order()
    for role in ("technician", "admin"):
        answer = program(officer.client, role, role).act(action, body)
        assert answer.status_code == 403
        assert told(f"{ONE}/{action}", "post", answer)
    assert officer.client.post(f"/api/v1/broadcasts/1/{action}", json=body).status_code == 401
    assert parts("queued") == 5


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("cancel", {"now": True}),
        ("pause", []),
        ("release", {"rest": "yes"}),
        ("resend", {}),
        ("resend", {"only": "sent"}),
        ("resend", {"only": ["failed"]}),
        ("resend", {"only": "failed", "idempotency_key": ""}),
        ("correct", {"text": "Non.", "only": "failed"}),
        ("correct", {"text": " "}),
        ("correct", {"text": "Non.", "texts": {"it": "No."}}),
        ("correct", {"text": "Non.", "texts": {"nl": 5}}),
        ("end", {"text": "Fin.", "texts": ["nl"]}),
        ("end", {"text": "Fin.", "rest": True}),
        ("end", {"text": "Fin \ud800"}),
    ],
)
def test_a_body_that_is_not_understood_changes_nothing(officer, action, body):
    officer.order()
    scene.modem_does(["sent"])
    answer = officer.act(action, body)
    assert answer.status_code == 400, answer.json
    assert told(f"{ONE}/{action}", "post", answer)
    assert (scene.broadcasts(), parts("queued")) == (1, 4)


def test_what_reached_nobody_is_not_corrected(officer):
    officer.order()
    answer = officer.act("correct", {"text": "Fausse alerte."})
    assert answer.status_code == 409
    assert "alerté personne" in answer.json["error"]
