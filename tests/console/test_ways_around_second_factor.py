"""As an attacker would try it (docs/proof.md): ways around the second factor."""

from datetime import timedelta

import pytest
from pyotp import TOTP

import console.second_factor.proof
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.engine.files import state_folder
from db.models.accounts import Account, AccountSession
from db.people.accounts.accounts import identity_of
from db.people.accounts.factors import Seal, factors
from plp.services.accounts.signing_in import add_key, confirm_app, offered_secret
from plp.serving import secret_key
from rules.people import Actor
from tests.console.conftest import words
from tests.support.accounts import issue_link

NEW = "un tout autre secret"


@pytest.fixture
def officer(sign_in):
    browser = sign_in("officer")
    browser.token_page = "/account"
    return browser


@pytest.fixture
def who(officer):
    with connected():
        return identity_of(Account.get(Account.name == "Test officer"))


@pytest.fixture
def app_of(settings, who):
    """Gives the officer an authenticator app; what shows its codes."""
    return add_app(settings, who)


def add_app(settings, who):
    with connected():
        seal = Seal(secret_key(state_folder(settings)))
        long_ago = utc_now() - timedelta(hours=1)
        totp = TOTP(offered_secret(who.id, seal))
        confirm_app(who, totp.at(long_ago), Actor("account", who.name), seal, long_ago)
    return totp


def test_a_link_does_not_pass_the_second_factor(stranger, who, app_of):
    with connected():
        link = "/setup/" + issue_link(utc_now(), who.name)
    page = stranger.post(link, {"password": NEW, "password_again": NEW}, page=link)
    assert "Votre code" in words(page)
    assert stranger.get("/").location == "/login"
    with connected():
        assert not AccountSession.select().exists(), "the officer's own session ended with the old password"
    assert stranger.post("/login/second", {"code": app_of.at(utc_now())}).location == "/"
    assert stranger.get("/account").status_code == 200  # the role, given beside the link, waits


def test_an_open_session_adds_no_app_without_a_proof(officer, who, monkeypatch):
    """Adding one counts as a proof: it opened all that asks for a fresh one."""
    with connected():
        add_key(who, "Clé", b"x", 0, Actor("account", who.name), utc_now())
    monkeypatch.setattr("console.second_factor.security_keys.signing", lambda _who: "")
    monkeypatch.setattr("console.second_factor.security_keys.offered", lambda _who: "")
    secret = officer.get("/account/second-factor").text.partition('class="plp-secret">')[2].partition("<")[0]
    answer = officer.post("/account/second-factor/app", {"code": TOTP(secret).at(utc_now())})
    assert answer.location == "/account/second-factor/prove?next=/account/second-factor"
    with connected():
        assert not factors(who.id).app


def test_nor_a_key(officer, who, app_of, monkeypatch):
    monkeypatch.setattr("console.second_factor.security_keys.take", lambda who, _name, _key: add(who))
    monkeypatch.setattr("console.second_factor.security_keys.offered", lambda _who: "")

    def add(who):
        add_key(who, "Clé", b"x", 0, Actor("account", who.name), utc_now())

    answer = officer.post("/account/second-factor/keys", {"key": "{}"})
    assert answer.location == "/account/second-factor/prove?next=/account/second-factor"
    assert officer.post("/account/second-factor/prove", {"code": app_of.at(utc_now())}).status_code == 303
    assert officer.post("/account/second-factor/keys", {"key": "{}"}).location == "/account/second-factor"
    with connected():
        assert len(factors(who.id).keys) == 1
    monkeypatch.setattr(console.second_factor.proof, "utc_now", lambda: utc_now() + timedelta(minutes=6))
    assert "/prove" in officer.post("/account/second-factor/keys", {"key": "{}"}).location


RIGHTS = ("/accounts/1/reopen", "/accounts/1/confirm", "/settings/policy/second", "/accounts/1/delete")


def test_giving_and_ending_rights_wants_a_fresh_proof(sign_in, settings):
    """At a desk that an admin left open, also for a second admin who did not agree."""
    admin = sign_in("admin")
    with connected():
        me = identity_of(Account.get(Account.name == "Test admin"))
    totp = add_app(settings, me)
    admin.token_page = "/account"
    for path in RIGHTS:
        answer = admin.post(path, {"do": "agree"})
        assert (path, answer.status_code) == (path, 401)
        assert "Confirmer votre identité" in words(answer)
    assert admin.post(path, {"code": totp.at(utc_now())}).status_code != 401, "and goes on with the code"
