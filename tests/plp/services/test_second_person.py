"""One person is one, whatever door they order through and however many accounts they have; and two agree where nobody
is known to have ordered.
"""

import pytest

from db.alerts.orders.approval import approval_of
from db.alerts.progress.progress import progress
from db.journal import audit
from db.models.accounts import Account, AccountRole, SecurityKey
from db.models.policy import ZonePolicy
from db.people.zone import Policy, policy
from plp.services.accounts import links, rights
from plp.services.accounts.rights import account_card, add_account
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
ROOT = Actor("terminal", "root")
AUTHOR, ONE_PERSON, FIRST = "Vous êtes l'auteur", "c'est une seule personne", "Vous avez déjà validé"


@pytest.fixture(autouse=True)
def four_officers(database, now):
    """Since three days, in a zone that wants a second person; Anne has a second account."""
    for name in ("Anne", "Anne Bis", "Benoît", "Chloé"):
        add_account(name, ["officer"], PASSWORD, ROOT, later(now, -3 * DAY))
    for name in ("Ada", "Eve"):
        add_account(name, ["admin", "officer"], PASSWORD, ROOT, later(now, -3 * DAY))
    ZonePolicy.create(approval="second")
    ready_modem("a", now)
    person(1, now)


def approve(broadcast, name, now):
    approve_broadcast(broadcast.id, Hand("1"), Request(Actor("account", name), SENDING, now))


def of_program(now, owner):
    """An alert of a program's."""
    links.add_token("centrale", "officer", ROOT, now, owner=owner)
    return order(now, by=Actor("token", "centrale"), sending=SENDING)


def test_nobody_approves_what_their_program_ordered_whatever_it_is_called(now):
    asked = of_program(now, "Anne")
    with pytest.raises(Refusal, match=AUTHOR):
        approve(asked, "Anne", now)
    assert approval_of(asked.id).is_by("Anne")
    approve(asked, "Benoît", now)
    assert progress(asked.id, now).state == "queued"


@pytest.mark.parametrize("by", [Actor("token", "centrale"), Actor("token", "Anne"), ROOT])
def test_what_nobody_is_known_to_have_ordered_is_approved_by_two(now, by):
    links.add_token("centrale", "officer", ROOT, now)
    asked = order(now, by=by, sending=SENDING)
    approve(asked, "Benoît", now)
    assert progress(asked.id, now).state == "awaiting_approval"
    card = approval_of(asked.id)
    assert (card.outcome, card.first_by, card.is_by("Benoît"), card.is_done_by("Benoît")) == (
        *("waiting", "Benoît"),
        *(False, True),
    )
    with pytest.raises(Refusal, match=FIRST):
        approve(asked, "Benoît", now)
    approve(asked, "Chloé", now)
    assert (progress(asked.id, now).state, approval_of(asked.id).deciders) == ("queued", "Benoît, Chloé")
    assert audit.newest("broadcast_approved_first").actor == "Benoît"


def test_the_two_are_two_persons(now):
    Account.update(mobile="+32470000001").where(Account.name.in_(["Anne", "Anne Bis"])).execute()
    asked = order(now, by=ROOT, sending=SENDING)
    approve(asked, "Anne", now)
    with pytest.raises(Refusal, match=ONE_PERSON):
        approve(asked, "Anne Bis", now)


def share_mobile(now):
    Account.update(mobile="+32470000001").where(Account.name.in_(["Anne", "Anne Bis"])).execute()


def share_address(now):
    Account.update(email="anne@example.org").where(Account.name == "Anne").execute()
    Account.update(email="Anne@example.org").where(Account.name == "Anne Bis").execute()


def share_key(now):
    for name in ("Anne", "Anne Bis"):
        SecurityKey.create(account=account_card(name).id, name="clé", credential="AAEC", added_at=now)


@pytest.mark.parametrize("share", [share_mobile, share_address, share_key])
def test_two_accounts_of_one_person_are_no_two_people(now, share):
    share(now)
    asked = order(now, by="Anne", sending=SENDING)
    with pytest.raises(Refusal, match=ONE_PERSON):
        approve(asked, "Anne Bis", now)
    assert approver_refusal(asked.id, "Anne Bis", now) is not None
    approve(asked, "Benoît", now)


def test_nor_where_the_program_of_the_one_ordered(now):
    share_mobile(now)
    asked = of_program(now, "Anne")
    with pytest.raises(Refusal, match=ONE_PERSON):
        approve(asked, "Anne Bis", now)


def test_two_admins_of_one_person_change_no_rule(now):
    Account.update(email="ada@example.org").where(Account.name.in_(["Ada", "Eve"])).execute()
    assert not save_policy(Policy(approval="none"), "Ada", now)
    with pytest.raises(Refusal, match=ONE_PERSON):
        agree_to_policy(Actor("account", "Eve"), now)
    assert policy().approval == "second"


def test_nobody_approves_for_whom_they_made_an_hour_ago(now):
    """An admin makes an officer's account, opens it with the link, and orders with it."""
    AccountRole.update(given_by="Ada", given_at=later(now, -3600)).where(
        AccountRole.account == account_card("Anne Bis").id
    ).execute()
    asked = order(now, by="Anne Bis", sending=SENDING)
    with pytest.raises(Refusal, match="Vous avez donné un accès"):
        approve(asked, "Ada", now)
    approve(asked, "Benoît", now)


