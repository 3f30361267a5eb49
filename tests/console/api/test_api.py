"""The API as programs use it: tokens only, strict bodies, the same answers as the command line."""

import re
from datetime import timedelta

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Broadcast
from db.models.people import Consent, Member, Neighbourhood
from db.models.zone import Modem
from db.modems.budgets import apply_configured
from db.modems.status import beat
from plp.services.people.neighbourhoods import save_neighbourhood
from rules.orders.budgets import Limits
from tests.console.alerts import scene
from tests.console.api.document import told
from tests.console.api.scene import TEXT, program

BAD_BODIES = [
    {},
    {"text": TEXT},
    {"text": 5, "audience": {"all": True}},
    {"text": "", "audience": {"all": True}},
    {"text": "x" * 2000, "audience": {"all": True}},
    {"text": TEXT, "audience": {"all": False}},
    {"text": TEXT, "audience": {"all": True, "to": ["+32470000000"]}},
    {"text": TEXT, "audience": {"neighbourhoods": []}},
    {"text": TEXT, "audience": {"neighbourhoods": ["Ailleurs"]}},
    {"text": TEXT, "audience": {"neighbourhoods": [""]}},
    {"text": TEXT, "audience": {"groups": [""]}},
    *({"text": TEXT, "audience": {kind: None}} for kind in ("neighbourhoods", "groups", "streets", "to", "all")),
    {"text": TEXT, "audience": {"neighbourhoods": "Plainevaux"}},
    {"text": TEXT, "audience": {"to": ["+32470999999"]}},
    {"text": TEXT, "audience": {"to": ["101"]}},
    {"text": TEXT, "audience": {"to": ["{name}"]}},
    {"text": TEXT, "audience": {"to": ["\x00"]}},
    {"text": TEXT, "audience": {"to": ["\ud800"]}},
    {"text": f"{TEXT} \ud800", "audience": {"all": True}},
    {"text": TEXT, "audience": {"all": True}, "idempotency_key": "\ud800"},
    {"text": TEXT, "audience": {"all": True}, "idempotency_key": "k\x00"},
    {"text": TEXT, "audience": {"all": True}, "override_budget": "Voulu \ud83d."},
    {"text": TEXT, "audience": {"neighbourhoods": ["\udfff"]}},
    {"text": TEXT, "audience": {"all": True}, "priority": "now"},
    {"text": TEXT, "audience": {"all": True}, "idempotency_key": ""},
    {"text": TEXT, "audience": {"all": True}, "idempotency_key": "k" * 201},
    {"text": TEXT, "audience": {"all": True}, "drill": "yes"},
    {"text": TEXT, "audience": {"all": True}, "colour": "red"},
    [],
    "text",
    5,
]


@pytest.fixture
def officer(client, ready_modem):
    ready_modem()
    scene.people()
    return program(client)


def broadcasts():
    with connected():
        return Broadcast.select().count()


def test_an_order(officer):
    answer = officer.order()
    assert answer.status_code == 201
    assert told("/api/v1/broadcasts", "post", answer)
    assert answer.json == {
        "id": 1,
        "state": "queued",
        "recipients": 5,
        "parts": 5,
        "encoding": "gsm7",
        "quiet": 0,
        "simulated": False,
        "without_mobile": 1,
    }
    assert list(answer.json) == [
        "encoding",
        "id",
        "parts",
        "quiet",
        "recipients",
        "simulated",
        "state",
        "without_mobile",
    ]
    assert answer.location == "/api/v1/broadcasts/1"


def test_what_became_of_it(officer):
    officer.order(text="ê" * 71)
    scene.modem_does(["sent", "sent", "CMS 1"])
    answer = officer.get("/api/v1/broadcasts/1")
    assert told("/api/v1/broadcasts/{broadcast_id}", "get", answer)
    assert sum(answer.json["counts"].values()) == answer.json["recipients"] == 5
    assert answer.json["state"] == "sending"
    assert told("/api/v1/broadcasts/{broadcast_id}", "get", officer.get("/api/v1/broadcasts/77"))
    assert officer.get(f"/api/v1/broadcasts/{10**30}").status_code == 404


def test_modems(officer):
    answer = officer.get("/api/v1/modems")
    assert told("/api/v1/modems", "get", answer)
    assert answer.json[0]["name"] == "a"


