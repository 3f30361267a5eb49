"""A database that takes nothing more: every page says so, and what was asked is refused in words, not with a crash."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from peewee import OperationalError

import console.web.page_header
from db.engine import connection, health
from db.engine.base import database
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.zone import Heartbeat
from tests.console.alerts import scene
from tests.console.api.scene import program
from tests.console.conftest import words

WHY = "Impossible d'écrire dans la base de données : un autre programme l'a verrouillée."
LIGHT = "Pas prêt : enregistrement impossible, un autre programme l'a verrouillée."

# PostgreSQL has no lock that one program could keep from all others.
pytestmark = pytest.mark.sqlite


@pytest.fixture
def locked(app, monkeypatch):
    """`locked()`: another program keeps the write lock, already for a while, and nobody waits for it."""
    monkeypatch.setattr(health, "LOCK_PATIENCE_S", 0.005)
    monkeypatch.setitem(connection.SQLITE_PRAGMAS, "busy_timeout", 5)
    with closing(sqlite3.connect(database.obj.database, isolation_level=None)) as other:

        def lock():
            with connected():
                Heartbeat.update(seen_at=utc_now() - timedelta(seconds=12)).execute()
            database.obj.timeout = 0.005
            database.obj._pragmas = [("busy_timeout", 5)]
            other.execute("BEGIN IMMEDIATE")

        yield lock


def test_an_officer_reads_it_on_every_page(sign_in, ready_modem, locked):
    ready_modem()
    officer = sign_in("officer")
    locked()
    for page in ("/", "/status", "/alerts/new"):
        assert LIGHT in words(officer.get(page)), page


def test_a_technician_reads_what_to_do(sign_in, ready_modem, locked):
    ready_modem()
    technician = sign_in("technician")
    locked()
    assert "Fermez ce programme. Les envois déjà enregistrés reprendront ensuite." in words(technician.get("/modems/"))


def test_the_page_of_an_alert_that_waits_says_it(sign_in, ready_modem, locked):
    ready_modem()
    scene.people()
    officer = sign_in("officer")
    number = scene.sent(officer)
    scene.modem_does([])
    locked()
    assert LIGHT in words(officer.get(f"/alerts/{number}"))


def test_what_cannot_be_stored_is_refused_in_words(sign_in, ready_modem, locked):
    ready_modem()
    admin = sign_in("admin")
    token = admin.token("/neighbourhoods/add")
    locked()
    refused = admin.client.post("/neighbourhoods/add", data={"csrf_token": token, "name": "Plainevaux"})
    assert refused.status_code == 503
    assert WHY in words(refused)
    assert "Demande non exécutée. Prévenez le technicien, puis réessayez" in words(refused)


@pytest.mark.parametrize("page", ["send", "confirm"])
def test_a_text_that_could_not_be_stored_is_taken_up_again(sign_in, ready_modem, locked, monkeypatch, page):
    ready_modem()
    scene.people()
    officer = sign_in("officer")
    form = scene.draft(typed=str(scene.PEOPLE), csrf_token=officer.token("/alerts/new"))
    locked()
    monkeypatch.setattr("console.alerts.writing.confirming.typed_draft", _unavailable)
    refused = officer.client.post(f"/alerts/{page}", data=form)
    assert refused.status_code == 503
    shown = words(refused)
    assert "Demande non exécutée. Prévenez le technicien, puis réessayez" in shown
    assert "Rien n'est perdu" not in shown
    assert "Reprendre le texte" in shown
    assert 'action="/alerts/new"' in refused.text
    again = officer.client.post("/alerts/new", data=form)
    assert scene.TEXT in again.text


def _unavailable():
    raise connection.UNAVAILABLE[0]("attempt to write a readonly database")


def test_a_database_that_is_well_again_is_not_accused(sign_in, app, monkeypatch):
    admin = sign_in("admin")

    def late(*_):
        raise connection.UNAVAILABLE[0]("database is locked")

    monkeypatch.setattr("console.admin.journal.journal_page", late)
    refused = admin.get("/journal")
    assert refused.status_code == 503
    assert "La base de données n'a pas répondu à temps." in words(refused)


def test_a_program_reads_it_too(client, ready_modem, locked):
    ready_modem()
    scene.people()
    officer = program(client)
    locked()
    refused = officer.order()
    assert (refused.status_code, scene.broadcasts()) == (409, 0)
    assert "un autre programme l'a verrouillée" in refused.json["error"]
    assert officer.get("/api/v1/modems").status_code == 200
    asleep = client.get("/readyz")
    assert asleep.status_code == 503
    assert "un autre programme l'a verrouillée" in asleep.json["sentence"]


def test_a_program_whose_request_fails_in_the_database_reads_why(client, locked, monkeypatch):
    def late(*_):
        raise connection.UNAVAILABLE[0]("disk I/O error")

    officer = program(client)
    locked()
    monkeypatch.setattr("console.api.routes.modem_cards", late)
    failed = officer.get("/api/v1/modems")
    assert failed.status_code == 503
    assert failed.json["error"].startswith(WHY)


def test_the_process_answers_for_itself_when_the_database_does_not(client, monkeypatch):
    def away():
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(console.web.page_header, "connected", away)
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").status_code == 503


def test_the_phone_tree_is_there_when_nothing_can_be_written(sign_in, ready_modem, locked, caplog):
    ready_modem()
    scene.people()
    officer = sign_in("officer")
    locked()
    assert "la police commence ici" in officer.get("/plan-b/police").text
    assert "'police' opened by 'Test officer'; the journal could not be written" in caplog.text
