"""The AT transcript: asked for, waited for, downloaded."""

from datetime import UTC, datetime, timedelta

import pytest

from console.hardware.asking import PATIENCE, SETTLED
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.modems.commands import mark_done, open_requests, save_transcript
from tests.console.conftest import words

LINES = "# plp-alerte\n> AT\n< OK\n> AT+CIMI\n< 20•••••0001\n"
PREPARING = "Relevé en préparation…"


@pytest.fixture
def waiting(technician, plug):
    """The page that waits for a request; its address."""
    plug()
    return technician.post("/modems/box/a/transcript").location


def daemon_does(saves=LINES, now=None):
    with connected():
        for request in open_requests("box", "a"):
            mark_done(request.id, now or utc_now())
        if saves is not None:
            save_transcript("box", "a", saves, now or utc_now())


def with_tries(address, tries):
    return address.replace("/transcript?", "/transcript/live?") + f"&tries={tries}"


def test_it_waits_for_the_daemon_then_offers_the_file(technician, waiting):
    page = technician.get(waiting)
    assert PREPARING in words(page)
    assert 'hx-get="/modems/box/a/transcript/live?request=' in page.text
    assert "tries=1" in page.text
    assert "http-equiv" in page.text, "without a script it asks again too"
    daemon_does()
    done = technician.get(with_tries(waiting, 1))
    assert "Le relevé est prêt." in words(done)
    assert "hx-get" not in done.text
    assert 'href="/modems/box/a/transcript/file"' in done.text
    assert "http-equiv" not in technician.get(waiting).text


def test_the_file(technician, waiting):
    daemon_does(now=datetime(2026, 11, 24, 20, 40, tzinfo=UTC))
    answer = technician.get("/modems/box/a/transcript/file")
    assert answer.text == LINES
    assert answer.headers["Content-Disposition"] == "attachment; filename=plp-modem-a-2026-11-24-2140.txt"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_moment_between_done_and_saved_is_waited_for(technician, waiting):
    daemon_does(saves=None)
    assert PREPARING in words(technician.get(with_tries(waiting, SETTLED - 1)))
    assert "Aucun échange avec ce modem depuis le démarrage du service" in words(
        technician.get(with_tries(waiting, SETTLED))
    )


def test_an_old_one_is_not_passed_off_as_new(technician, waiting):
    daemon_does(now=utc_now() - timedelta(days=2))
    assert PREPARING in words(technician.get(with_tries(waiting, 0)))
    late = technician.get(with_tries(waiting, SETTLED))
    assert "Télécharger le relevé AT précédent" in words(late)
    assert "Le relevé est prêt." not in words(late)


def test_a_daemon_that_does_not_answer_is_not_waited_for_for_ever(technician, waiting):
    assert PREPARING in words(technician.get(with_tries(waiting, PATIENCE - 1)))
    page = technician.get(with_tries(waiting, PATIENCE))
    assert "Pas de réponse du service des modems : modem non géré, ou réseau en attente" in words(page)
    assert "hx-get" not in page.text
    assert "Demander un nouveau relevé AT" in words(page)


def test_a_daemon_that_ends_meanwhile_is_told(technician, waiting, silence):
    silence()
    page = technician.get(with_tries(waiting, 2))
    assert "Relevé impossible : le service des modems ne fonctionne pas." in words(page)
    assert "hx-get" not in page.text


def test_what_was_never_saved_is_not_found(technician, plug):
    plug()
    assert technician.get("/modems/box/a/transcript/file").status_code == 404
    assert technician.get("/modems/box/b/transcript/file").status_code == 404
    assert "Aucun échange avec ce modem depuis le démarrage du service" in words(
        technician.get("/modems/box/a/transcript")
    )


@pytest.mark.parametrize(
    "query", ["request=²", "request=-1&tries=x", "tries=9999999999", "request=999999", "request=<b>"]
)
def test_hostile_queries(technician, plug, query):
    plug()
    for path in ("transcript", "transcript/live"):
        answer = technician.get(f"/modems/box/a/{path}?{query}")
        assert answer.status_code == 200
        assert "<b>" not in answer.text


def test_a_hostile_name_is_no_file_name(technician, plug):
    name = "a'\"é b"
    plug(name)
    with connected():
        save_transcript("box", name, LINES, datetime(2026, 11, 24, 20, 40, tzinfo=UTC))
    answer = technician.get("/modems/box/a'%22é%20b/transcript/file")
    assert answer.headers["Content-Disposition"] == "attachment; filename=plp-modem-a-b-2026-11-24-2140.txt"


@pytest.mark.parametrize("role", ["officer", "admin", "coordinator"])
def test_it_is_the_technician_s(sign_in, plug, role):
    plug()
    person = sign_in(role)
    for path in ("transcript", "transcript/live", "transcript/file"):
        assert person.get(f"/modems/box/a/{path}").status_code == 403
