"""Attribution and leavers: who gave which right, from where, and what an account opens once it is closed."""

from datetime import timedelta

import pytest

from base.settings.values import MailSettings
from db.journal import audit
from db.mail.enqueue import send_as
from db.models.accounts import Account
from db.models.broadcasts import Broadcast
from db.models.mail import Mail
from db.models.policy import ZonePolicy
from db.people.accounts.accounts import accounts, identity
from db.people.accounts.sessions import tokens
from plp.services.accounts import links, rights
from plp.services.accounts.links import add_token
from plp.services.accounts.rights import account_card, add_account
from plp.services.accounts.signing_in import open_session, revoke_token, session_of, token_bearer
from rules.people import Actor
from rules.refusals import Refusal
from tests.support.accounts import long_known, redeem_link
from tests.support.people import SENDING, Text, approve, later, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "quatre mots faciles à retenir"
ADA = Actor("account", "Ada", "192.0.2.7")
EVE = Actor("account", "Eve", "192.0.2.8")
DAY = 24 * 3600


@pytest.fixture
def people(now):
    """Two admins, two officers; long enough ago that nobody is new."""
    then = now - timedelta(days=3)
    for name, role in (("Ada", "admin"), ("Eve", "admin"), ("Anne", "officer"), ("Luc", "officer")):
        add_account(name, [role], PASSWORD, "root (terminal)", then, email=f"{name.lower()}@example.org")
    ZonePolicy.create(approval="second")
    long_known()
    send_as(MailSettings(sender="plp@example.org"))
    return {card.name: card.id for card in accounts()}


@pytest.fixture
def alert(now, people):
    """An alert of Anne's that waits for the second person."""
    ready_modem("a", now)
    person(1, now)
    return order(now, by="Anne", sending=SENDING)


def told(name):
    """The addresses that mails of this account's went to, and what the newest says."""
    mails = list(Mail.select().where(Mail.name == name).order_by(Mail.id))
    return [mail.address for mail in mails], mails[-1].text if mails else ""


def taken_over(now):
    """Ada makes a link for Luc and sets his password with it."""
    redeem_link(links.issue_link("Luc", ADA, now), "", "un autre mot de passe", now, "192.0.2.7")


def test_a_link_and_its_use_are_journalled_with_who_and_from_where_and_the_owner_is_told(now, people):
    token = links.issue_link("Luc", ADA, now)
    issued = audit.newest("link_issued")
    assert (issued.actor, issued.subject, issued.detail) == ("Ada", "Luc", {"address": "192.0.2.7"})
    assert "Ada a créé un lien" in told("Luc")[1].replace("\n", " ")
    links.redeem_link(token, "", "un autre mot de passe", "192.0.2.99", now)
    used = audit.newest("link_used")
    assert (used.actor, used.detail) == ("Luc", {"issued_by": "Ada", "address": "192.0.2.99"})
    addresses, text = told("Luc")
    assert addresses == ["luc@example.org"] * 2
    assert "avec un lien créé par Ada" in text.replace("\n", " ")


def test_a_password_set_by_anothers_link_approves_nothing_for_a_day(now, alert):
    taken_over(now)
    with pytest.raises(Refusal, match="lien créé par Ada"):
        approve(alert.id, "Luc", 1, SENDING, now)
    assert account_card("Luc").approves_from_at == later(now, DAY)


def test_after_a_day_it_does(now, people):
    taken_over(now)
    ready_modem("a", later(now, DAY))
    person(1, now)
    asked = order(later(now, DAY), by="Anne", sending=SENDING)
    approve(asked.id, "Luc", 1, SENDING, later(now, DAY))


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (ADA, "Vous êtes l'auteur de la demande : un collègue doit la valider avec son propre compte"),
        (Actor("account", "Luc"), "autre administrateur doit confirmer votre compte"),
    ],
)
def test_neither_who_made_the_link_nor_the_owner_confirms_it(now, people, who, words):
    taken_over(now)
    with pytest.raises(Refusal, match=words):
        rights.confirm_account(people["Luc"], who, now)


def test_a_second_admin_confirms_it(now, people, alert):
    taken_over(now)
    rights.confirm_account(people["Luc"], EVE, now)
    approve(alert.id, "Luc", 1, SENDING, now)
    assert audit.newest("account_confirmed").actor == "Eve"


def test_an_admin_whom_the_first_made_is_no_second_one(now, people):
    taken_over(now)
    rights.change_account(people["Anne"], ADA, now, roles=["officer", "admin"])
    anne = Actor("account", "Anne")
    with pytest.raises(Refusal, match="Ada vous a donné ce rôle"):
        rights.confirm_account(people["Luc"], anne, later(now, DAY - 1))
    rights.confirm_account(people["Luc"], anne, later(now, DAY))


def test_an_officer_whom_the_writer_made_does_not_approve_for_a_day(now, people):
    rights.change_account(people["Eve"], Actor("account", "Anne"), now, roles=["admin", "officer"])
    ready_modem("a", later(now, 60))
    person(1, now)
    asked = order(later(now, 60), by="API Anne", sending=SENDING)
    with pytest.raises(Refusal, match="vous a donné ce rôle"):
        approve(asked.id, "Eve", 1, SENDING, later(now, 60))
    approve(asked.id, "Luc", 1, SENDING, later(now, 60))


def test_a_role_that_stays_is_as_old_as_it_was(now, people):
    rights.change_account(people["Luc"], Actor("account", "Anne"), now, roles=["officer", "technician"])
    ready_modem("a", now)
    person(1, now)
    approve(order(now, by="Anne", sending=SENDING).id, "Luc", 1, SENDING, now)


