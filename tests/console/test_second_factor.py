"""The second factor at the door, and again before what others would pay for."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pyotp import TOTP

import console.second_factor.proof
import console.web.session
from console.web.session import secret_key
from db.engine.clock import utc_now
from db.engine.connection import connected, writing
from db.engine.files import state_folder
from db.journal.audit import entries
from db.models.accounts import Account, AccountSession
from db.people.accounts.accounts import identity_of
from db.people.accounts.signing_in import Seal, confirm_app, factors, offered_secret, recovery_codes
from db.people.policy import policy, save_policy
from rules.people import Actor
from tests.console.alerts.scene import draft
from tests.console.conftest import PASSWORD, Browser, words
from tests.support.people import person


@pytest.fixture
def wanted(app):
    """A zone that asks for it, as a new one does."""
    with connected():
        save_policy(replace(policy(), second_factor=True), "test", utc_now())


@pytest.fixture
def clock(monkeypatch):
    """`clock(minutes=6)`: so much later than the test began."""
    began = utc_now()

    def later(**by):
        for module in (console.web.session, console.second_factor.proof):
            monkeypatch.setattr(module, "utc_now", lambda: began + timedelta(**by))
        return began + timedelta(**by)

    return later


@pytest.fixture
def phone(app, settings, sign_in):
    """`phone("officer")`: the account's name, and what shows its codes; signed out."""

    def set_up(role):
        sign_in(role).post("/logout")
        with connected():
            who = identity_of(Account.get(Account.name == f"Test {role}"))
            seal = Seal(secret_key(state_folder(settings)))
            secret = offered_secret(who.id, seal)
            long_ago = utc_now() - timedelta(hours=1)
            confirm_app(who, TOTP(secret).at(long_ago), Actor("account", who.name), seal, long_ago)
        return who, TOTP(secret)

    return set_up


def enter(app, who, code):
    browser = Browser(app.test_client())
    page = browser.post("/login", {"name": who.name, "password": PASSWORD})
    assert "Votre code" in words(page)
    answer = browser.post("/login/second", {"code": code})
    browser.token_page = "/account"
    return browser, answer


def test_a_password_alone_does_not_open_the_door(app, phone):
    who, _totp = phone("officer")
    browser = Browser(app.test_client())
    browser.post("/login", {"name": who.name, "password": PASSWORD})
    assert browser.get("/").location == "/login"
    assert browser.post("/login/second", {"code": "123"}).status_code == 401
    assert browser.get("/").location == "/login"
    with connected():
        assert not AccountSession.select().exists()


def test_the_code_opens_it_and_leads_where_one_was(app, phone):
    who, totp = phone("officer")
    browser = Browser(app.test_client())
    page = browser.post("/login?next=/directory", {"name": who.name, "password": PASSWORD})
    assert "/login/second?next=/directory" in page.text
    answer = browser.post("/login/second?next=/directory", {"code": totp.now()})
    assert answer.location == "/directory"
    assert browser.get("/directory").status_code == 200


def test_the_door_does_not_stay_half_open(app, phone, clock):
    who, totp = phone("officer")
    browser = Browser(app.test_client())
    browser.post("/login", {"name": who.name, "password": PASSWORD})
    later = clock(minutes=6)
    assert "recommencez" in words(browser.post("/login/second", {"code": totp.at(later)}))
    assert browser.get("/").location == "/login"


def test_nobody_guesses_a_code_without_the_password(app, phone):
    _who, totp = phone("officer")
    assert "recommencez" in words(Browser(app.test_client()).post("/login/second", {"code": totp.now()}))


@pytest.mark.usefixtures("wanted")
def test_who_must_have_one_sets_it_up_first(app, sign_in):
    officer = sign_in("officer")
    assert officer.get("/").location == "/account/second-factor"
    assert officer.post("/alerts/confirm", {"text": "Vol"}, page="/account/second-factor").status_code == 403
    page = officer.get("/account/second-factor").text
    secret = page.partition('class="plp-secret">')[2].partition("<")[0]
    codes = officer.post("/account/second-factor/app", {"code": TOTP(secret).now()}, page="/account/second-factor")
    assert "Vos codes de secours" in words(codes)
    assert officer.get("/").status_code == 200


