"""Set-up by a one-time link, signing in and out, and what ends a session."""

from datetime import timedelta

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.people.accounts.accounts import accounts, find_account
from plp.services.accounts.rights import add_account
from plp.services.accounts.signing_in import authenticate
from tests.console.conftest import PASSWORD, words
from tests.support.accounts import issue_link, set_roles


@pytest.fixture
def link(app):
    """The link that makes the first admin."""
    with connected():
        return "/setup/" + issue_link(utc_now())


def twice(password=PASSWORD, **others):
    return {"password": password, "password_again": password, **others}


@pytest.mark.slow
def test_the_link_makes_the_first_admin_and_signs_in(stranger, link):
    assert "Premier administrateur" in words(stranger.get(link))
    answer = stranger.post(link, twice(name="Marie Lambert"), page=link)
    assert answer.location == "/"
    assert "Marie Lambert" in words(stranger.follow(answer))
    with connected():
        (card,) = accounts()
    assert card.roles == {"admin", "officer", "technician"}


def test_the_link_works_once(app, stranger, link):
    stranger.post(link, twice(name="Marie Lambert"), page=link)
    again = app.test_client().get(link)
    assert again.status_code == 404
    assert "a déjà servi" in words(again)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (
            {"name": "Marie", "password": PASSWORD, "password_again": PASSWORD + "!"},
            "mots de passe sont différents",
        ),
        (twice("court", name="Marie"), "au moins 15 caractères"),
        (
            twice("marie marie marie", name="Marie"),
            "Mot de passe trop facile à deviner : courant, répétitif, ou",
        ),
        (twice(name=" \u202e "), "Choisissez un nom"),
        (twice("x" * 1001, name="Marie"), "trop long"),
    ],
)
def test_what_cannot_be_is_said_and_the_link_still_works(stranger, link, form, sentence):
    answer = stranger.post(link, form, page=link)
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert form["password"] not in answer.text
    assert stranger.post(link, twice(name="Marie"), page=link).location == "/"


def test_a_new_account_keeps_the_language_in_which_its_link_was_read(stranger, link):
    stranger.post("/language", {"language": "nl"}, page="/login")
    stranger.post(link, twice(name="Jan Peeters"), page=link)
    with connected():
        assert find_account("Jan Peeters").language == "nl"


def test_another_password_changes_no_language(app, stranger, sign_in):
    sign_in("officer")
    with connected():
        reset = "/setup/" + issue_link(utc_now(), "Test officer")
    stranger.post("/language", {"language": "nl"}, page="/login")
    stranger.post(reset, twice(), page=reset)
    with connected():
        assert find_account("Test officer").language == "fr"


def test_an_unknown_link_says_what_to_do(stranger):
    answer = stranger.get("/setup/unknown")
    assert answer.status_code == 404
    assert "Demandez-en un nouveau" in words(answer)
    assert stranger.post("/setup/unknown", twice(name="Marie")).status_code == 404


def test_an_old_link_is_refused(app, stranger):
    with connected():
        old = "/setup/" + issue_link(utc_now() - timedelta(hours=25))
    assert "a expiré" in words(stranger.get(old))


def test_a_link_for_somebody_sets_a_new_password_and_ends_their_sessions(app, stranger, sign_in):
    victim = sign_in("officer")
    with connected():
        reset = "/setup/" + issue_link(utc_now(), "Test officer")
    assert "« Test officer »" in words(stranger.get(reset))
    assert stranger.post(reset, twice("un tout autre secret", name="ignored"), page=reset).location == "/"
    assert victim.get("/").location == "/login"
    with connected():
        assert authenticate("Test officer", "un tout autre secret", "192.0.2.7", utc_now())
        assert not authenticate("Test officer", PASSWORD, "192.0.2.7", utc_now())


def test_before_the_first_admin_the_login_page_says_where_the_link_is(stranger, admin):
    assert "lien à usage unique" not in words(stranger.get("/login"))


