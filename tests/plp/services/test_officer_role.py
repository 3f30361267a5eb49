"""The role of officer waits for another admin, or for a day from the moment it is given, whoever gives it; and the
admins are told of it, of a new admin, and whenever an officer's access is reset.
"""

import pytest

from base.settings.values import MailSettings
from db.journal import audit
from db.mail.enqueue import send_as
from db.models.accounts import Account
from db.models.mail import Mail
from db.people.accounts.accounts import able, accounts, identity, readers
from db.people.duty import stand_ins
from plp.services.accounts import links, rights
from plp.services.accounts.rights import account_card, add_account
from plp.services.accounts.signing_in import open_session, token_bearer
from rules.people import Actor
from rules.refusals import Refusal
from tests.support.people import later

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "quatre mots faciles à retenir"
ADA, EVE = Actor("account", "Ada", "192.0.2.7"), Actor("account", "Eve", "192.0.2.8")
ROOT = Actor("terminal", "root")
HOUR, DAY = 3600, 24 * 3600
REACHED = ("0470000009", "mia@example.org")


@pytest.fixture(autouse=True)
def people(database, now):
    """Three admins, an officer, a technician; long enough ago that nobody is new."""
    send_as(MailSettings(sender="plp@example.org"))
    roles = {"Ada": "admin", "Eve": "admin", "Max": "admin", "Luc": "officer", "Tom": "technician"}
    for number, (name, role) in enumerate(roles.items()):
        address = f"{name.lower()}@example.org"
        add_account(name, [role], PASSWORD, ROOT, later(now, -3 * DAY), f"047000000{number}", address)
        open_session(account_card(name), "", later(now, -2 * DAY))
        if name != "Ada":
            rights.confirm_account(account_card(name).id, ADA, later(now, -2 * DAY))
    Mail.delete().execute()
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
    assert {name for name, subject in told() if "à confirmer" in subject} == {"Ada", "Eve", "Max"}
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


def by_page(now):
    """An account made as technician, used, and changed an hour later."""
    add_account("Mia", ["technician"], PASSWORD, ADA, now, *REACHED)
    open_session(account_card("Mia"), "", now)
    give("Mia", ["technician", "officer"], ADA, later(now, HOUR))


def of_a_coordinator(now):
    add_account("Mia", ["coordinator"], PASSWORD, ADA, later(now, -2 * DAY), *REACHED)
    give("Mia", ["officer"], EVE, later(now, HOUR))


def with_a_password(now):
    """As `plp user add --password-stdin` does at the box."""
    add_account("Mia", ["officer"], PASSWORD, ROOT, later(now, HOUR), *REACHED)


def reopened(now):
    with_a_password(now)
    rights.close_account(account_card("Mia").id, ADA, later(now, HOUR))
    rights.reopen_account(account_card("Mia").id, ADA, later(now, HOUR))


def with_a_link(now):
    add_account("Mia", ["officer"], None, ADA, later(now, HOUR), *REACHED)
    link = links.issue_link("Mia", ADA, later(now, HOUR))
    links.redeem_link(link, "", PASSWORD, "", later(now, HOUR))


@pytest.mark.parametrize("made", [by_page, of_a_coordinator, with_a_password, with_a_link, reopened])
@pytest.mark.parametrize("single", [False, True])
def test_the_role_that_an_admin_gives_waits_for_a_day_and_all_admins_are_told(now, made, single):
    for name in ("Eve", "Max") if single else ():
        rights.close_account(account_card(name).id, ADA, later(now, -2 * DAY))
    made(now)
    those = {"Ada", "Luc"} if single else {"Ada", "Eve", "Max"}  # an officer knows where no other admin does
    assert {name for name, subject in told() if "à confirmer" in subject} == those
    open_session(account_card("Mia"), "", later(now, HOUR + DAY - 1))
    assert not is_officer("Mia")
    open_session(account_card("Mia"), "", later(now, HOUR + DAY))
    assert is_officer("Mia")


def test_an_officer_whose_account_was_closed_for_long_is_one_anew(now):
    """Somebody who left, perhaps; a slip of the hand is undone at once."""
    luc = account_card("Luc").id
    rights.close_account(luc, ADA, later(now, -HOUR))
    rights.reopen_account(luc, ADA, now)
    assert is_officer("Luc")
    rights.close_account(luc, ADA, now)
    rights.reopen_account(luc, ADA, later(now, DAY + 1))
    assert account_card("Luc").officer_from_at == later(now, 2 * DAY + 1)
    assert "Rôle de policier de Luc à confirmer" in {subject for _name, subject in told()}


def test_of_a_new_admin_every_other_is_told(now):
    add_account("Zoé", ["admin"], PASSWORD, ADA, now)
    give("Tom", ["admin"], ADA, now)
    said = {(name, subject) for name, subject in told() if "Nouvel administrateur" in subject}
    assert said == {(name, f"Nouvel administrateur : {who}") for name in ("Eve", "Max") for who in ("Zoé", "Tom")}


def test_of_a_program_that_can_alert_every_admin_is_told(now):
    links.add_token("centrale", "officer", ADA, now)
    links.add_token("liste", "officer", ADA, now, scopes=["broadcasts:read"])
    assert {(name, subject) for name, subject in told() if "programme" in subject} == {
        (name, "Jeton centrale : un programme peut alerter") for name in ("Eve", "Max")
    }


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
    rights.confirm_account(account_card("Tom").id, EVE, now)
    assert is_officer("Tom")
    reset("Tom", ADA, later(now, HOUR - 1))
    assert account_card("Tom").officer_from_at == later(now, DAY)


@pytest.mark.parametrize("reset", [reset_link, reset_factor])
def test_of_a_reset_of_an_officer_every_other_admin_is_told(now, reset):
    reset("Luc", ADA, now)
    assert {name for name, subject in told() if "réinitialisé" in subject} == {"Eve", "Max"}
    assert is_officer("Luc")  # whoever forgot a password at night alerts with the new one


def test_a_new_officer_waits_where_a_second_admin_can_agree(now):
    add_account("Mia", ["officer"], None, ADA, now, "0470000009", "mia@example.org")
    links.issue_link("Mia", ADA, now)
    assert not is_officer("Mia")


def test_the_first_admin_of_a_zone_is_an_officer_at_once(now):
    Account.delete().execute()
    first = links.redeem_link(links.issue_link(None, ROOT, now), "Léa", PASSWORD, "", now)
    assert first.roles == {"admin", "officer", "technician"}


def test_and_so_is_whoever_was_made_before_there_was_an_admin(now):
    Account.delete().execute()
    add_account("Luc", ["officer"], PASSWORD, ROOT, now, *REACHED)
    add_account("Ada", ["admin"], PASSWORD, ROOT, now)
    assert is_officer("Luc")
