"""The page of a text that nobody ordered: read whole by officers and admins, agreed to or refused by officers."""

import pytest

from db.alerts.orders.shared import waiting_texts
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal.audit import newest
from db.models.broadcasts import Broadcast
from db.models.people import Member
from plp.jobs.welcome import send_welcomes
from tests.console.conftest import words
from tests.support.people import SENDING, people


@pytest.fixture
def waiting(app, ready_modem):
    """45 newcomers, whose welcome waits."""
    ready_modem()
    with connected():
        people(45, utc_now())
        Member.update(welcome_requested_at=utc_now()).execute()
        send_welcomes(SENDING, utc_now())
        (card,) = waiting_texts()
    return card


def sent():
    with connected():
        send_welcomes(SENDING, utc_now())
        return Broadcast.select().count()


def test_officers_and_admins_find_it_on_the_first_page_and_read_it_whole(sign_in, waiting):
    for role in ("officer", "admin"):
        browser = sign_in(role)
        assert "Bienvenue à 45 personnes : un policier doit accepter le texte." in words(browser.get("/"))
        assert " ".join(waiting.body.split()) in words(browser.get(f"/shared-texts/{waiting.id}"))


def test_an_admin_cannot_agree(sign_in, waiting):
    admin = sign_in("admin")
    page = f"/shared-texts/{waiting.id}"
    assert "Un policier doit accepter ce texte." in words(admin.get(page))
    for do in ("agree", "refuse"):
        assert admin.post(page, {"do": do, "typed": "45"}).status_code == 403
    assert sent() == 0


def test_an_officer_types_the_number_and_it_goes(sign_in, waiting):
    officer = sign_in("officer")
    page = f"/shared-texts/{waiting.id}"
    wrong = officer.post(page, {"do": "agree", "typed": "44"})
    assert (wrong.status_code, sent()) == (409, 0)
    assert "Texte accepté" in words(officer.follow(officer.post(page, {"do": "agree", "typed": "45"})))
    assert sent() == 45
    with connected():
        entry = newest("text_agreed")
    assert (entry.actor, entry.detail) == ("Test officer", {"kind": "welcome", "recipients": 45})
    assert officer.get(page).status_code == 404


def test_not_from_a_page_that_shows_another_text(sign_in, waiting):
    officer = sign_in("officer")
    page = f"/shared-texts/{waiting.id}"
    assert f'name="seen" value="{waiting.seen}"' in officer.get(page).text
    stale = officer.post(page, {"do": "agree", "typed": "45", "seen": "0123456789abcdef"})
    assert (stale.status_code, sent()) == (409, 0)
    assert officer.post(page, {"do": "agree", "typed": "45", "seen": waiting.seen}).status_code == 303


def test_or_refuses_it(sign_in, waiting):
    officer = sign_in("officer")
    officer.post(f"/shared-texts/{waiting.id}", {"do": "refuse"})
    assert sent() == 0
    assert "un policier doit accepter" not in words(officer.get("/"))
