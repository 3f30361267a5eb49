"""Accounts on two consoles: of two deeds at one moment, the second sees what the first did."""

import pytest
from pyotp import TOTP

from db.models.accounts import Account, RecoveryCode, SignInLink
from db.people.accounts.accounts import able
from db.people.accounts.factors import Seal
from plp.services.accounts import links
from plp.services.accounts.rights import account_card, add_account, change_account, close_account
from plp.services.accounts.signing_in import RECOVERY_CODES, confirm_app, offered_secret, prove, recovery_codes
from rules.people import Actor
from rules.refusals import Refusal
from tests.support.people import later
from tests.support.races import COMMIT, race

pytestmark = pytest.mark.usefixtures("database")

ROOT, ANNE, LUC = Actor("terminal", "root"), Actor("account", "anne"), Actor("account", "luc")
PASSWORD = "quatre mots faciles à retenir"
SEAL, LAPTOP = Seal("00" * 32), Actor("account", "eve", "192.168.1.5")
WRITE = "^(INSERT|UPDATE|DELETE)"
# Before the first thing is written; all is written.
POINTS = [(WRITE,), (WRITE, COMMIT)]


@pytest.fixture
def eve(now):
    return add_account("eve", ["officer"], PASSWORD, ROOT, now)


@pytest.fixture
def admins(now):
    return [add_account(name, ["admin"], PASSWORD, ROOT, now) for name in ("anne", "luc")]


@pytest.mark.parametrize("at", POINTS)
def test_the_last_two_admins_do_not_close_each_other(admins, now, at):
    anne, luc = admins
    came_to = race(lambda: close_account(anne, LUC, now), at, lambda: close_account(luc, ANNE, now))
    assert came_to[0] is None
    assert isinstance(came_to[1], Refusal)
    assert able("admin") == {luc}


@pytest.mark.parametrize("at", POINTS)
def test_the_last_two_admins_do_not_take_each_other_s_role(admins, now, at):
    took = [lambda who=who: change_account(who, ROOT, now, roles=["officer"]) for who in admins]
    came_to = race(took[0], at, took[1])
    assert isinstance(came_to[1], Refusal), came_to
    assert len(able("admin")) == 1


@pytest.mark.parametrize("at", POINTS)
@pytest.mark.parametrize("who", [None, "eve"])
def test_a_one_time_link_opens_once(now, who, at):
    if who:
        add_account(who, ["officer"], None, ROOT, now)
    link = links.issue_link(who, ROOT, now, 24)
    opened = [lambda name=name: links.redeem_link(link, name, PASSWORD, "", now).name for name in ("a", "b")]
    first, second = race(opened[0], at, opened[1])
    assert first == (who or "a")
    assert isinstance(second, Refusal), second
    assert Account.select().count() == 1


@pytest.mark.parametrize("at", POINTS)
def test_a_new_link_ends_the_one_before(eve, now, at):
    issue = lambda: links.issue_link("eve", ROOT, now, 24)  # noqa: E731
    race(issue, at, issue)
    assert SignInLink.select().where(SignInLink.used_at.is_null()).count() == 1


@pytest.mark.parametrize("at", POINTS)
def test_a_name_is_given_once(now, at):
    added, refused = race(*_twice(lambda: add_account("eve", ["officer"], None, ROOT, now), at))
    assert isinstance(added, int)
    assert getattr(refused, "template", refused) == "L'utilisateur « {name} » existe déjà."
    token, refused = race(*_twice(lambda: links.add_token("centrale", "officer", ROOT, now), at))
    assert token.startswith("plp_")
    assert getattr(refused, "template", refused) == "Le jeton « {name} » existe déjà."


@pytest.mark.parametrize("at", POINTS)
def test_two_pages_offer_one_secret_and_ten_recovery_codes(eve, now, at):
    first, second = race(*_twice(lambda: offered_secret(eve, SEAL), at))
    assert first == second
    race(*_twice(lambda: recovery_codes(account_card("eve"), ROOT, now), at))
    assert RecoveryCode.select().count() == RECOVERY_CODES


@pytest.mark.parametrize("at", POINTS)
def test_of_two_with_one_code_one_is_let_in(eve, now, at):
    app = TOTP(offered_secret(eve, SEAL))
    confirm_app(account_card("eve"), app.at(now), ROOT, SEAL, now)
    then = later(now, 60)
    code = app.at(then)
    assert race(*_twice(lambda: prove(account_card("eve"), code, LAPTOP, SEAL, then), at)) == (True, False)


def _twice(deed, at):
    return deed, at, deed
