"""Every endpoint × role × anonymous × disabled is one table, `endpoints.tsv`; a new one needs its row."""

import pytest

from console.web.roles import PUBLIC, access
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.people.accounts.accounts import account_card
from db.people.accounts.tokens import add_token
from plp.services.accounts import close_account
from rules.people import ROLES, Actor
from tests.support.endpoints import VISITORS, addresses, asked, expected

LEAVING = ("entrance.logout", "POST")  # last, as the rest of the walk needs the session


def test_every_endpoint_has_its_row_and_no_row_is_without_one(app):
    assert set(expected()) == set(addresses(app))


def test_the_table_says_what_the_marks_say(app):
    with app.test_request_context():
        marks = {endpoint: access(endpoint) for endpoint, _method in expected()}
    wrong = {
        (door, role)
        for door, answers in expected().items()
        if marks[door[0]] != PUBLIC
        for role in ROLES
        if (answers[role] == 403) != (role not in marks[door[0]])
    }
    assert wrong == set()
    assert {door for door, answers in expected().items() if not marks[door[0]]} == set()


def test_nobody_without_an_account_gets_past_the_sign_in_page(app):
    with app.test_request_context():
        closed = {door: each for door, each in expected().items() if access(door[0]) != PUBLIC}
    assert {(each["anonymous"], each["disabled"]) for each in closed.values()} == {(302, 302)}


def visit(who, stranger, sign_in):
    """A browser and a program's key of this kind of visitor."""
    role = "officer" if who == "disabled" else who
    browser = stranger if who == "anonymous" else sign_in(role)
    form_token = browser.token()
    with connected():
        owner = None if who == "anonymous" else f"Test {role}"
        key = add_token(who, role, "test", utc_now(), owner=owner) if role in ("officer", "technician", "admin") else ""
        if who == "disabled":
            sign_in("admin")
            close_account(account_card(f"Test {role}").id, Actor("job"), utc_now())
    return browser, form_token, key


@pytest.mark.slow  # two hundred addresses each
@pytest.mark.parametrize("who", VISITORS)
def test_each_visitor_is_answered_as_the_table_says(app, stranger, sign_in, who):
    browser, form_token, key = visit(who, stranger, sign_in)
    doors = sorted(addresses(app).items(), key=lambda door: door[0] == LEAVING)
    answers = {door: asked(browser.client, door, address, form_token, key) for door, address in doors}
    assert answers == {door: row[who] for door, row in expected().items()}
