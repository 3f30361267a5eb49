"""Errors as programs read them: a code that stays, the sentence in the reader's language, and the place of it."""

from datetime import timedelta

import pytest
from limits import parse

from console.api.blueprint import MOST
from console.api.openapi import DOCUMENT
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.accounts import ApiToken
from db.models.people import Member
from plp.jobs.alarms.channels.webhook import signed
from tests.console.alerts import scene
from tests.console.api.document import told
from tests.console.api.scene import TEXT, program

ALL = "/api/v1/broadcasts"
# What is wrong in a body, and where.
PLACES = [
    ({"audience": {"all": True}}, "text"),
    ({"text": 5, "audience": {"all": True}}, "text"),
    ({"text": TEXT, "audience": {"to": ["+32470000001", 5]}}, "audience.to[1]"),
    ({"text": TEXT, "audience": {"neighbourhoods": []}}, "audience.neighbourhoods"),
    ({"text": TEXT, "audience": {}}, "audience"),
    ({"text": TEXT, "audience": {"all": 1}}, "audience.all"),
    ({"text": TEXT, "audience": {"all": True}, "texts": {"xx": "?"}}, "texts.xx"),
    ({"text": TEXT, "audience": {"all": True}, "priority": "now"}, "priority"),
    ({"text": TEXT, "audience": {"all": True}, "colour": "red"}, "colour"),
]
# What is no JSON, and what the sentence says of it.
BROKEN = [
    (b'{"text": "a",\n "audience": }', "ligne 2, colonne 14"),
    (b'{"text": "\xff"}', "octet 11"),
    (b'{"text": NaN}', "NaN"),
    (b'{"text": "a", "text": "b"}', "text figure deux fois"),
    (b"[" * 100_000, "trop compliqué"),
    (b'{"text": ' + b"9" * 5000 + b"}", "trop compliqué"),
]


@pytest.fixture
def officer(client, ready_modem):
    ready_modem()
    scene.people()
    return program(client)


@pytest.mark.parametrize(("body", "place"), PLACES)
def test_the_place_in_the_body_is_named(officer, body, place):
    answer = officer.client.post(ALL, json=body, headers=officer.headers)
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (400, "field", place)
    assert told(ALL, "post", answer)


@pytest.mark.parametrize(("body", "words"), BROKEN)
def test_what_is_no_json_is_told_with_its_place(officer, body, words):
    answer = officer.client.post(ALL, data=body, content_type="application/json", headers=officer.headers)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_json")
    assert words in answer.json["detail"]


def test_what_is_null_is_as_left_out(officer):
    assert officer.order(priority=None, idempotency_key=None, texts=None).status_code == 201
    assert officer.order(text=None).json["field"] == "text"


@pytest.mark.parametrize(
    ("language", "words"),
    [("", "Ce jeton"), ("nl", "rol"), ("de;q=0.9, en;q=0.1", "Rolle"), ("en", "role"), ("zz", "Ce jeton")],
)
def test_the_sentence_is_in_the_reader_s_language_and_the_error_stays_french(officer, language, words):
    technician = program(officer.client, "technician", "t")
    answer = officer.client.post(ALL, json={}, headers=technician.headers | {"Accept-Language": language})
    assert (answer.status_code, answer.json["status"], answer.json["code"]) == (403, 403, "role")
    assert words in answer.json["detail"]
    assert answer.json["error"].startswith("Ce jeton a le rôle technician.")
    assert answer.mimetype == "application/problem+json"


def test_each_conflict_has_its_code(officer):
    officer.order(idempotency_key="k")
    assert officer.order().json["code"] == "duplicate"
    assert officer.order(idempotency_key="k", text="Autre.").json["code"] == "key_taken"
    assert officer.act("resume").json["code"] == "wrong_state"
    assert officer.get(f"{ALL}/99").json["code"] == "missing"


def test_a_token_s_requests_are_counted_told_and_limited(officer, monkeypatch):
    monkeypatch.setattr("console.api.blueprint._RATE", parse("3 per 60 seconds"))
    other = program(officer.client, name="autre")
    answers = [officer.get("/api/v1/modems") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == f'"token";q={MOST};w=60'
    assert answers[0].headers["RateLimit"].startswith('"token";r=2;t=')
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
    assert answers[3].json["code"] == "too_many"
    assert told("/api/v1/modems", "get", answers[3])
    assert other.get("/api/v1/modems").status_code == 200


def test_whoever_waits_as_long_as_told_is_let_in(officer, monkeypatch):
    monkeypatch.setattr("console.api.blueprint._RATE", parse("1 per 60 seconds"))
    monkeypatch.setattr("console.api.blueprint.time", lambda: 1000.0)
    monkeypatch.setattr("console.api.blueprint.limiter.limiter.get_window_stats", lambda *_of: (1051.4, 0))
    officer.get("/api/v1/modems")
    assert officer.get("/api/v1/modems").headers["Retry-After"] == "52"


def test_a_token_opens_what_it_was_made_for(officer):
    reader = program(officer.client, name="lecture", scopes=["broadcasts:read"])
    assert reader.get(ALL).status_code == 200
    refused = reader.order()
    assert (refused.status_code, refused.json["code"]) == (403, "scope")
    assert "broadcasts:send" in refused.json["detail"]
    assert reader.get("/api/v1/modems").status_code == 403


@pytest.mark.parametrize(("column", "code"), [("revoked_at", "token_revoked"), ("expires_at", "token_expired")])
def test_whoever_holds_a_token_is_told_how_it_ended_and_a_stranger_is_not(officer, column, code):
    assert officer.get("/api/v1/modems").status_code == 200
    with connected():
        ApiToken.update(**{column: utc_now() - timedelta(minutes=1)}).execute()
    ended = officer.get("/api/v1/modems")
    assert (ended.status_code, ended.json["code"]) == (401, code)
    assert told("/api/v1/modems", "get", ended)
    officer.token = officer.token[:-1]
    assert officer.get("/api/v1/modems").json["code"] == "no_token"


def test_a_role_that_may_not_is_told_which_may(officer):
    refused = program(officer.client, "technician", "t", ["modems:read"]).order()
    assert (refused.status_code, refused.json["code"]) == (403, "role")
    assert "technician" in refused.json["detail"]
    assert "officer" in refused.json["detail"]


def test_another_method_is_told_with_those_that_there_are(officer):
    answer = officer.client.patch(ALL, json={}, headers=officer.headers)
    assert (answer.status_code, answer.json["code"]) == (405, "method")
    assert {"GET", "POST"} <= set(answer.allow)
    assert "PATCH" not in answer.allow


def test_a_text_that_is_refused_as_a_whole_names_its_field(officer):
    officer.order()
    assert officer.order().json["field"] == "text"
    with connected():
        Member.update(language="nl").where(Member.id == 1).execute()
    lacking = officer.order(text="Autre texte.")
    assert (lacking.status_code, lacking.json["code"], lacking.json["field"]) == (422, "missing_text", "texts.nl")
    assert told(ALL, "post", lacking)


def test_the_headers_of_a_webhook_are_in_the_document():
    parameters = DOCUMENT["webhooks"]["event"]["post"]["parameters"]
    headers = signed("1", b"{}", b"secret", utc_now())
    assert {parameter["name"] for parameter in parameters} == {name for name in headers if name.startswith("webhook-")}
