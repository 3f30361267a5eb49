"""The second person: the zone's rules are changed by two admins where there are two."""

from datetime import timedelta

import pytest

from db.journal import audit
from db.people.accounts.accounts import accounts
from db.people.zone import Policy, policy, policy_request
from plp.services.accounts import rights
from plp.services.accounts.rights import add_account
from plp.services.zone import agree_to_policy, drop_policy, save_policy
from rules.people import Actor
from rules.refusals import Refusal
from tests.support.people import later

pytestmark = pytest.mark.usefixtures("database")

LAX = Policy(approval="none", mail_always=True)
ADA, EVE = Actor("account", "Ada", "192.0.2.7"), Actor("account", "Eve", "192.0.2.8")
DAY = 24 * 3600


@pytest.fixture
def admins(now):
    for name in ("Ada", "Eve"):
        add_account(name, ["admin"], "quatre mots faciles à retenir", "root (terminal)", now - timedelta(days=3))
    return {card.name: card.id for card in accounts()}


def test_one_of_two_admins_changes_no_rule_alone(now, admins):
    assert not save_policy(LAX, ADA, now)
    assert policy() == Policy()
    assert (policy_request().wanted, policy_request().asked_by) == (LAX, "Ada")
    with pytest.raises(
        Refusal, match="Vous êtes l'auteur de la demande : un collègue doit la valider avec son propre compte"
    ):
        agree_to_policy(ADA, now)
    agree_to_policy(EVE, now)
    assert (policy(), policy_request()) == (LAX, None)
    entry = audit.newest("policy_changed")
    assert (entry.actor, entry.detail["changed"]["approval"], entry.detail["address"]) == (
        "Eve",
        ["typed", "none"],
        "192.0.2.8",
    )
    assert audit.newest("policy_asked").actor == "Ada"
    with pytest.raises(Refusal, match="en attente"):
        agree_to_policy(EVE, now)


def test_what_was_asked_is_dropped_by_either(now, admins):
    save_policy(LAX, ADA, now)
    drop_policy(EVE, now)
    assert (policy(), policy_request(), audit.newest("policy_dropped").actor) == (Policy(), None, "Eve")


def test_only_what_was_asked_changes(now, admins):
    save_policy(Policy(approval="none"), ADA, now)
    save_policy(Policy(mail_always=True), EVE, now)
    assert policy_request().wanted == Policy(mail_always=True)
    assert policy_request().asked_by == "Eve"
    agree_to_policy(ADA, now)
    assert policy() == Policy(mail_always=True)


@pytest.mark.parametrize("away", [rights.close_account, rights.delete_account])
def test_sending_the_second_admin_away_helps_nobody_for_a_day(now, admins, away):
    away(admins["Eve"], ADA, now)
    assert not save_policy(LAX, ADA, later(now, DAY))
    assert save_policy(LAX, ADA, later(now, DAY + 1))


def test_nor_does_taking_the_role_or_making_an_own_second_admin(now, admins):
    rights.change_account(admins["Eve"], ADA, now, roles=["technician"])
    mallory = add_account("Mallory", ["admin"], "quatre mots faciles à retenir", ADA, now)
    assert mallory
    assert not save_policy(LAX, ADA, now)
    with pytest.raises(Refusal, match="Ada vous a donné ce rôle"):
        agree_to_policy(Actor("account", "Mallory"), now)


def test_an_admin_who_is_the_only_one_changes_the_rules_alone(now, admins):
    rights.close_account(admins["Eve"], ADA, now - timedelta(days=2))
    assert save_policy(LAX, ADA, now)
    assert policy() == LAX
