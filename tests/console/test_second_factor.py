"""The second factor at the door, and again before what others would pay for."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pyotp import TOTP

import console.alerts.writing.confirming
import console.second_factor.proof
import console.web.acting
import console.web.session
from db.engine.clock import utc_now
from db.engine.connection import connected, writing
from db.engine.files import state_folder
from db.journal import audit
from db.journal.audit import entries
from db.models.accounts import Account, AccountSession
from db.models.broadcasts import Broadcast
from db.people.accounts.accounts import identity_of
from db.people.accounts.factors import Seal, factors
from db.people.zone import policy
from plp.services.accounts.rights import add_account
from plp.services.accounts.signing_in import confirm_app, offered_secret, recovery_codes
from plp.services.zone import save_policy
from plp.serving import secret_key
from rules.people import Actor
from rules.states import Stage
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

    modules = (console.web.session, console.second_factor.proof, console.web.acting, console.alerts.writing.confirming)

    def later(**by):
        for module in modules:
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
    answer = browser.post("/login/second?next=/directory", {"code": totp.at(utc_now())})
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
    assert "recommencez" in words(Browser(app.test_client()).post("/login/second", {"code": totp.at(utc_now())}))


@pytest.mark.usefixtures("wanted")
def test_who_must_have_one_sets_it_up_first(app, sign_in):
    officer = sign_in("officer")
    assert officer.get("/").location == "/account/second-factor"
    assert officer.post("/alerts/confirm", {"text": "Vol"}, page="/account/second-factor").status_code == 403
    page = officer.get("/account/second-factor").text
    secret = page.partition('class="plp-secret">')[2].partition("<")[0]
    codes = officer.post(
        "/account/second-factor/app", {"code": TOTP(secret).at(utc_now())}, page="/account/second-factor"
    )
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
    browser, _answer = enter(app, who, totp.at(utc_now()))
    later = clock(minutes=6)
    rules = {"approval": "typed", "mail_always": "yes"}
    asked = browser.post("/settings/policy", rules)
    assert asked.status_code == 401
    assert "Confirmer votre identité" in words(asked)
    assert 'name="mail_always" value="yes"' in asked.text
    with connected():
        assert not policy().mail_always
    assert browser.post("/settings/policy", rules | {"code": "000000"}).status_code == 401
    assert browser.post("/settings/policy", rules | {"code": totp.at(later)}).status_code == 303
    with connected():
        assert policy().mail_always
    assert browser.post("/settings/policy", rules | {"mail_always": ""}).status_code == 303  # still fresh


@pytest.mark.parametrize("export", ["/groups/999999/addresses", "/groups/999999/members.csv"])
def test_members_addresses_leave_after_a_fresh_proof(app, phone, clock, export):
    who, totp = phone("admin")
    browser, _answer = enter(app, who, totp.at(utc_now()))
    later = clock(minutes=6)
    assert "Confirmer votre identité" in words(browser.post(export))
    assert browser.post(export, {"code": totp.at(later)}).status_code == 404


def test_the_archive_leaves_after_a_fresh_proof(app, phone, clock):
    who, totp = phone("admin")
    browser, _answer = enter(app, who, totp.at(utc_now()))
    later = clock(minutes=6)
    asked = browser.get("/plan-b/archive").location
    assert asked == "/account/second-factor/prove?next=/plan-b/archive"
    assert browser.post(asked, {"code": totp.at(later)}).location == "/plan-b/archive"
    assert browser.get("/plan-b/archive").status_code == 404  # there is none yet


def test_all_that_is_held_of_a_member_is_read_after_a_fresh_proof_and_the_journal_has_it(app, phone, clock):
    who, totp = phone("admin")
    with connected():
        her = person(1, utc_now())
    browser, _answer = enter(app, who, totp.at(utc_now()))
    later = clock(minutes=6)
    asked = browser.get(f"/members/{her}/rights")
    assert asked.location == f"/account/second-factor/prove?next=/members/{her}/rights"
    assert browser.post(f"/members/{her}/restrict", {"do": "lift"}).status_code == 401
    with connected():
        assert not [entry for entry in entries() if entry.action == "member_consulted"]
    assert browser.post(asked.location, {"code": totp.at(later)}).location == f"/members/{her}/rights"
    assert browser.get(f"/members/{her}/rights").status_code == 200
    with connected():
        assert [(e.actor, e.subject) for e in entries() if e.action == "member_consulted"] == [(who.name, str(her))]


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
    browser, _answer = enter(app, who, totp.at(utc_now()))
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
    browser, _answer = enter(app, who, totp.at(utc_now()))
    assert 'name="code"' not in browser.post("/alerts/confirm", draft()).text
    assert placed(browser).status_code == 303


@pytest.mark.usefixtures("crowd")
def test_without_a_code_the_alert_leaves_with_a_reason_that_stays(app, phone, clock):
    who, totp = phone("officer")
    browser, _answer = enter(app, who, totp.at(utc_now()))
    clock(minutes=6)
    assert placed(browser, do="without_code", without_code="").status_code == 401
    assert placed(browser, do="without_code", without_code="gsm au vestiaire").status_code == 303
    with connected():
        entry = next(each for each in entries() if each.action == "sent_without_code")
    assert (entry.actor, entry.detail["reason"]) == (who.name, "gsm au vestiaire")


@pytest.fixture
def asked(crowd, sign_in):
    """A colleague's alert to 51 people, which waits for a second person."""
    with connected():
        save_policy(replace(policy(), approval="second"), "test", utc_now())
    return int(placed(sign_in("officer", "technician")).location.rsplit("/", 1)[1])


