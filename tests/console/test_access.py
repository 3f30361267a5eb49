"""Every endpoint, asked by nobody and by every role."""

import re

import pytest
from flask import Flask
from werkzeug.routing import IntegerConverter, Rule

from console.web.app import create_app
from console.web.roles import PUBLIC, access, may_open, roles
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.people.accounts.accounts import add_account
from plp.rules.people import ROLES
from tests.console.conftest import PASSWORD, Browser

EVERYONE = frozenset(ROLES)
SIGNED_IN = EVERYONE | {""}
# Who may open what, by hand: a changed mark in the code must be a changed line here.
EXPECTED = {
    "static": PUBLIC,
    "entrance.login": PUBLIC,
    "entrance.login_now": PUBLIC,
    "entrance.setup": PUBLIC,
    "entrance.setup_now": PUBLIC,
    "entrance.logout": SIGNED_IN,
    "language": PUBLIC,
    "home": EVERYONE,
    "home.status": SIGNED_IN,
    "account": SIGNED_IN,
    "directory.directory": EVERYONE,
    "directory": {"admin"},
    "members": {"admin"},
    "neighbourhoods": {"admin"},
    "accounts": {"admin"},
    "tokens": {"admin"},
    "journal": {"admin"},
    "settings": {"admin"},
    "drills.drills": {"officer", "technician", "admin"},
    "drills.report": {"officer", "technician", "admin"},
    "drills": {"officer"},
    # Reading is for whoever answers for what was sent, sending is the officer's.
    "alerts.history": {"officer", "technician", "admin"},
    "alerts.progress": {"officer", "technician", "admin"},
    "alerts.live": {"officer", "technician", "admin"},
    "alerts.curve": {"officer", "technician", "admin"},
    "alerts.thread": {"officer", "technician", "admin"},
    "alerts.dossier": {"officer", "technician", "admin"},
    "alerts.answers": {"officer", "technician", "admin"},
    "alerts": {"officer"},
    "inbox": {"officer"},
    "inbox.stops": {"officer", "admin"},
    "inbox.decide_stops": {"officer", "admin"},
    # Whom a bulletin reached is also the admin's to see: the coordinators are theirs to keep.
    "bulletins.bulletins": {"officer", "admin"},
    "bulletins.preview": {"officer", "admin"},
    "bulletins.look_at": {"officer", "admin"},
    "bulletins.follow": {"officer", "admin"},
    "bulletins.live": {"officer", "admin"},
    "bulletins.deputy_after_now": {"admin"},
    "bulletins": {"officer"},
    # A coordinator at home has a signed link and no account.
    "relay": PUBLIC,
    "groups.relaying_now": {"admin"},
    "groups": {"admin", "officer"},
    "my_neighbourhood": {"coordinator"},
    "ringing": {"officer"},
    # The same for the modems; only the technician lays hands on one.
    "modems.modems": {"officer", "technician", "admin"},
    "modems.live": {"officer", "technician", "admin"},
    "modems.modem": {"officer", "technician", "admin"},
    "modems.modem_live": {"officer", "technician", "admin"},
    "modems.reception": {"officer", "technician", "admin"},
    "modems": {"technician"},
    "sims.sims": {"officer", "technician", "admin"},
    "sims": {"technician"},
    "post": {"technician", "admin"},
    "incidents": {"officer", "technician", "admin"},
    "plan_b": {"officer", "admin"},
    "plan_b.archive": {"admin"},
    "ready_made": {"admin"},
    # Guards itself with bearer tokens; its own tests ask it without one.
    "api": PUBLIC,
}


def expected(endpoint: str) -> frozenset[str]:
    """The line of EXPECTED for an endpoint: its own, else its blueprint's."""
    return frozenset(EXPECTED.get(endpoint, EXPECTED.get(endpoint.split(".")[0], frozenset())))


def address(app: Flask, rule: Rule) -> str:
    values = {name: 999_999 if isinstance(c, IntegerConverter) else "x" for name, c in rule._converters.items()}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


def doors(app: Flask) -> list[tuple[str, str, str]]:
    """(endpoint, method, address) of everything that can be asked."""
    return [
        (rule.endpoint, method, address(app, rule))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_no_endpoint_is_without_a_mark(app):
    with app.test_request_context():
        marks = {rule.endpoint: access(rule.endpoint) for rule in app.url_map.iter_rules()}
    assert marks == {endpoint: expected(endpoint) for endpoint in marks}
    assert not [endpoint for endpoint, allowed in marks.items() if not allowed]


@pytest.mark.slow
def test_nobody_gets_past_the_login_page(app, stranger):
    token = stranger.token()
    for endpoint, method, path in doors(app):
        if expected(endpoint) == PUBLIC:
            continue
        answer = stranger.client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
        assert answer.status_code == 302, (endpoint, method, answer.status_code)
        assert answer.location.startswith("/login"), endpoint


@pytest.mark.slow  # a thousand pages
@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_its_own_doors_only(app, sign_in, role):
    browser = sign_in(role)
    token = browser.token()
    for endpoint, method, path in doors(app):
        # Leaving is tried elsewhere: the rest of the walk needs the session.
        if expected(endpoint) == PUBLIC or endpoint == "entrance.logout":
            continue
        answer = browser.client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
        assert answer.status_code < 500, (endpoint, method)
        assert (answer.status_code == 403) == (role not in expected(endpoint)), (endpoint, method, answer.status_code)
        assert "/login" not in answer.headers.get("Location", ""), endpoint


@pytest.mark.slow
@pytest.mark.parametrize("number", [2**31, 10**20])
def test_a_number_that_no_row_can_have_is_a_page_that_does_not_exist(app, sign_in, number):
    browser = sign_in(*ROLES)
    token, asked = browser.token(), 0
    for rule in app.url_map.iter_rules():
        if "<int:" not in rule.rule:
            continue
        path = re.sub("<int:[^>]+>", str(number), re.sub(r"<(?!int:)[^>]+>", "mail", rule.rule))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = browser.client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
            assert answer.status_code in (404, 405), (rule.endpoint, method, path, answer.status_code)
            asked += 1
    assert asked > 60


def test_a_forgotten_mark_closes_the_door(settings, app):
    again = create_app(settings)
    again.add_url_rule("/forgotten", "forgotten", lambda: "open")
    again.view_functions["home.home"] = again.view_functions["forgotten"]
    with connected():
        add_account("Test all", ROLES, PASSWORD, "test", utc_now())
    browser = Browser(again.test_client())
    assert browser.post("/login", {"name": "Test all", "password": PASSWORD}).status_code == 302
    assert browser.get("/forgotten").status_code == 403
    assert browser.get("/").status_code == 403


def test_a_role_that_does_not_exist_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="roles are"):
        roles("offcier")
    with pytest.raises(ValueError, match="roles are"):
        roles()


def test_the_menu_shows_what_this_person_may_open(sign_in):
    page = sign_in("coordinator").get("/").text
    assert 'href="/directory"' in page
    assert 'href="/members"' not in page
    page = sign_in("admin").get("/members").text
    assert '<a href="/members" aria-current="page">' in page


def test_may_open_of_what_does_not_exist(app):
    with app.test_request_context():
        assert not may_open("nothing.here")