def test_every_change_of_rights_is_journalled_with_its_address_and_told(now, people):
    luc = people["Luc"]
    rights.change_account(luc, ADA, now, ["technician"], "0470 00 00 09", "new@example.org")
    assert {entry.action for entry in audit.entries_about("Luc") if entry.detail.get("address") == "192.0.2.7"} == {
        *("roles_changed", "account_email_changed", "account_mobile_changed"),
    }
    # The address of before is told that it is no longer the one.
    assert told("Luc")[0] == ["luc@example.org", "luc@example.org", "luc@example.org", "new@example.org"]
    before = audit.entries(1)
    rights.change_account(luc, ADA, now, ["technician"], "+32470000009", "new@example.org")
    assert audit.entries(1) == before
    rights.change_account(luc, ADA, now, mobile="", email="")
    assert (account_card(luc).mobile, account_card(luc).email) == (None, None)


def test_the_owner_is_told_that_an_admin_removed_the_second_factor(now, people):
    rights.remove_second_factor(people["Luc"], ADA, now)
    entry = audit.newest("factor_removed")
    assert (entry.actor, entry.subject, entry.detail["address"]) == ("Ada", "Luc", "192.0.2.7")
    addresses, text = told("Luc")
    assert addresses == ["luc@example.org"]
    assert "Ada a supprimé le deuxième facteur de votre compte « Luc »" in " ".join(text.split())


def test_a_closed_account_opens_nothing_and_may_open_again(now, people):
    luc = people["Luc"]
    mine, other = add_token("luc", "officer", "t", now, owner="Luc"), add_token("other", "officer", "t", now)
    session = open_session(identity(luc), "192.0.2.7", now)
    link = links.issue_link("Luc", ADA, now)
    rights.close_account(luc, ADA, now)
    assert identity(luc) is None
    assert token_bearer(mine, now) is None
    assert token_bearer(other, now).name == "other"
    with pytest.raises(Refusal, match="pas valable"):
        redeem_link(link, "", PASSWORD, now)
    rights.reopen_account(luc, ADA, now)
    assert session_of(session, now, acts=True) is None
    assert token_bearer(mine, now) is None
    assert [audit.newest(action).actor for action in ("account_closed", "account_opened")] == ["Ada", "Ada"]


def test_the_last_role_goes_and_the_last_admin_does_not(now, people):
    rights.change_account(people["Luc"], ADA, now, roles=[])
    assert identity(people["Luc"]).roles == set()
    rights.close_account(people["Eve"], ADA, now)
    for lose in (rights.close_account, rights.delete_account):
        with pytest.raises(Refusal, match="au moins un administrateur"):
            lose(people["Ada"], EVE, now)


def test_the_journal_keeps_a_deleted_name_and_nobody_gets_it_again(now, people):
    rights.delete_account(people["Luc"], ADA, now)
    assert "Luc" not in {card.name for card in accounts()}
    assert audit.newest("account_deleted").subject == "Luc"
    for name in ("Luc", "luc", "LUC"):
        with pytest.raises(Refusal, match="» est le nom d'un utilisateur supprimé : choisissez un autre nom"):
            add_account(name, ["officer"], PASSWORD, ADA, now)


def test_a_token_ends_after_90_days_shows_its_last_use_and_can_be_revoked(now, people):
    token = add_token("centrale", "officer", ADA, now)
    assert token_bearer(token, later(now, 90 * DAY - 1)).name == "centrale"
    card = tokens(later(now, 90 * DAY))[0]
    assert (card.state, card.last_used_at, card.expires_at) == (
        "expired",
        later(now, 90 * DAY - 1),
        later(now, 90 * DAY),
    )
    assert token_bearer(token, later(now, 90 * DAY)) is None
    revoke_token("centrale", ADA, now)
    assert (token_bearer(token, now), tokens(now)[0].state) == (None, "revoked")
    entry = audit.newest("token_revoked")
    assert (entry.actor, entry.subject, entry.detail) == ("Ada", "centrale", {"address": "192.0.2.7"})


def test_a_persons_token_may_no_more_than_they(now, people):
    token = add_token("luc", "officer", "t", now, owner="Luc")
    rights.change_account(people["Luc"], ADA, now, roles=["technician"])
    assert token_bearer(token, now) is None


@pytest.mark.parametrize("days", [0, -1, 367, 10**9])
def test_no_token_is_for_ever(now, days):
    with pytest.raises(Refusal, match="de 1 à 366 jours"):
        add_token("centrale", "officer", "t", now, days)


def test_a_time_without_mail_changes_rights_all_the_same(now, people):
    send_as(None)
    rights.change_account(people["Luc"], ADA, now, roles=["technician"])
    assert Account.get(Account.name == "Luc").email == "luc@example.org"
    assert told("Luc") == ([], "")


def test_who_wrote_what_an_alert_changes_does_not_approve_it(now, people):
    ready_modem("a", now)
    person(1, now)
    first = order(now, by="Anne", sending=SENDING)
    changed = order(now, Text("Autre texte", segments=("Autre texte",)), by="Luc", sending=SENDING)
    Broadcast.update(original=first.id).where(Broadcast.id == changed.id).execute()
    add_account("Mia", ["officer"], PASSWORD, "root (terminal)", now)
    long_known()
    for name in ("Luc", "Anne"):
        with pytest.raises(
            Refusal, match="Vous êtes l'auteur de la demande : un collègue doit la valider avec son propre compte"
        ):
            approve(changed.id, name, 1, SENDING, now)
    approve(changed.id, "Mia", 1, SENDING, now)
