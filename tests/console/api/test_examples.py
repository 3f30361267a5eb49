"""The example programs of docs/examples, as whoever builds on the API runs them: over a connection, from outside."""

import json
import os
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing, contextmanager

import pytest

from base.settings.reading import load_settings
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Part
from db.models.people import Member
from db.operations.events import note_deliveries
from plp.jobs.alarms.events import post_events
from plp.services.accounts.links import add_token
from plp.services.forgetting import forget_member
from tests.architecture.source import ROOT
from tests.console.alerts import scene
from tests.console.running import running_console
from tests.e2e.box import eventually, free_port

EXAMPLES = ROOT / "docs" / "examples"
pytestmark = [pytest.mark.processes, pytest.mark.slow]


@pytest.fixture
def console(app, settings, ready_modem):
    ready_modem()
    scene.people()
    with running_console(settings) as running:
        yield running


@pytest.fixture
def environment(console, tmp_path):
    """Of a program with a token for these scopes."""

    def of(role, *scopes):
        file = tmp_path / f"{role}.token"
        with connected():
            file.write_text(add_token(role, role, "test", utc_now(), scopes=scopes) + "\n")
        return {**os.environ, "PLP_URL": console.url, "PLP_TOKEN_FILE": str(file), "LANG": "en_GB.UTF-8"}

    return of


def ran(environment, *command):
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


@contextmanager
def followed(tmp_path, environment, *arguments):
    """follow.py under way, with the file that it writes."""
    shown = tmp_path / "shown"
    with shown.open("w") as out:
        command = [sys.executable, str(EXAMPLES / "follow.py"), *arguments]
        with subprocess.Popen(command, env=environment, stdout=out, stderr=out) as process:
            try:
                yield shown
            finally:
                process.terminate()


def test_an_alert_is_ordered_by_curl_and_a_problem_ends_it(environment, tmp_path):
    officer, order = environment("officer"), _ordered(tmp_path, "a")
    for _press in range(2):
        sent = ran(officer, str(EXAMPLES / "alert.sh"), order)
        assert (sent.returncode, json.loads(sent.stdout)["id"]) == (0, 1), sent.stderr
    refused = ran(officer, str(EXAMPLES / "alert.sh"), _ordered(tmp_path, "b"))
    assert (refused.returncode, json.loads(refused.stderr)["code"]) == (1, "duplicate")


def test_the_copy_of_members_is_whole_and_whoever_left_is_gone_from_it(environment, tmp_path):
    copy, keeper = tmp_path / "copy.sqlite", environment("admin", "members:read")

    def copied():
        done = ran(keeper, sys.executable, str(EXAMPLES / "follow.py"), "members", str(copy))
        assert done.returncode == 0, done.stderr
        with closing(sqlite3.connect(copy)) as database:
            return {json.loads(whole)["last_name"] for (whole,) in database.execute("SELECT whole FROM member")}

    with connected():
        everybody = {row.last_name for row in Member.select()}
    assert copied() == everybody
    with connected():
        forget_member(1, "test", utc_now())
    assert copied() == everybody - {"Nom000"}
    refused = ran(environment("officer"), sys.executable, str(EXAMPLES / "follow.py"), "members", str(copy))
    assert refused.stderr.startswith("role: This token")


@pytest.mark.machine_time  # the receiver has the machine's, and refuses what is signed at another hour
def test_deliveries_are_shown_live_by_cursor_and_by_webhook(environment, tmp_path, settings):
    port, key = free_port(), tmp_path / "webhook.key"
    key.write_text("a-secret-of-thirty-characters!\n")
    settings.path.write_text(
        settings.path.read_text() + f"[alarm:webhook]\nurl = http://127.0.0.1:{port}/\nsecret_file = {key}\n"
        "private = 127.0.0.1\nevents = yes\n"
    )
    loaded, officer = load_settings(settings.path), environment("officer", "broadcasts:send", "events:read")
    (tmp_path / "other").mkdir()
    with (
        followed(tmp_path, officer, "events") as read,
        followed(tmp_path / "other", officer, "receive", str(port), str(key)) as posted,
    ):
        with connected():
            post_events(loaded, utc_now())
        assert ran(officer, str(EXAMPLES / "alert.sh"), _ordered(tmp_path, "a")).returncode == 0
        for state in ("sent", "delivered"):
            with connected():
                Part.update(state=state, changed_at=utc_now()).execute()
                note_deliveries()
        eventually("the receiver", lambda: _answers(port))
        with connected():
            post_events(loaded, utc_now())
        for shown in (read, posted):
            eventually("the last delivery", lambda shown=shown: "alert 1: 5 delivered" in shown.read_text())
            assert len(shown.read_text().splitlines()) == 10


def _ordered(folder, key):
    """The file of an order with this key."""
    file = folder / f"{key}.json"
    file.write_text(json.dumps({"text": scene.TEXT, "audience": {"all": True}, "idempotency_key": key}))
    return str(file)


def _answers(port):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