@pytest.mark.usefixtures("wanted")
def test_a_technician_need_not(sign_in):
    assert sign_in("technician").get("/").status_code == 200


def test_a_lost_phone_is_replaced_by_a_recovery_code(app, phone):
    who, _totp = phone("admin")
    with connected():
        code, *_ = recovery_codes(who, Actor("account", who.name), utc_now())
    browser, answer = enter(app, who, code)
    assert answer.status_code == 302
    assert browser.get("/").status_code == 200


def test_roles_and_rules_want_a_fresh_proof(app, phone, clock):
    who, totp = phone("admin")
    browser, _answer = enter(app, who, totp.now())
    later = clock(minutes=6)
    rules = {"approval": "typed", "undo_grows": "yes", "night_from_hour": "22", "night_to_hour": "6"}
    asked = browser.post("/settings/policy", rules)
    assert asked.status_code == 401
    assert "Confirmer votre identité" in words(asked)
    assert 'name="night_to_hour" value="6"' in asked.text
    with connected():
        assert policy().night_to_hour == 7
    assert browser.post("/settings/policy", rules | {"code": "000000"}).status_code == 401
    assert browser.post("/settings/policy", rules | {"code": totp.at(later)}).status_code == 302
    with connected():
        assert policy().night_to_hour == 6
    assert browser.post("/settings/policy", rules | {"night_to_hour": "7"}).status_code == 302  # still fresh


@pytest.mark.parametrize("export", ["/groups/999999/addresses", "/groups/999999/members.csv"])
def test_members_addresses_leave_after_a_fresh_proof(app, phone, clock, export):
    who, totp = phone("admin")
    browser, _answer = enter(app, who, totp.now())
    later = clock(minutes=6)
    assert "Confirmer votre identité" in words(browser.post(export))
    assert browser.post(export, {"code": totp.at(later)}).status_code == 404


def test_the_archive_leaves_after_a_fresh_proof(app, phone, clock):
    who, totp = phone("admin")
    browser, _answer = enter(app, who, totp.now())
    later = clock(minutes=6)
    asked = browser.get("/plan-b/archive").location
    assert asked == "/account/second-factor/prove?next=/plan-b/archive"
    assert browser.post(asked, {"code": totp.at(later)}).location == "/plan-b/archive"
    assert browser.get("/plan-b/archive").status_code == 404  # there is none yet


@pytest.fixture
def crowd(app, ready_modem):
    ready_modem()
    now = utc_now()
    with connected(), writing():
        for number in range(51):
            person(number, now)


def placed(browser, **more):
    return browser.post("/alerts/send", draft(typed="51", **more))


@pytest.mark.usefixtures("crowd")
def test_an_alert_to_many_wants_a_fresh_code(app, phone, clock):
    who, totp = phone("officer")
    browser, _answer = enter(app, who, totp.now())
    later = clock(minutes=6)
    confirm = browser.post("/alerts/confirm", draft())
    assert 'name="code"' in confirm.text
    refused = placed(browser)
    assert refused.status_code == 401
    assert "Tapez votre code" in words(refused)
    assert placed(browser, code=totp.at(later)).status_code == 303


@pytest.mark.usefixtures("crowd")
def test_an_alert_right_after_signing_in_asks_for_no_second_code(app, phone):
    who, totp = phone("officer")
    browser, _answer = enter(app, who, totp.now())
    assert 'name="code"' not in browser.post("/alerts/confirm", draft()).text
    assert placed(browser).status_code == 303


@pytest.mark.usefixtures("crowd")
def test_without_a_code_the_alert_leaves_with_a_reason_that_stays(app, phone, clock):
    who, totp = phone("officer")
    browser, _answer = enter(app, who, totp.now())
    clock(minutes=6)
    assert placed(browser, do="without_code", without_code="").status_code == 401
    assert placed(browser, do="without_code", without_code="gsm au vestiaire").status_code == 303
    with connected():
        entry = next(each for each in entries() if each.action == "sent_without_code")
    assert (entry.actor, entry.detail["reason"]) == (who.name, "gsm au vestiaire")


def test_an_admin_removes_the_second_factor_of_who_lost_everything(app, phone, sign_in):
    who, _totp = phone("officer")
    admin = sign_in("admin")
    assert admin.post(f"/accounts/{who.id}/second-factor").status_code == 302
    with connected():
        assert not factors(who.id)
