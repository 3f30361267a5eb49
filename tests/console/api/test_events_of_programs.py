"""Events by cursor: whoever reads on from the last number has each once, without a name or a number."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.operations.events import note_deliveries, note_incidents
from db.operations.incidents import open_incident
from tests.console.alerts import scene
from tests.console.api.document import told
from tests.console.api.scene import program

ALL = "/api/v1/events"


@pytest.fixture
def follower(client, ready_modem):
    ready_modem()
    scene.people()
    program(client).order()
    scene.modem_does(["sent", "sent", "CMS 1"])
    with connected():
        note_deliveries()
        open_incident("disk", "box", "Le disque est presque plein.", utc_now())
        note_incidents(utc_now())
    return program(client, "auditor", "suiveur", ["events:read"])


def test_the_events_in_pages_are_whole_and_then_nothing_is_new(follower):
    read, after = [], 0
    while events := (answer := follower.get(f"{ALL}?limit=2&after={after}")).json["events"]:
        assert told(ALL, "get", answer)
        read, after = read + events, answer.json["next"]
    assert answer.json["next"] == after == read[-1]["id"]
    states = [(event["type"], event["state"]) for event in read]
    assert states == [("delivery", "sent"), ("delivery", "sent"), ("delivery", "failed"), ("incident", "opened")]
    assert "+324" not in str(read)
    assert "Nom" not in str(read)


def something_happens():
    with connected():
        open_incident("disk", "nas", "Le disque est presque plein.", utc_now())
        note_incidents(utc_now())


def test_a_request_waits_for_the_next_event_and_two_of_them_at_most(follower, monkeypatch):
    after = follower.get(ALL).json["next"]
    looks = []

    def sleep(_seconds):
        looks.append(follower.get(f"{ALL}?after={after}&wait=30").json["events"] if len(looks) < 2 else [])
        if len(looks) == 4:
            with ThreadPoolExecutor(1) as jobs:  # a console may not write incidents
                jobs.submit(something_happens).result()

    monkeypatch.setattr("console.api.broadcasts.sleep", sleep)
    answer = follower.get(f"{ALL}?after={after}&wait=30")
    assert [event["type"] for event in answer.json["events"]] == ["incident"]
    assert told(ALL, "get", answer)
    assert follower.get(f"{ALL}?wait=31").status_code == 400


def test_a_number_that_leads_nowhere_is_told(follower):
    answer = follower.get(f"{ALL}?after=99")
    assert (answer.status_code, answer.json["code"]) == (410, "events_lost")
    assert told(ALL, "get", answer)
    assert follower.get(f"{ALL}?after=-1").status_code == 400