def test_nor_for_whose_password_they_set(now):
    links.redeem_link(links.issue_link("Anne", Actor("account", "Ada"), now), "", PASSWORD + "!", "", now)
    asked = order(now, by="Anne", sending=SENDING)
    with pytest.raises(Refusal, match="Vous avez donné un accès"):
        approve(asked, "Ada", now)
    assert approver_refusal(asked.id, "Ada", later(now, DAY)) is not None
    rights.confirm_account(account_card("Anne").id, Actor("account", "Eve"), now)
    assert approver_refusal(asked.id, "Ada", now) is None


def reset(name, by, now):
    """A new password by a link of `by`, who is the one that uses it."""
    link = links.issue_link(name, Actor("account", by), now)
    links.redeem_link(link, "", f"{PASSWORD} de {by}", "", now)


def test_nor_through_an_account_between_them(now):
    """An admin resets another admin, and as that one an officer."""
    reset("Eve", "Ada", now)
    reset("Anne", "Eve", now)
    asked = order(now, by="Anne", sending=SENDING)
    with pytest.raises(Refusal, match="Vous avez donné un accès"):
        approve(asked, "Ada", now)
    approve(asked, "Benoît", now)


def test_nor_by_a_role_that_such_an_account_gave_them(now):
    reset("Eve", "Ada", now)
    rights.change_account(account_card("Anne Bis").id, Actor("account", "Eve"), now, roles=["officer", "technician"])
    AccountRole.update(given_by="Eve", given_at=now).where(
        AccountRole.account == account_card("Anne Bis").id, AccountRole.role == "officer"
    ).execute()
    asked = order(now, by="Ada", sending=SENDING)
    with pytest.raises(Refusal, match="vous a donné ce rôle"):
        approve(asked, "Anne Bis", now)


def test_nor_by_a_second_account_of_whom_they_made(now):
    reset("Anne", "Ada", now)
    Account.update(email="ada@zone.be").where(Account.name.in_(["Ada", "Benoît"])).execute()
    with pytest.raises(Refusal, match="Vous avez donné un accès"):
        approve(order(now, by="Anne", sending=SENDING), "Benoît", now)


def test_two_that_one_admin_reset_are_no_two_people(now):
    reset("Anne", "Ada", now)
    reset("Benoît", "Ada", now)
    with pytest.raises(Refusal, match="lien créé par Ada"):
        approve(order(now, by="Anne", sending=SENDING), "Benoît", now)


@pytest.mark.parametrize("between", [(), ("Eve",)])
def test_nor_are_one_that_an_admin_reset_and_one_that_they_made_an_officer(now, between):
    """Perhaps through another admin, whom they reset as well."""
    by = "Ada"
    for name in between:
        reset(name, by, now)
        by = name
    reset("Anne", by, now)
    given = AccountRole.update(given_by="Ada", given_at=now)
    given.where(AccountRole.account == account_card("Benoît").id, AccountRole.role == "officer").execute()
    asked = order(now, by="Anne", sending=SENDING)
    with pytest.raises(Refusal, match="Ada vous a donné ce rôle"):
        approve(asked, "Benoît", now)
    approve(asked, "Chloé", now)


def test_two_officers_that_one_admin_made_today_are_two_people(now):
    """A zone's first day."""
    AccountRole.update(given_by="Ada", given_at=now).where(AccountRole.role == "officer").execute()
    approve(order(now, by="Anne", sending=SENDING), "Benoît", now)


def test_a_link_that_the_account_made_itself_ends_no_wait(now):
    reset("Eve", "Ada", now)
    reset("Eve", "Eve", now)
    asked = order(now, by="Ada", sending=SENDING)
    with pytest.raises(Refusal, match="lien créé par Ada"):
        approve(asked, "Eve", now)
    theirs = order(now, by="Eve", sending=SENDING, again=True)
    with pytest.raises(Refusal, match="Vous avez donné un accès"):
        approve(theirs, "Ada", now)


def test_nobody_agrees_to_what_a_deleted_account_asked(now):
    reset("Eve", "Ada", now)
    asked = order(now, by="Eve", sending=SENDING)
    assert not save_policy(Policy(approval="none"), "Eve", now)
    rights.delete_account(account_card("Eve").id, Actor("account", "Ada"), now)
    with pytest.raises(Refusal, match="a été supprimé"):
        approve(asked, "Ada", now)
    with pytest.raises(Refusal, match="a été supprimé"):
        agree_to_policy(Actor("account", "Ada"), now)
    assert policy().approval == "second"


@pytest.mark.parametrize("twin", ["centrale  de nuit", "\uff43entrale de nuit"])
def test_no_program_or_account_is_called_as_another_is(now, twin):
    """The journal takes both for one: what one orders would be the other's owner's."""
    links.add_token("centrale de nuit", "officer", ROOT, now, owner="Anne")
    with pytest.raises(Refusal, match="existe déjà"):
        links.add_token(twin, "officer", ROOT, now, owner="Ada")
    add_account("centrale de nuit", ["officer"], PASSWORD, ROOT, now)
    with pytest.raises(Refusal, match="existe déjà"):
        add_account(twin, ["officer"], PASSWORD, ROOT, now)
