"""« Réessayer maintenant »: who may ask for a try at once, of what, how often, and what is said of the next one."""

import re
from datetime import timedelta

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected, writing
from db.models.modem_records import ModemRequest
from db.models.zone import AuditEntry
from db.modems import commands
from plp.services.modems import TRY_EVERY
from rules.sentences import coded
from tests.console.alerts import scene
from tests.console.conftest import words

BUTTON = "Réessayer maintenant"
PAGES = ("/", "/modems/")


def asked():
    with connected():
        return [(each.host, each.modem) for each in ModemRequest.select().where(ModemRequest.verb == "try")]


def let_it_be_long_ago():
    with connected(), writing():
        ModemRequest.update(asked_at=utc_now() - TRY_EVERY - timedelta(seconds=1), done_at=utc_now()).execute()


@pytest.mark.parametrize("role", ["officer", "technician"])
def test_whoever_alerts_and_whoever_looks_after_the_modems_may_ask(sign_in, plug, role):
    plug("a", state="paused")
    plug("b", state="suspended")
    plug("c", state="quarantined")
    plug("d", state="pin")
    person = sign_in(role)
    for path in PAGES:
        assert BUTTON in words(person.get(path)), path
    answer = person.post("/modems/try", {"next": "/wall"})
    assert (answer.status_code, answer.location) == (303, "/wall")
    assert asked() == [("box", "a"), ("box", "b")]
    assert "Nouvel essai demandé à 2 modems." in words(person.get("/"))
    with connected():
        told = AuditEntry.select().where(AuditEntry.action == "modem_try").order_by(AuditEntry.id)
        assert [(entry.actor, entry.subject) for entry in told] == [(f"Test {role}", f"box/{name}") for name in "ab"]


@pytest.mark.parametrize("role", ["admin", "coordinator", "auditor"])
def test_nobody_else_may(sign_in, plug, role):
    plug("a", state="paused")
    person = sign_in(role)
    assert BUTTON not in words(person.get("/"))
    assert person.post("/modems/try", {"next": "/"}).status_code == 403
    assert asked() == []


def test_ten_presses_are_one_try_and_the_next_one_is_possible_later(sign_in, plug):
    plug("a", state="paused")
    officer = sign_in("officer")
    for _ in range(10):
        assert officer.post("/modems/try", {"next": "/"}).status_code == 303
    page = words(officer.get("/"))
    assert "Un essai vient d'être demandé. Le suivant est possible dans" in page
    assert re.search(r"Essai demandé à \d\d:\d\d\.", page)
    assert BUTTON not in page
    assert asked() == [("box", "a")]
    let_it_be_long_ago()
    assert BUTTON in words(officer.get("/"))
    officer.post("/modems/try", {"next": "/"})
    assert len(asked()) == 2


def test_what_a_person_took_out_of_service_stays_out(sign_in, plug):
    plug("a", state="out_of_service")
    with connected():
        commands.ask("box", "a", "suspend", "anne", utc_now(), "antenne")
    officer = sign_in("officer")
    assert BUTTON not in words(officer.get("/"))
    answer = officer.post("/modems/try", {"next": "//evil.example"})
    assert answer.location == "/modems/"
    assert "Aucun modem à réessayer" in words(officer.get("/modems/"))
    assert asked() == []


@pytest.mark.parametrize(
    ("left_s", "told"),
    [
        (43.5, "Nouvel essai dans 43 secondes."),
        (1.5, "Nouvel essai dans 1 seconde."),
        (300.5, "Nouvel essai dans 5 minutes."),
        (-3, "Nouvel essai en cours."),
    ],
)
def test_the_time_until_the_next_try_counts_down(sign_in, plug, monkeypatch, left_s, told):
    now = utc_now()
    monkeypatch.setattr("console.hardware.retrying.utc_now", lambda: now)
    plug("a", state="paused", next_try_at=now + timedelta(seconds=left_s))
    plug("b", state="paused", next_try_at=now + timedelta(seconds=900))
    officer = sign_in("officer")
    for path in ("/", "/ready", "/modems/live"):
        assert told in words(officer.get(path)), path


def test_nothing_is_said_of_a_try_while_one_sends(sign_in, plug):
    plug("a", state="paused", next_try_at=utc_now() + timedelta(seconds=40))
    plug("b")
    assert "Nouvel essai" not in words(sign_in("officer").get("/modems/"))


@pytest.fixture
def waiting_alert(sign_in, plug):
    """An officer, and their alert while a modem of theirs is not found."""
    scene.people()
    plug("a")
    officer = sign_in("officer")
    number = scene.sent(officer)
    with connected():
        scene.release_due(utc_now() + timedelta(minutes=1))
    plug("a", state="paused", sentence=coded("unanswered").stored, next_try_at=utc_now() + timedelta(seconds=60))
    return officer, number


def test_in_trouble_the_alerts_page_begins_with_what_can_be_done(waiting_alert):
    officer, number = waiting_alert
    page = officer.get(f"/alerts/{number}")
    shown = words(page)
    assert shown.count(BUTTON) == 1
    assert shown.count("Pas prêt : envois de SMS en échec.") == 2, "in the header and the strip, nowhere on the page"
    order = [page.text.index(part) for part in (BUTTON, "Feuilles d'appel", 'id="told"', 'id="live"')]
    assert order == sorted(order)
    live = officer.get(f"/alerts/{number}/live?led=yes&seen=").text
    assert live.count(BUTTON) == 1
    assert 'id="trouble"' in live
    assert 'id="trouble"' not in officer.get(f"/alerts/{number}/live?seen=").text
    assert BUTTON in officer.get(f"/alerts/{number}/live?seen=").text


def test_where_a_modem_sends_the_page_begins_with_its_figures(waiting_alert, plug):
    officer, number = waiting_alert
    plug("a")
    page = officer.get(f"/alerts/{number}").text
    assert page.index('id="live"') < page.index('id="told"')
    assert BUTTON not in page


@pytest.mark.parametrize(("role", "reads"), [("officer", False), ("technician", True), ("admin", True)])
def test_what_config_ini_says_is_for_who_can_reach_it(sign_in, plug, role, reads):
    plug("a", state="absent", sentence=coded("port_gone").stored)
    person = sign_in(role)
    for path in ("/modems/", "/modems/box/a"):
        page = words(person.get(path))
        assert ("config.ini" in page) == reads, path
        assert reads or "Prévenez le technicien." in page, path
