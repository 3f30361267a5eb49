"""Channels of alarms: each tells an incident once, a webhook after its receiver failed, and a new one is one module."""

import base64
import hmac
import json
import sys
from datetime import timedelta

import pytest

from base.settings.reading import load_settings
from db.operations.incidents import FLAPPING, close_incident, incidents, open_incident
from plp.jobs.alarms import channels
from plp.jobs.alarms.telling import CHANNELS, FAILING, _channel, check_channels, patient, tell_by
from rules.refusals import Refusal
from tests.plp.jobs.receiver import receiver
from tests.support.people import later

SECRET = "a-secret-of-thirty-characters!"
WEBHOOK = next(channel for channel in CHANNELS if channel.name == "webhook")

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def configured(tmp_path):
    (tmp_path / "webhook.key").write_text(SECRET + "\n")

    def settings(url, private="127.0.0.1", secret="webhook.key"):
        path = tmp_path / "config.ini"
        path.write_text(
            f"[database]\nhost = box\n[alarm:webhook]\nurl = {url}\nsecret_file = {secret}\nprivate = {private}\n"
        )
        return load_settings(path)

    return settings


def address(server, path="/plp?zone=5278"):
    return f"http://127.0.0.1:{server.server_port}{path}"


def test_a_webhook_is_tried_until_its_receiver_takes_it_and_says_each_thing_once(configured, now):
    with receiver(None, 503, 302) as server:
        settings, trying = configured(address(server)), patient(WEBHOOK)
        open_incident("disk", "box", "Le disque est presque plein.", now)
        at = now
        for failed in range(1, 4):
            trying.step(settings, at)
            assert len(server.posts) == failed
            trying.step(settings, later(at, 5 * 2**failed - 1))
            assert len(server.posts) == failed, "not before its time"
            at = later(at, 5 * 2**failed)
        for _ in range(3):
            trying.step(settings, at)
        assert len(server.posts) == 4
        ids = {headers["webhook-id"] for _path, headers, _body, _answer in server.posts}
        assert len(ids) == 1, "the receiver knows it again"
        end = at + FLAPPING
        close_incident("disk", "box", at)
        trying.step(settings, end)
        trying.step(settings, later(end, 60))
    path, headers, body, _answer = server.posts[3]
    assert path == "/plp?zone=5278"
    said, over = json.loads(body), json.loads(server.posts[4][2])
    assert (said["type"], said["host"], said["ended"]) == ("plp.alarm", "box", [])
    assert (said["opened"][0]["kind"], said["text"]) == ("disk", "Incident : Le disque est presque plein.")
    assert (over["text"], len(server.posts)) == ("Résolu : Le disque est presque plein.", 5)
    whole = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    mac = base64.b64encode(hmac.digest(SECRET.encode(), whole, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{mac}"
    assert int(headers["webhook-timestamp"]) == int(at.timestamp())


def test_a_receiver_that_takes_nothing_is_an_incident_of_its_own_until_it_does(configured, now):
    with receiver(*[500] * 9) as server:
        settings, trying = configured(address(server)), patient(WEBHOOK)
        open_incident("disk", "box", "Le disque est presque plein.", now)
        at = now
        while len(server.posts) < 9:
            trying.step(settings, at)
            at = later(at, 10)
        (trouble,) = [card for card in incidents() if card.kind == "alarm_channel"]
        assert trouble.opened_at - now >= FAILING
        assert "HTTP 500" in trouble.sentence
        trying.step(settings, at + timedelta(minutes=15))
        assert [card.kind for card in incidents() if card.ended_at is None] == ["disk"]


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("http://127.0.0.1:{port}/", ""),
        ("https://127.0.0.1:{port}/", "10.0.0.0/8"),
        ("http://[::ffff:127.0.0.1]:{port}/", "10.0.0.0/8"),
        ("http://localhost:{port}/", "192.168.1.0/24, ::2"),
    ],
)
def test_a_private_address_that_the_configuration_does_not_name_is_not_reached(configured, now, url, private):
    with receiver() as server:
        settings = configured(url.format(port=server.server_port), private)
        open_incident("disk", "box", "Le disque est presque plein.", now)
        with pytest.raises(OSError, match="private"):
            tell_by(WEBHOOK, settings, now)
    assert server.posts == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "exemple.be"}, "ligne 4 : [alarm:webhook] url"),
        ({"url": "https://anne:secret@exemple.be/plp"}, "ligne 4 : [alarm:webhook] url"),
        ({"private": "ici"}, "ligne 6 : [alarm:webhook] private"),
        ({"secret": ""}, "secret_file"),
        ({"secret": "missing.key"}, "impossible de lire"),
        ({"secret": "config.ini"}, None),
    ],
)
def test_a_section_that_is_wrong_is_said_where(configured, now, change, words):
    settings = configured(**{"url": "https://exemple.be/plp", **change})
    if words is None:
        assert check_channels(settings, now) == ["webhook"]
        return
    with pytest.raises(Refusal, match=r".") as refused:
        check_channels(settings, now)
    assert words in str(refused.value)


def test_a_short_secret_and_an_unknown_channel_are_refused(configured, tmp_path, now):
    (tmp_path / "webhook.key").write_text("short")
    with pytest.raises(Refusal, match="trop courte"):
        check_channels(configured("https://exemple.be/plp"), now)
    path = tmp_path / "config.ini"
    path.write_text("[alarm:pigeon]\nhouse = 3\n")
    with pytest.raises(Refusal, match=r"\[alarm:pigeon\]"):
        check_channels(load_settings(path), now)


BELL = '''
"""A bell in the hall."""
from dataclasses import dataclass
from base.settings import kinds
from base.settings.values import config_key

QUIET = ("disk_fills",)
QUEUES, WAITS = False, False
rung = []

@dataclass(frozen=True)
class Bell:
    strokes: int = config_key(1, kinds.whole(1, 9))

def is_open(settings, now):
    return settings.channel("bell") is not None

def send(alarm, settings, now):
    strokes = settings.channel("bell").read(Bell).strokes
    rung.append((strokes, [card.kind for card in alarm.opened], [card.kind for card in alarm.ended]))
    return True
'''


def test_a_new_channel_is_one_module(tmp_path, now, monkeypatch):
    (tmp_path / "bell.py").write_text(BELL)
    monkeypatch.setattr(channels, "__path__", [*channels.__path__, str(tmp_path)])
    bell = _channel("bell")
    module = sys.modules.pop("plp.jobs.alarms.channels.bell")
    (tmp_path / "config.ini").write_text("[alarm:bell]\nstrokes = 3\n")
    settings = load_settings(tmp_path / "config.ini")
    open_incident("disk", "box", "Le disque est presque plein.", now)
    open_incident("disk_fills", "box", "Le disque sera bientôt plein.", now)
    for at in (now, later(now, 60)):
        tell_by(bell, settings, at)
    close_incident("disk", "box", later(now, 60))
    for at in (now + FLAPPING, later(now, 61) + FLAPPING, later(now, 99) + FLAPPING):
        tell_by(bell, settings, at)
    assert module.rung == [(3, ["disk"], []), (3, [], ["disk"])]
