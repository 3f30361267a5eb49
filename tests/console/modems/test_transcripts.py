"""The AT transcript: asked for, waited for, read and downloaded on the modem's page."""

from datetime import UTC, datetime

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.modems.commands import mark_done, open_requests, save_transcript
from tests.console.conftest import words

PAGE = "/modems/box/a"
FILE = PAGE + "/transcript/file"
LINES = "# plp-alerte\n> AT\n< OK\n> AT+CIMI\n< 20•••••0001\n"
PREPARING = "Relevé en préparation…"


@pytest.fixture
def asked(technician, plug):
    """The technician asked for one."""
    plug()
    technician.post(PAGE + "/transcript")


def daemon_does(saves=LINES, now=None):
    with connected():
        if saves is not None:
            save_transcript("box", "a", saves, now or utc_now())
        for request in open_requests("box", "a"):
            mark_done(request.id, now or utc_now())


def test_it_waits_for_the_daemon_then_offers_the_file(technician, asked):
    page = technician.get(PAGE)
    assert PREPARING in words(page)
    assert 'hx-select="#transcript"' in page.text
    assert FILE not in page.text
    daemon_does()
    done = technician.get(PAGE)
    assert PREPARING not in words(done)
    assert 'hx-select="#transcript"' not in done.text
    assert done.text.count(f'href="{FILE}"') == 2, "to read, and to keep"


def test_the_file(technician, asked):
    daemon_does(now=datetime(2026, 11, 24, 20, 40, tzinfo=UTC))
    answer = technician.get(FILE)
    assert answer.text == LINES
    assert answer.headers["Content-Disposition"] == "inline; filename=plp-modem-a-2026-11-24-2140.txt"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_old_one_has_its_date_and_is_not_shown_while_a_new_one_is_made(technician, plug):
    plug()
    daemon_does(now=datetime(2026, 11, 24, 20, 40, tzinfo=UTC))
    assert "Relevé du " in words(technician.get(PAGE))
    technician.post(PAGE + "/transcript")
    assert "Relevé du " not in words(technician.get(PAGE))


def test_a_modem_that_said_nothing_has_none(technician, asked):
    daemon_does(saves=None)
    assert "Aucun relevé enregistré." in words(technician.get(PAGE))


def test_what_was_never_saved_is_not_found(technician, plug):
    plug()
    assert technician.get(FILE).status_code == 404
    assert technician.get("/modems/box/b/transcript/file").status_code == 404


def test_a_hostile_name_is_no_file_name(technician, plug):
    name = "a'\"é b"
    plug(name)
    with connected():
        save_transcript("box", name, LINES, datetime(2026, 11, 24, 20, 40, tzinfo=UTC))
    answer = technician.get("/modems/box/a'%22é%20b/transcript/file")
    assert answer.headers["Content-Disposition"] == "inline; filename=plp-modem-a-b-2026-11-24-2140.txt"


@pytest.mark.parametrize("role", ["officer", "admin", "coordinator"])
def test_it_is_the_technician_s(sign_in, plug, role):
    plug()
    daemon_does()
    person = sign_in(role)
    assert person.get(FILE).status_code == 403
    assert person.post(PAGE + "/transcript").status_code == 403
    assert FILE not in person.get(PAGE).text