@pytest.mark.parametrize("body", BAD_BODIES)
def test_what_is_not_understood_is_refused(officer, body):
    answer = officer.client.post("/api/v1/broadcasts", json=body, headers=officer.headers)
    assert answer.status_code == 400
    assert told("/api/v1/broadcasts", "post", answer)
    assert broadcasts() == 0


def test_other_bodies(officer):
    post = officer.client.post
    assert post("/api/v1/broadcasts", data=b"{", headers=officer.headers).status_code == 415
    broken = {**officer.headers, "Content-Type": "application/json"}
    for body in (b"{", b"\xff", b"[" * 100_000):
        answer = post("/api/v1/broadcasts", data=body, headers=broken)
        assert answer.status_code == 400
        assert told("/api/v1/broadcasts", "post", answer)
    large = post("/api/v1/broadcasts", data=b" " * 300_000, headers=broken)
    assert (large.status_code, told("/api/v1/broadcasts", "post", large)) == (413, True)


def test_the_same_key_gives_the_same_answer(officer):
    first = officer.order(idempotency_key="k1")
    assert officer.order(idempotency_key="k1").json == first.json
    assert broadcasts() == 1


def test_the_keys_of_two_programs_never_meet(client, officer):
    one, other = program(client, name="a"), program(client, name="a/b")
    assert one.order(idempotency_key="b/c").status_code == 201
    assert other.order(idempotency_key="c", text="Fuite de gaz rue Basse, 22h. Fermez tout. 101").status_code == 201
    assert broadcasts() == 2


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Un autre texte."},
        {"audience": {"neighbourhoods": [scene.NEAR]}},
        {"audience": {"to": ["+32470000001"]}},
        {"priority": "normal"},
        {"drill": True},
    ],
)
def test_the_same_key_with_something_else_is_a_conflict(officer, other):
    first = officer.order(idempotency_key="k1")
    answer = officer.order(idempotency_key="k1", **other)
    assert answer.status_code == 409
    assert "cette clé a servi à un autre envoi (1)" in answer.json["error"]
    assert told("/api/v1/broadcasts", "post", answer)
    assert broadcasts() == 1
    assert officer.order(idempotency_key="k1").json == first.json


def test_what_was_taken_stays_taken_when_somebody_left_since(officer):
    to = {"to": ["+32470000001"]}
    first = officer.order(audience=to, idempotency_key="k1")
    with connected():
        here = Member.get(Member.mobile == "+32470000001")
        Consent.update(given=False).where(Consent.channel == "sms", Consent.member == here).execute()
    again = officer.order(audience=to, idempotency_key="k1")
    assert (again.status_code, again.json) == (first.status_code, first.json)
    refused = officer.order(audience=to, idempotency_key="k2")
    assert refused.status_code == 400
    assert "+324•••••01 n'est le numéro d'aucun membre" in refused.json["error"]


def test_nor_when_a_neighbourhood_is_gone(officer):
    near = {"neighbourhoods": [scene.NEAR]}
    first = officer.order(audience=near, idempotency_key="k1")
    with connected():
        gone = Neighbourhood.get(Neighbourhood.name == scene.NEAR)
        save_neighbourhood(gone.id, "Ailleurs", "", "test", utc_now())
    again = officer.order(audience=near, idempotency_key="k1")
    assert (again.status_code, again.json["id"]) == (201, first.json["id"])
    assert "without_mobile" not in again.json
    assert told("/api/v1/broadcasts", "post", again)


def test_another_token_s_key_is_another_key(officer):
    officer.order(idempotency_key="k1")
    assert program(officer.client, name="autre").order(idempotency_key="k1", text="Autre.").json["id"] == 2


def test_a_duplicate_is_a_conflict(officer):
    officer.order()
    answer = officer.order()
    assert answer.status_code == 409
    assert told("/api/v1/broadcasts", "post", answer)
    assert "). Confirmez pour l'envoyer une deuxième fois" in answer.json["error"]
    assert officer.order(again=True).status_code == 201


def test_not_ready_is_a_conflict(officer):
    with connected():
        Modem.delete().execute()
    answer = officer.order(drill=True)
    assert answer.status_code == 409
    assert "aucun modem" in answer.json["error"]


def test_a_drill_and_single_numbers(officer):
    assert officer.order(drill=True, audience={"to": ["0470 00 00 01", "+32470000001"]}).json["recipients"] == 1
    with connected():
        assert Broadcast.get().kind == "drill"


