"""The role of officer that somebody took, or got beside a reset, waits for a second admin or for a day; and the other
admins are told whenever an officer's access is reset.
"""

import pytest

from db.journal import audit
from db.mail.enqueue import send_as
from db.models.mail import Mail
from db.people.accounts.accounts import able, accounts, identity, readers
from db.people.duty import stand_ins
from plp.services.accounts import links, rights
from plp.services.accounts.rights import account_card, add_account
from plp.services.accounts.signing_in import open_session, token_bearer
from plp.settings.values import MailSettings
from rules.people import Actor
from rules.refusals import Refusal
from tests.support.people import later

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "quatre mots faciles à retenir"
ADA, EVE = Actor("account", "Ada", "192.0.2.7"), Actor("account", "Eve", "192.0.2.8")
ROOT = Actor("terminal", "root")
HOUR, DAY = 3600, 24 * 3600


@pytest.fixture(autouse=True)
def people(database, now):
    """Three admins, an officer, a technician; long enough ago that nobody is new."""
    send_as(MailSettings(sender="plp@example.org"))
    roles = {"Ada": "admin", "Eve": "admin", "Max": "admin", "Luc": "officer", "Tom": "technician"}
    for number, (name, role) in enumerate(roles.items()):
        address = f"{name.lower()}@example.org"
        add_account(name, [role], PASSWORD, ROOT, later(now, -3 * DAY), f"047000000{number}", address)
    return {card.name: card.id for card in accounts()}


def give(name, roles, by, now):
    rights.change_account(account_card(name).id, by, now, roles=roles)


def told():
    """Who was written to, and the subjects."""
    return {(mail.name, mail.letter.subject) for mail in Mail.select()}


def is_officer(name):
    holds = "officer" in identity(account_card(name).id).roles
    assert holds == (account_card(name).id in able("officer"))
    assert holds == (name in {reader.name for reader in readers("officer")})
    assert holds == (name in {callee.name for callee in stand_ins(("officer",))})
    return holds


def test_an_admin_who_takes_the_role_of_officer_has_it_after_a_day(now):
    give("Ada", ["admin", "officer"], ADA, now)
    assert not is_officer("Ada")
    assert account_card("Ada").given_roles == {"admin", "officer"}
    assert {name for name, subject in told() if "à confirmer" in subject} == {"Eve", "Max"}
    assert audit.newest("officer_waits").subject == "Ada"
    open_session(account_card("Ada"), "", later(now, DAY - 1))
    assert not is_officer("Ada")
    open_session(account_card("Ada"), "", later(now, DAY))
    assert is_officer("Ada")


def test_or_once_a_second_admin_agrees(now):
    give("Ada", ["admin", "officer"], ADA, now)
    with pytest.raises(Refusal, match="Un autre administrateur"):
        rights.confirm_account(account_card("Ada").id, ADA, now)
    rights.confirm_account(account_card("Ada").id, EVE, now)
    assert is_officer("Ada")


def test_a_second_account_of_the_same_person_neither_gives_nor_confirms_it(now):
    rights.change_account(account_card("Eve").id, ADA, now, email="ada@example.org")
    give("Ada", ["admin", "officer"], EVE, now)
    assert not is_officer("Ada")
    with pytest.raises(Refusal):
        rights.confirm_account(account_card("Ada").id, EVE, now)
    rights.confirm_account(account_card("Ada").id, Actor("account", "Max"), now)
    assert is_officer("Ada")


def test_saving_the_account_again_changes_nothing(now):
    give("Ada", ["admin", "officer"], ADA, now)
    give("Ada", ["admin", "officer"], ADA, later(now, 2 * HOUR))
    assert not is_officer("Ada")
    assert account_card("Ada").officer_from_at == later(now, DAY)


def test_a_program_of_whoever_waits_orders_nothing(now):
    give("Ada", ["admin", "officer"], ADA, now)
    token = links.add_token("ada", "officer", ROOT, now, owner="Ada")
    assert token_bearer(token, now) is None


def test_a_role_that_an_admin_gives_to_another_holds_at_once(now):
    give("Tom", ["technician", "officer"], ADA, now)
    assert is_officer("Tom")


def reset_link(name, by, now):
    links.issue_link(name, by, now)


def reset_factor(name, by, now):
    rights.remove_second_factor(account_card(name).id, by, now)


@pytest.mark.parametrize("reset", [reset_link, reset_factor])
def test_a_role_beside_a_reset_waits(now, reset):
    reset("Tom", ADA, now)
    give("Tom", ["technician", "officer"], ADA, later(now, HOUR - 1))
    assert not is_officer("Tom")
    with pytest.raises(Refusal, match="Vous êtes l'auteur"):
        rights.confirm_account(account_card("Tom").id, ADA, later(now, HOUR))
    rights.confirm_account(account_card("Tom").id, EVE, later(now, HOUR))
    assert is_officer("Tom")


@pytest.mark.parametrize("reset", [reset_link, reset_factor])
def test_and_so_does_a_role_that_was_given_before_it(now, reset):
    give("Tom", ["technician", "officer"], ADA, now)
    reset("Tom", ADA, later(now, HOUR - 1))
    assert not is_officer("Tom")


@pytest.mark.parametrize("reset", [reset_link, reset_factor])
def test_of_a_reset_of_an_officer_every_other_admin_is_told(now, reset):
    reset("Luc", ADA, now)
    assert {name for name, subject in told() if "réinitialisé" in subject} == {"Eve", "Max"}
    assert is_officer("Luc")  # whoever forgot a password at night alerts with the new one


def test_a_new_officer_waits_where_a_second_admin_can_agree(now):
    add_account("Mia", ["officer"], None, ADA, now, "0470000009", "mia@example.org")
    links.issue_link("Mia", ADA, now)
    assert not is_officer("Mia")


def test_and_begins_at_once_where_there_is_none(now):
    for name in ("Eve", "Max"):
        rights.close_account(account_card(name).id, ADA, later(now, -2 * DAY))
    add_account("Mia", ["officer"], None, ADA, now, "0470000009", "mia@example.org")
    links.issue_link("Mia", ADA, now)
    assert account_card("Mia").roles == {"officer"}
