"""Accounts on several consoles: of two at one moment, the second sees what the first did."""

import pytest

from db.models.accounts import Account, RecoveryCode, SignInLink
from db.people.accounts.accounts import able
from db.people.accounts.factors import Seal
from plp.services.accounts import links
from plp.services.accounts.rights import account_card, add_account, change_account, close_account
from plp.services.accounts.signing_in import RECOVERY_CODES, offered_secret, recovery_codes
from rules.people import Actor
from tests.support.hosts import at_once

pytestmark = pytest.mark.usefixtures("database")

ROOT = Actor("terminal", "root")
PASSWORD = "quatre mots faciles à retenir"


def test_the_last_two_admins_do_not_close_each_other(now):
    anne, luc = (add_account(name, ["admin"], PASSWORD, ROOT, now) for name in ("anne", "luc"))
    told = at_once(
        lambda: close_account(anne, Actor("account", "luc"), now),
        lambda: close_account(luc, Actor("account", "anne"), now),
    )
    assert (told.count("done"), len(able("admin"))) == (1, 1)


def test_the_last_two_admins_do_not_take_each_other_s_role(now):
    anne, luc = (add_account(name, ["admin"], PASSWORD, ROOT, now) for name in ("anne", "luc"))
    at_once(*(lambda who=who: change_account(who, ROOT, now, roles=["officer"]) for who in (anne, luc)))
    assert len(able("admin")) == 1


@pytest.mark.parametrize("who", [None, "eve"])
def test_a_one_time_link_opens_once(now, who):
    if who:
        add_account(who, ["officer"], None, ROOT, now)
    link = links.issue_link(who, ROOT, now, 24)
    told = at_once(*(lambda name=name: links.redeem_link(link, name, PASSWORD, "", now).name for name in ("a", "b")))
    assert sum(name in ("a", "b", "eve") for name in told) == 1
    assert Account.select().count() == 1


def test_a_new_link_ends_the_one_before(now):
    add_account("eve", ["officer"], None, ROOT, now)
    at_once(*(lambda: links.issue_link("eve", ROOT, now, 24),) * 2)
    assert SignInLink.select().where(SignInLink.used_at.is_null()).count() == 1


def test_a_name_is_given_once(now):
    told = at_once(*(lambda: add_account("eve", ["officer"], None, ROOT, now),) * 2)
    assert "L'utilisateur « {name} » existe déjà." in told
    told = at_once(*(lambda: links.add_token("centrale", "officer", ROOT, now)[:4],) * 2)
    assert sorted(told) == ["Le jeton « {name} » existe déjà.", "plp_"]


def test_two_pages_offer_one_secret_and_ten_recovery_codes(now):
    eve = add_account("eve", ["officer"], None, ROOT, now)
    assert len(set(at_once(*(lambda: offered_secret(eve, Seal("00" * 32)),) * 2))) == 1
    at_once(*(lambda: recovery_codes(account_card("eve"), ROOT, now),) * 2)
    assert RecoveryCode.select().count() == RECOVERY_CODES
