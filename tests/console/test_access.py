"""Every endpoint, asked by nobody and by every role."""

import re

import pytest

from console.web.app import create_app
from console.web.roles import may_open, needs
from db.engine.clock import utc_now
from db.engine.connection import connected
from plp.services.accounts.rights import add_account
from rules.people import ROLES
from tests.console.conftest import PASSWORD, Browser, words


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


@pytest.mark.slow
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


@pytest.mark.parametrize("named", [("send_alrets",), ("",), ("see_alerts", "edit_alerts")])
def test_a_capability_that_does_not_exist_is_a_mistake_of_ours(named):
    with pytest.raises(ValueError, match="no capability"):
        needs(*named)


def test_the_menu_shows_what_this_person_may_open(sign_in):
    page = sign_in("coordinator").get("/").text
    assert 'href="/directory"' in page
    assert 'href="/members"' not in page
    page = sign_in("admin").get("/members").text
    assert '<a href="/members" aria-current="page">' in page


def test_an_auditor_who_changes_nothing_has_nothing_to_do(sign_in):
    assert "À faire" in words(sign_in("technician").get("/"))
    assert "À faire" not in words(sign_in("auditor").get("/"))


def test_may_open_of_what_does_not_exist(app):
    with app.test_request_context():
        assert not may_open("nothing.here")
