"""A copied cookie opened the console after its owner had signed out, for as long as it was used."""

from datetime import timedelta

import pytest

import console.web.session
from console.web.app import create_app
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal.audit import entries
from db.models.accounts import AccountSession
from tests.console.alerts.scene import draft, people
from tests.console.conftest import PASSWORD, words

POLL = {"HX-Request": "true", "HX-Current-URL": "http://localhost/alerts/1?page=2"}


@pytest.fixture
def clock(monkeypatch):
    """`clock(minutes=31)`: so much later than the test began, as sessions see it; the time stands still."""
    began = utc_now()

    def later(**by):
        monkeypatch.setattr(console.web.session, "utc_now", lambda: began + timedelta(**by))

    later()
    return later


def copied(app, browser):
    """Another browser with the same cookie."""
    other = app.test_client()
    other.set_cookie("plp", browser.client.get_cookie("plp").value)
    return other


def ended():
    """How sessions ended, the newest first."""
    with connected():
        return [each.detail["ending"] for each in entries() if each.action == "session_ended"]


def test_a_copied_cookie_opens_nothing_after_signing_out(app, sign_in):
    officer = sign_in("officer")
    thief = copied(app, officer)
    assert thief.get("/").status_code == 200
    officer.post("/logout")
    assert thief.get("/").location == "/login"
    assert ended() == ["logout"]


def test_half_an_hour_without_doing_anything_ends_it(app, sign_in, clock):
    officer = sign_in("officer")
    for minutes in (25, 50):
        clock(minutes=minutes)
        assert officer.get("/directory").status_code == 200
    clock(minutes=80)
    answer = officer.get("/directory")
    assert answer.location == "/login?next=/directory"
    assert "Session expirée" in words(officer.get(answer.location))
    assert ended() == ["idle"]


def test_what_a_page_asks_by_itself_keeps_no_session_alive(sign_in, clock):
    officer = sign_in("officer")
    for minutes in range(0, 30, 5):
        clock(minutes=minutes)
        assert officer.get("/status", headers=POLL).status_code == 200
    clock(minutes=30)
    told = officer.get("/status", headers=POLL)
    assert told.status_code == 401
    assert 'href="/login?next=/alerts/1?page%3D2"' in told.text


def test_typing_is_doing_something(sign_in, clock):
    officer = sign_in("officer")
    token = officer.token()
    for minutes in (25, 50):
        clock(minutes=minutes)
        typed = {"csrf_token": token, "text": "Vol rue Haute"}
        assert officer.client.post("/alerts/measure", data=typed, headers=POLL).status_code == 200


def test_no_session_is_longer_than_twelve_hours(sign_in, clock):
    officer = sign_in("officer")
    for minutes in range(0, 720, 20):
        clock(minutes=minutes)
        assert officer.get("/directory").status_code == 200
    clock(hours=12)
    assert officer.get("/directory").location == "/login?next=/directory"
    assert ended() == ["longest"]


def test_each_sign_in_has_an_id_of_its_own_and_the_database_only_its_hash(app, sign_in):
    officer = sign_in("officer")
    with officer.client.session_transaction() as session:
        first = session["_user_id"]
    before = copied(app, officer)
    officer.post("/login", {"name": "Test officer", "password": PASSWORD}, page="/account")
    with officer.client.session_transaction() as session:
        assert session["_user_id"] != first
    assert before.get("/").location == "/login"
    assert ended() == ["replaced"]
    with connected():
        (row,) = AccountSession.select()
    assert first not in row.digest
    assert len(first) > 40


def test_owners_see_and_end_their_sessions(app, sign_in):
    here, elsewhere, third = sign_in("officer"), sign_in("officer"), sign_in("officer")
    page = words(here.get("/account"))
    assert page.count("127.0.0.1") == 3
    assert page.count("ici") >= 1
    with connected():
        second = AccountSession.select().order_by(AccountSession.id)[1]
    here.post("/account/sessions", {"session": second.id})
    assert elsewhere.get("/").location == "/login"
    assert third.get("/").status_code == 200
    here.post("/account/sessions")
    assert third.get("/").location == "/login"
    assert here.get("/").status_code == 200
    assert ended() == ["owner", "owner"]


def test_nobody_ends_another_s_session_but_an_admin(sign_in):
    officer, other = sign_in("officer"), sign_in("coordinator")
    with connected():
        victim = AccountSession.select().order_by(AccountSession.id).first()
    other.post("/account/sessions", {"session": victim.id})
    assert officer.get("/").status_code == 200
    admin, address = sign_in("admin"), f"/accounts/{victim.account_id}"
    assert "Sessions ouvertes : Test officer" in words(admin.get(address))
    admin.post(f"{address}/sessions", {"session": victim.id})
    assert officer.get("/").location == "/login"
    with connected():
        last = entries()[0]
    assert (last.actor, last.action, last.subject) == ("Test admin", "session_ended", "Test officer")
    assert last.detail == {"address": "127.0.0.1", "ending": "admin"}


@pytest.mark.slow
def test_under_tls_the_cookie_is_this_host_s_alone_and_tls_stays(settings, app, tmp_path):
    from dataclasses import replace

    tls = replace(settings, console=replace(settings.console, certificate=tmp_path / "c", key=tmp_path / "k"))
    answer = create_app(tls).test_client().get("/login", base_url="https://localhost")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-plp=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    plain = app.test_client().get("/login")
    assert plain.headers["Set-Cookie"].startswith("plp=")
    assert "Strict-Transport-Security" not in plain.headers


def test_every_sign_in_stands_in_the_journal_with_its_address(stranger, sign_in):
    sign_in("officer")
    stranger.post("/login", {"name": "test OFFICER", "password": "not this one"})
    stranger.post("/login", {"name": "a password typed here", "password": "x"}, headers={"X-Forwarded-For": "10.9.8.7"})
    with connected():
        unknown, refused, good = entries()[:3]
    assert (good.actor, good.action, good.detail) == ("Test officer", "sign_in", {"address": "127.0.0.1"})
    assert (refused.action, refused.subject, refused.detail["address"]) == (
        "sign_in_refused",
        "Test officer",
        "127.0.0.1",
    )
    # What a proxy or a visitor claims is no address, and a name that nobody has is not kept.
    assert (unknown.subject, unknown.detail["address"]) == ("", "127.0.0.1")


def test_a_draft_survives_the_end_of_its_session(sign_in, ready_modem, clock):
    ready_modem()
    people()
    officer = sign_in("officer")
    token = officer.token()
    clock(minutes=31)
    page = officer.client.post("/alerts/send", data={**draft(), "csrf_token": token})
    assert page.status_code == 401
    assert "Votre texte est conservé : vous le retrouverez après connexion" in words(page)


def test_a_text_that_is_no_draft_is_shown_when_its_session_has_ended(sign_in, clock):
    admin = sign_in("admin")
    token = admin.token()
    clock(minutes=31)
    form = {"csrf_token": token, "service": "Un service bien long", "contact": "101"}
    page = admin.client.post("/directory/add", data=form)
    assert page.status_code == 401
    assert "Copiez le texte ci-dessous, reconnectez-vous, puis recommencez" in words(page)
    assert "Un service bien long" in page.text
