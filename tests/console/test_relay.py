"""The page behind a coordinator's link: looking changes nothing, one button does, and nothing is told to strangers."""

from datetime import timedelta

import pytest

from console.web.limits import limiter
from db.bulletins.relay import relays, signed
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.bulletins import Bulletin
from plp.services.bulletins.relaying import mark_relayed
from tests.console.bulletins import scene
from tests.console.bulletins.conftest import mail, officer, people
from tests.console.conftest import Browser, words

__all__ = ["mail", "officer", "people"]


@pytest.fixture(autouse=True)
def no_memory(app):
    limiter.reset()


@pytest.fixture
def made(officer):
    return scene.sent(officer)


def link(made, which=0):
    with connected():
        return f"/relay/{signed('relay', relays(made)[which].id)}"


def how(made):
    with connected():
        return [row.relayed_how for row in relays(made)]


def test_looking_changes_nothing_and_the_button_does(app, made):
    address = link(made)
    home = Browser(app.test_client(), token_page=address)
    for _ in range(3):
        page = home.get(address)
        assert page.status_code == 200
        assert app.test_client().head(address).status_code == 200
        assert app.test_client().options(address).status_code == 200
    assert how(made) == ["", ""]
    assert "Avez-vous relayé ce bulletin aux membres de votre quartier ?" in words(page)
    assert page.text.count("<button") == 1
    done = home.post(address)
    assert "Relais confirmé. Merci." in words(done)
    assert how(made) == ["link", ""]


def test_a_scanner_that_presses_without_the_page_marks_nothing(app, made):
    answer = app.test_client().post(link(made), data={})
    assert answer.status_code == 400
    assert how(made) == ["", ""]


def test_the_second_time_is_told_kindly(app, made):
    address = link(made)
    home = Browser(app.test_client(), token_page=address)
    token = home.token()
    for sentence in ("Relais confirmé. Merci.", "Relais déjà confirmé. Merci."):
        assert sentence in words(home.client.post(address, data={"csrf_token": token}))
    page = home.get(address)
    assert "Relais déjà confirmé. Merci." in words(page)
    assert "<button" not in page.text


def test_in_the_language_of_the_mail_s_reader(app, made):
    page = app.test_client().get(link(made, 1))
    assert '<html lang="nl">' in page.text


def test_nothing_of_the_house_is_told(app, made):
    page = app.test_client().get(link(made))
    for private in ("Anne", "anne@example.org", "Test officer", "/login", "modem", "Prêt", "Jan", "Rotheux", "hx-"):
        assert private not in page.text, private
    assert "noindex" in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_wrong_old_and_forgotten_tokens_are_told_the_same(app, made, monkeypatch):
    address = link(made)
    forged = [app.test_client().get(path) for path in ("/relay/x", address + "x", "/relay/" + "x" * 5000)]
    with connected():
        Bulletin.update(sent_at=utc_now() - timedelta(days=31)).execute()
    old = app.test_client().get(address)
    assert {answer.status_code for answer in (*forged, old)} == {404}
    assert {answer.text for answer in (*forged, old)} == {old.text}
    assert "Lien expiré" in words(old)
    assert "Faux livreurs" not in old.text


@pytest.mark.slow
def test_guessing_ends_and_right_links_go_on(app, made):
    stranger = app.test_client()
    for _ in range(20):
        assert stranger.get(link(made)).status_code == 200
    codes = [stranger.get(f"/relay/guess{n}").status_code for n in range(21)]
    assert codes == [404] * 20 + [429]
    home = Browser(stranger, token_page=link(made))
    assert home.get(link(made)).status_code == 200
    assert "Relais confirmé. Merci." in words(home.post(link(made)))


def test_what_an_officer_marked_is_told_as_noted(app, made):
    with connected():
        mark_relayed(relays(made)[0].id, "officer", "anne", utc_now())
    assert "Relais déjà confirmé. Merci" in words(app.test_client().get(link(made)))
