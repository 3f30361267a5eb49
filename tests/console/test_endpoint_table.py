"""Every endpoint × role is one table, `endpoints.tsv`, that `tools/endpoints.py` writes from the views."""

import pytest

from console.web.roles import PUBLIC
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.people.accounts.sessions import TOKEN_ROLES
from plp.services.accounts.links import add_token
from plp.services.accounts.rights import account_card, close_account
from rules.people import ROLES, Actor, scopes_for
from tests.support.endpoints import addresses, asked, table
from tools import endpoints

LEAVING = ("entrance.logout", "POST")  # last, as the rest of the walk needs the session
VISITORS = ("anonymous", "disabled", *ROLES)
# What one may do to one's own account, and on the pages that need none.
OF_ONESELF = {"account", "factor", "entrance", "joining", "relay"}


def test_the_table_is_what_the_tool_writes_from_the_views(app):
    assert endpoints.FILE.read_text(encoding="utf-8") == endpoints.table(app)


def test_every_endpoint_says_what_it_needs():
    assert [door for door, row in table().items() if not row["needs"]] == []


def test_an_auditor_changes_nothing_but_their_own_account():
    doors = [door for door, row in table().items() if row["auditor"] == "yes" and door[1] != "GET"]
    assert {endpoint.split(".")[0] for endpoint, _method in doors} == OF_ONESELF


def allowed(door, who):
    """What the guard may answer this visitor: refused, sent to sign in, or let in (whatever the page then says)."""
    needs, of_api = table()[door]["needs"], door[0].startswith("api.")
    if needs == PUBLIC:
        return "in"
    if who in ("anonymous", "disabled") or (of_api and who not in TOKEN_ROLES):
        return "no token" if of_api else "sign in"
    return "in" if table()[door][who] == "yes" else "refused"


def answer_of(status, to_sign_in):
    """The same, of an answer."""
    return {401: "no token", 403: "refused"}.get(status, "sign in" if to_sign_in else "in")


def visit(who, stranger, sign_in):
    """A browser and a program's key of this kind of visitor."""
    role = "officer" if who == "disabled" else who
    browser = stranger if who == "anonymous" else sign_in(role)
    form_token = browser.token()
    with connected():
        owner = None if who == "anonymous" else f"Test {role}"
        key = (
            add_token(who, role, "test", utc_now(), owner=owner, scopes=scopes_for(role)) if role in TOKEN_ROLES else ""
        )
        if who == "disabled":
            sign_in("admin")
            close_account(account_card(f"Test {role}").id, Actor("job"), utc_now())
    return browser, form_token, key


@pytest.mark.slow  # two hundred addresses each
@pytest.mark.parametrize("who", VISITORS)
def test_each_visitor_is_answered_as_the_table_says(app, stranger, sign_in, who):
    browser, form_token, key = visit(who, stranger, sign_in)
    doors = sorted(addresses(app).items(), key=lambda door: door[0] == LEAVING)
    wrong = {}
    for door, address in doors:
        status, location = asked(browser.client, door, address, form_token, key)
        got = answer_of(status, location.startswith("/login"))
        public = table()[door]["needs"] == PUBLIC or door == LEAVING
        if (status >= 500 and door[0] != "api.readyz") or (not public and got != allowed(door, who)):
            wrong[door] = status, location
    assert wrong == {}
