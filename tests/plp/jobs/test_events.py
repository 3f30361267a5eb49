"""Events by webhook: each arrives once and in order, whatever the receiver refuses."""

import json
from datetime import timedelta
from random import Random

import pytest

from base.settings.reading import load_settings
from db.models.broadcasts import Part
from db.models.incidents import Event
from db.operations.incidents import open_incidents
from plp.jobs.alarms.events import FIRST_RETRY, note_events, post_events
from plp.jobs.alarms.telling import Patient
from tests.plp.jobs.receiver import receiver
from tests.support.people import later, order, people, ready_modem

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def configured(tmp_path):
    (tmp_path / "webhook.key").write_text("a-secret-of-thirty-characters!")

    def settings(url, events="yes"):
        path = tmp_path / "config.ini"
        path.write_text(
            f"[database]\nhost = box\n[alarm:webhook]\nurl = {url}\nsecret_file = webhook.key\n"
            f"private = 127.0.0.1\nevents = {events}\n"
        )
        return load_settings(path)

    return settings


def happen(count, now):
    rows = [
        {"kind": "delivery", "at": later(now, number), "subject": number, "of": str(1 + number % 3), "state": "sent"}
        for number in range(count)
    ]
    Event.insert_many(rows).execute()


def _postman():
    return Patient("events", post_events, FIRST_RETRY)


def carried(postman, settings, at, until):
    """Post until nothing is left, a second after the other; how many seconds that took."""
    for second in range(until):
        while postman.step(settings, later(at, second)):
            pass
        if not postman.step(settings, later(at, second)) and not postman.is_waiting(later(at, second)):
            return second
    raise AssertionError(f"not within {until} s")


@pytest.mark.slow
def test_a_thousand_events_arrive_once_each_and_in_order_at_a_receiver_that_refuses_one_in_ten(configured, now):
    chance = Random(29)
    answers = [chance.choice((500, 503, None)) if chance.random() < 0.1 else 204 for _ in range(1300)]
    with receiver(*answers) as server:
        settings, postman = configured(server.url), _postman()
        postman.step(settings, now)
        happen(1000, now)
        carried(postman, settings, now, 1200)
        posts = [(headers, json.loads(body)["event"], answer) for _path, headers, body, answer in server.posts]
    accepted = [(headers["webhook-id"], event) for headers, event, answer in posts if answer == 204]
    assert [event["id"] for _key, event in accepted] == list(range(1, 1001))
    assert len({key for key, _event in accepted}) == 1000
    refused = len(posts) - len(accepted)
    assert 80 < refused < 160
    assert {(headers["webhook-id"], event["id"]) for headers, event, _answer in posts} == {
        (key, event["id"]) for key, event in accepted
    }, "what is posted again has the id that it had"


def test_what_was_accepted_before_a_kill_is_not_posted_again(configured, now):
    with receiver(204, 204, 500) as server:
        settings = configured(server.url)
        _postman().step(settings, now)
        happen(5, now)
        _postman().step(settings, now)
        _postman().step(settings, now)
        ids = [json.loads(body)["event"]["id"] for _path, _headers, body, _answer in server.posts]
    assert ids == [1, 2, 3, 3, 4, 5]


def test_a_receiver_that_takes_nothing_is_an_incident(configured, now):
    with receiver(*[500] * 30) as server:
        settings, postman = configured(server.url), _postman()
        postman.step(settings, now)
        happen(1, now)
        for minute in range(40):
            postman.step(settings, now + timedelta(minutes=minute))
        assert len(server.posts) < 20
        assert [(card.kind, card.subject) for card in open_incidents()] == [("alarm_channel", "box/events")]


def test_nothing_is_posted_where_nobody_asked_for_it(configured, now):
    with receiver() as server:
        for settings in (configured(server.url, "no"), configured(server.url, "yes")):
            happen(1, now)
            _postman().step(settings, now)
        assert server.posts == []


def test_what_a_modem_did_is_told_without_a_name_or_a_number(configured, now):
    with receiver() as server:
        settings, postman = configured(server.url), _postman()
        postman.step(settings, now)
        ready_modem("a", now)
        people(2, now)
        order(now)
        Part.update(state="delivered", changed_at=now).execute()
        note_events(settings, now)
        postman.step(settings, now)
        events = [json.loads(body) for _path, _headers, body, _answer in server.posts]
    assert [(told["type"], told["event"]["type"], told["event"]["state"]) for told in events] == [
        ("plp.event", "delivery", "delivered")
    ] * 2
    assert set(events[0]["event"]) == {"id", "type", "at", "state", "broadcast", "message"}