@pytest.mark.parametrize("role", ["technician", "admin"])
def test_only_an_officer_s_token_sends(officer, role):
    other = program(officer.client, role, "autre")
    assert other.order().status_code == 403
    assert other.get("/api/v1/modems").status_code == 200
    assert broadcasts() == 0


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer ", "Bearer plp_wrong", "Basic cGxwOnBscA==", "Bearer é"])
def test_without_a_token(officer, header):
    headers = {"Authorization": header} if header else {}
    for answer in (
        officer.client.post("/api/v1/broadcasts", json={}, headers=headers),
        officer.client.get("/api/v1/broadcasts/1", headers=headers),
        officer.client.get("/api/v1/modems", headers=headers),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json["code"] == "no_token"


def test_a_cookie_opens_nothing(officer, sign_in):
    browser = sign_in("officer", "admin", "technician")
    assert browser.get("/api/v1/modems").status_code == 401
    body = {"text": TEXT, "audience": {"all": True}}
    assert browser.client.post("/api/v1/broadcasts", json=body).status_code == 401
    assert broadcasts() == 0


def test_unknown_addresses_are_json(officer):
    for answer in (officer.get("/api/v2/x"), officer.get("/api/")):
        assert (answer.status_code, answer.json["code"]) == (404, "missing")


def test_a_crash_is_json_without_a_trace(officer, monkeypatch, app):
    def broken(*_args):
        raise RuntimeError("secret")

    app.testing = False
    monkeypatch.setattr("console.api.routes.modem_cards", broken)
    answer = officer.get("/api/v1/modems")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json["code"] == "crash"


def test_health_and_readiness(client, ready_modem):
    assert told("/healthz", "get", client.get("/healthz"))
    asleep = client.get("/readyz")
    assert (asleep.status_code, asleep.json["ready"]) == (503, False)
    assert told("/readyz", "get", asleep)
    ready_modem()
    awake = client.get("/readyz")
    assert (awake.status_code, awake.json["ready"]) == (200, True)
    assert told("/readyz", "get", awake)


def test_readiness_and_metrics_name_a_process_that_is_missing(client, officer, ready_modem):
    with connected():
        beat("box", "jobs", 7, utc_now() - timedelta(seconds=46))
        beat("box", "console", 8, utc_now())
    gone = client.get("/readyz")
    assert (gone.status_code, gone.json["ready"], gone.json["state"]) == (503, False, "ready")
    assert gone.json["missing"] == [{"host": "box", "process": "jobs"}]
    assert gone.json["sentence"].endswith("À l'arrêt : tâches automatiques (box).")
    assert told("/readyz", "get", gone)
    figures = client.get("/metrics").text
    assert 'plp_process_up{host="box",process="jobs"} 0.0' in figures
    assert 'plp_process_up{host="box",process="console"} 1.0' in figures
    assert "plp_ready 1.0" in figures, "an alert goes out all the same"


def test_metrics_tell_figures_and_nobody(officer):
    officer.order()
    text = officer.client.get("/metrics").text
    assert "plp_ready 1.0" in text
    assert 'plp_queue_parts{lane="urgent"} 5.0' in text
    assert 'plp_modem_state{host="box",modem="a",state="ready"} 1.0' in text
    assert "32470" not in text
    assert "Nom0" not in text


@pytest.mark.parametrize(
    "where",
    [{"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}, {"headers": {"X-Forwarded-For": "192.0.2.7"}}],
)
def test_metrics_from_elsewhere_need_a_token(officer, where):
    assert officer.client.get("/metrics", **where).status_code == 401
    headers = {**where.get("headers", {}), **officer.headers}
    assert officer.client.get("/metrics", **{**where, "headers": headers}).status_code == 200


def test_the_document_tells_of_every_address(app, client):
    document = client.get("/api/v1/openapi.json").json
    served = {
        (re.sub(r"<(?:int\(max=\d+\):)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.openapi"
    }
    assert {(path, method) for path, methods in document["paths"].items() for method in methods} == served


def test_a_budget_refuses_with_the_sim_and_the_excess_unless_a_reason_is_given(officer):
    with connected():
        apply_configured("206010000000001", "box", "a", Limits(recipients=3))
    refused = officer.order()
    assert refused.status_code == 409
    assert "modem a (IMSI …0001)" in refused.json["error"]
    assert "plafond est de 3, soit 2 de trop" in refused.json["error"]
    assert broadcasts() == 0
    assert officer.order(priority="normal").status_code == 201
    assert officer.order(override_budget="vie en danger", again=True).status_code == 201