def test_an_empty_house_tells_about_the_link(stranger):
    assert "lien à usage unique" in words(stranger.get("/login"))


def test_a_wrong_password_keeps_the_name_and_tells_nothing_else(stranger, sign_in):
    sign_in("officer")
    wrong = stranger.post("/login", {"name": "Test officer", "password": "not this one"})
    unknown = stranger.post("/login", {"name": "Nobody Here", "password": "not this one"})
    for answer in (wrong, unknown):
        assert answer.status_code == 401
        assert "Nom ou mot de passe incorrect." in words(answer)
        assert "not this one" not in answer.text
    assert 'value="Test officer"' in wrong.text


@pytest.mark.parametrize(
    ("asked", "reached"),
    [
        ("/members?page=2", "/members?page=2"),
        ("//evil.example/x", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\tx", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_back_and_never_elsewhere(stranger, admin, asked, reached):
    answer = stranger.post("/login", {"name": "Test admin", "password": PASSWORD}, query_string={"next": asked})
    assert answer.location == reached


def test_being_asked_to_sign_in_remembers_the_page(stranger):
    assert stranger.get("/members?page=2").location == "/login?next=/members?page%3D2"
    assert stranger.get("/").location == "/login"
    # A form that was sent cannot be sent again by a redirect.
    assert stranger.post("/members/add").location == "/login"


def test_right_passwords_cost_nothing(stranger, admin):
    for _ in range(12):
        form = {"name": "Test admin", "password": PASSWORD}
        assert stranger.post("/login", form, page="/login").status_code == 302
        stranger.post("/logout", page="/account")


def test_somebody_who_is_in_does_not_see_the_login_page(admin):
    assert admin.get("/login").location == "/"


def test_signing_out_ends_the_session(admin):
    assert admin.post("/logout").location == "/login"
    assert admin.get("/members").location.startswith("/login")


def test_signing_in_gives_a_new_session(stranger, admin):
    token = stranger.token()
    stranger.client.post("/login", data={"csrf_token": token, "name": "Test admin", "password": PASSWORD})
    stale = stranger.client.post("/logout", data={"csrf_token": token})
    assert stale.status_code == 400, "the token of before must not work after"


def test_a_role_taken_away_counts_at_once(sign_in):
    browser = sign_in("admin", "officer")
    with connected():
        add_account("Other", ["admin"], PASSWORD, "test", utc_now())
        card = next(card for card in accounts() if card.name == "Test admin officer")
        assert browser.get("/members").status_code == 200
        set_roles(card.id, ["officer"], "test", utc_now())
    assert browser.get("/members").status_code == 403


def test_a_forged_cookie_is_nobody(app, client):
    with client.session_transaction() as session:
        session["_user_id"] = "1.wrong-key"
    assert client.get("/").location == "/login"
    with client.session_transaction() as session:
        session["_user_id"] = "²"
    assert client.get("/").location == "/login"


def test_a_new_password_by_its_owner(app, sign_in):
    here, elsewhere = sign_in("officer"), sign_in("officer")
    form = {"password": PASSWORD, "new_password": "un tout autre secret", "new_password_again": "un tout autre secret"}
    assert "modifié" in words(here.follow(here.post("/account", form)))
    assert elsewhere.get("/").location == "/login"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"password": "wrong"}, "Ancien mot de passe incorrect."),
        ({"new_password_again": "something else"}, "mots de passe sont différents"),
        ({"new_password": "court", "new_password_again": "court"}, "au moins 15 caractères"),
    ],
)
def test_a_new_password_that_cannot_be(sign_in, change, sentence):
    form = {"password": PASSWORD, "new_password": "un tout autre secret", "new_password_again": "un tout autre secret"}
    browser = sign_in("officer")
    answer = browser.post("/account", form | change)
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert browser.get("/").status_code == 200
