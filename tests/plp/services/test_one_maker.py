"""Accounts whose links one admin made are one person, with that admin, until somebody else confirmed one of them."""

import pytest

from db.models.accounts import Account
from db.models.policy import ZonePolicy
from db.people.zone import Policy
from plp.services.accounts import links, rights
from plp.services.accounts.rights import account_card, add_account
from plp.services.accounts.signing_in import open_session
from plp.services.broadcasts import Request
from plp.services.orders.approving import approve_broadcast, approver_refusal
from plp.services.zone import agree_to_policy, save_policy
from rules.orders.agreement import Hand
from rules.people import Actor
from rules.refusals import Refusal
from tests.support.people import SENDING, later, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "quatre mots faciles à retenir"
DAY = 24 * 3600
ADA, EVE, ROOT = Actor("account", "Ada"), Actor("account", "Eve"), Actor("terminal", "root")
ONE = "ouverts par la même personne"


@pytest.fixture(autouse=True)
def zone(database, now):
    """Two admins that nobody made lately, and a rule that two people agree."""
    add_account("Ada", ["admin", "officer"], PASSWORD, ROOT, later(now, -9 * DAY))
    add_account("Eve", ["admin"], PASSWORD, ROOT, later(now, -9 * DAY))
    Account.update(maker="").execute()
    ZonePolicy.create(approval="second")
    ready_modem("a", now)
    person(1, now)


def invent(name, by, now, roles=("technician",)):
    """An account with a link that its maker uses; an hour later it is an officer."""
    add_account(name, roles, None, by, now)
    links.redeem_link(links.issue_link(name, by, now), "", f"{PASSWORD} {by}", "", now)
    if "officer" not in roles:
        rights.change_account(account_card(name).id, by, later(now, 3600), roles=[*roles, "officer"])
    open_session(account_card(name), "", later(now, 2 * DAY))


def reset(name, by, now):
    links.redeem_link(links.issue_link(name, by, now), "", f"{PASSWORD} {by}", "", now)


def asked(by, now):
    return order(now, by=by, sending=SENDING, again=True)


def test_two_that_one_admin_invented_are_no_two_people(now):
    invent("Tim", ADA, later(now, -3 * DAY))
    invent("Tom", ADA, later(now, -3 * DAY))
    with pytest.raises(Refusal, match=ONE):
        approve_broadcast(asked("Tim", now).id, Hand("1"), Request(Actor("account", "Tom"), SENDING, now))
    rights.confirm_account(account_card("Tim").id, EVE, now)
    approve_broadcast(asked("Tim", now).id, Hand("1"), Request(Actor("account", "Tom"), SENDING, now))


def test_nor_are_one_of_them_and_the_admin(now):
    invent("Tim", ADA, later(now, -3 * DAY))
    assert approver_refusal(asked("Tim", now).id, "Ada", now) is not None
    assert approver_refusal(asked("Ada", now).id, "Tim", now) is not None


def test_nor_are_two_officers_whom_one_admin_reset(now):
    for name in ("Luc", "Léa"):
        add_account(name, ["officer"], PASSWORD, ROOT, later(now, -9 * DAY))
        open_session(account_card(name), "", later(now, -8 * DAY))
        rights.confirm_account(account_card(name).id, EVE, later(now, -8 * DAY))
        reset(name, ADA, later(now, -2 * DAY))
    assert approver_refusal(asked("Luc", now).id, "Léa", now) is not None
    rights.confirm_account(account_card("Luc").id, EVE, now)
    assert approver_refusal(asked("Luc", now).id, "Léa", now) is None


def test_an_admin_whom_the_same_admin_invented_confirms_nothing_and_agrees_to_no_rule(now):
    invent("Tim", ADA, later(now, -3 * DAY))
    invent("Max", ADA, later(now, -3 * DAY), roles=("admin", "officer"))
    with pytest.raises(Refusal, match=ONE):
        rights.confirm_account(account_card("Tim").id, Actor("account", "Max"), now)
    save_policy(Policy(approval="none"), ADA, now)
    with pytest.raises(Refusal, match=ONE):
        agree_to_policy(Actor("account", "Max"), now)


def test_two_made_at_the_box_are_one_person_too(now):
    for name in ("Tim", "Tom"):
        add_account(name, ["officer"], PASSWORD, ROOT, later(now, -3 * DAY))
        open_session(account_card(name), "", later(now, -DAY))
    assert approver_refusal(asked("Tim", now).id, "Tom", now) is not None
    rights.confirm_account(account_card("Tom").id, ADA, now)
    assert approver_refusal(asked("Tim", now).id, "Tom", now) is None


def test_where_the_zone_has_no_other_admin_a_day_is_enough(now):
    rights.close_account(account_card("Eve").id, ADA, later(now, -4 * DAY))
    invent("Tim", ADA, later(now, -3 * DAY))
    invent("Tom", ADA, later(now, -3 * DAY))
    assert approver_refusal(asked("Tim", now).id, "Tom", now) is None


def test_sending_the_other_admin_away_changes_nothing_at_once(now):
    rights.close_account(account_card("Eve").id, ADA, later(now, -3600))
    invent("Tim", ADA, later(now, -3 * DAY))
    invent("Tom", ADA, later(now, -3 * DAY))
    assert approver_refusal(asked("Tim", now).id, "Tom", now) is not None
