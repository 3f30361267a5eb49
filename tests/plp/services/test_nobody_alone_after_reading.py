"""Attempts to have somebody agree to another thing than the one that they read, by putting it in its place."""

from datetime import timedelta

import pytest

from base.settings.values import Settings
from db.alerts.orders.shared import waiting_texts
from db.models.policy import ZonePolicy
from db.people.zone import Policy, policy, policy_request
from plp.jobs.welcome import ask_renewal
from plp.services.accounts import rights
from plp.services.accounts.rights import account_card, add_account
from plp.services.orders import shared
from plp.services.people.care import begin_renewal
from plp.services.people.neighbourhoods import save_neighbourhood
from plp.services.zone import agree_to_policy, save_policy
from rules.orders.agreement import Hand
from rules.people import Actor
from rules.refusals import Overtaken
from tests.support.accounts import long_known
from tests.support.people import SENDING, later, people, place, ready_modem

PASSWORD = "quatre mots faciles à retenir"
ADA, EVE, LUC = (Actor("account", name) for name in ("Ada", "Eve", "Luc"))
HOUSE = Settings(path=None, folder=None, sending=SENDING)
LIE, MEMBERS = "PLP URGENT nuage de chlore", 45


@pytest.fixture(autouse=True)
def zone(database, now):
    for name, role in {"Ada": "admin", "Eve": "admin", "Luc": "officer", "Anne": "officer"}.items():
        add_account(name, [role], PASSWORD, "test", later(now, -9 * 86400))
    long_known()
    ZonePolicy.create(approval="second")
    people(MEMBERS, now)
    ready_modem("a", now)


def test_a_text_is_not_replaced_under_the_officer_who_reads_it(now):
    begin_renewal(now + timedelta(days=30), ADA, now)
    ask_renewal(HOUSE, now)
    read = waiting_texts()[0]
    save_neighbourhood(place("Plainevaux", now), LIE, "", ADA, now)
    ask_renewal(HOUSE, now)
    with pytest.raises(Overtaken):
        shared.agree(waiting_texts()[0].id, Hand(str(MEMBERS)), LUC, now, read.seen)
    assert not waiting_texts()[0].first_by
    shared.agree(waiting_texts()[0].id, Hand(str(MEMBERS)), LUC, now, waiting_texts()[0].seen)
    assert waiting_texts()[0].first_by == LUC


def test_a_change_of_the_rules_is_not_replaced_under_the_admin_who_reads_it(now):
    save_policy(Policy(approval="second", mail_always=True), ADA, now)
    read = policy_request().seen
    save_policy(Policy(approval="none"), ADA, later(now, 1))
    with pytest.raises(Overtaken):
        agree_to_policy(EVE, later(now, 2), read)
    assert policy().approval == "second"
    agree_to_policy(EVE, later(now, 2), policy_request().seen)
    assert policy().approval == "none"


@pytest.mark.parametrize("how", ["another account", "other roles", "another address"])
def test_an_account_is_not_replaced_under_the_admin_who_confirms_it(now, how):
    add_account("Jean", ["officer"], PASSWORD, ADA, now)
    read, name = account_card("Jean"), "Jean"
    if how == "another account":
        rights.delete_account(read.id, ADA, now)
        add_account("Tim", ["officer"], PASSWORD, ADA, now)
        name = "Tim"
    elif how == "other roles":
        rights.change_account(read.id, ADA, now, roles=["officer", "admin"])
    else:
        rights.change_account(read.id, ADA, now, email="ada@example.net")
    with pytest.raises(Overtaken):
        rights.confirm_account(account_card(name).id, EVE, now, read.seen)
    assert "officer" not in account_card(name).roles
    rights.confirm_account(account_card(name).id, EVE, now, account_card(name).seen)
    assert "officer" in account_card(name).roles