@pytest.fixture
def late(app, phone, clock, monkeypatch):
    """An officer whose proof is six minutes old, and the next code of their telephone."""
    who, totp = phone("officer")
    with connected():
        add_account("Third", ["officer"], PASSWORD, "test", utc_now())
        save_policy(replace(policy(), approval="second"), "test", utc_now())
    browser, _answer = enter(app, who, totp.at(utc_now()))
    return browser, totp.at(clock(minutes=6))


DOORS = [("approve", {"typed": "51"}), ("alone", {"typed": "51", "alone_because": "Personne ne répond"})]


@pytest.mark.parametrize(("door", "form"), DOORS)
def test_what_lets_an_alert_to_many_go_wants_a_fresh_code(late, asked, door, form):
    browser, code = late
    address = f"/alerts/{asked}/{door}"
    assert 'name="code"' in browser.get(address).text
    refused = browser.post(address, form)
    assert (refused.status_code, stage(asked)) == (401, Stage.AWAITING_APPROVAL)
    assert "Tapez votre code" in words(refused)
    assert browser.post(address, form | {"code": code}).status_code == 303
    assert stage(asked) is Stage.SCHEDULED


@pytest.mark.parametrize(("door", "form"), DOORS)
def test_without_a_code_it_is_let_go_with_a_reason_that_stays(late, asked, door, form):
    browser, _code = late
    form = form | {"do": "without_code"}
    address = f"/alerts/{asked}/{door}"
    assert browser.post(address, form).status_code == 401
    assert stage(asked) is Stage.AWAITING_APPROVAL
    assert browser.post(address, form | {"without_code": "gsm au vestiaire"}).status_code == 303
    with connected():
        entry = next(each for each in entries() if each.action == "sent_without_code")
    assert (entry.subject, entry.detail["reason"]) == (str(asked), "gsm au vestiaire")


@pytest.mark.parametrize("missing", [{"typed": ""}, {"typed": "50"}, {"code": ""}])
def test_the_number_and_the_code_come_before_the_glass_is_broken(late, crowd, missing):
    browser, code = late
    alone = {"do": "alone", "alone_because": "Seule de garde", "typed": "51", "code": code}
    answer = browser.post("/alerts/send", draft(typed="51", code=code))
    broadcast = int(answer.location.rsplit("/", 1)[1])
    with connected():
        AccountSession.update(proven_at=utc_now() - timedelta(hours=1)).execute()
    assert browser.post("/alerts/send", draft(**(alone | {"code": ""} | missing))).status_code in (400, 401)
    assert stage(broadcast) is Stage.AWAITING_APPROVAL


def test_the_word_comes_before_the_glass_of_a_drill_is_broken(late, crowd):
    browser, _code = late
    drill = draft(audience="all")
    drill.pop("when")
    answer = browser.post("/drills/send", drill | {"typed": "EXERCICE"})
    broadcast = int(answer.location.rsplit("/", 1)[1])
    alone = {"do": "alone", "alone_because": "Seule de garde", "typed": ""}
    assert browser.post("/drills/send", drill | alone).status_code == 400
    assert stage(broadcast) is Stage.AWAITING_APPROVAL


@pytest.mark.usefixtures("crowd")
def test_without_a_code_nothing_leaves_that_is_not_written_down(app, phone, clock, monkeypatch):
    """A crash between the order and its trace leaves neither."""
    who, totp = phone("officer")
    browser, _answer = enter(app, who, totp.at(utc_now()))
    clock(minutes=6)

    record = audit.record

    def crash(now, by, action, *args, **values):
        if action == "sent_without_code":
            raise RuntimeError
        record(now, by, action, *args, **values)

    monkeypatch.setattr(audit, "record", crash)
    assert placed(browser, do="without_code", without_code="gsm au vestiaire").status_code == 500
    with connected():
        assert not Broadcast.select().exists()


def stage(broadcast_id):
    with connected():
        return Broadcast.get_by_id(broadcast_id).stage


def test_an_admin_removes_the_second_factor_of_who_lost_everything(app, phone, sign_in):
    who, _totp = phone("officer")
    admin = sign_in("admin")
    assert admin.post(f"/accounts/{who.id}/second-factor").status_code == 303
    with connected():
        assert not factors(who.id)
