"""What was taken back after a backup was made stays so when it is put back on a box whose database is there."""

from dataclasses import replace

import pytest

from base.settings.values import MailSettings
from db.engine.connection import writing
from db.inbound.replies.leaving import apply_start, apply_stop
from db.journal import audit
from db.models.accounts import Account, AccountRole
from db.models.mail import Mail
from db.models.people import Consent, Member
from db.people.audience import Audience, recipients
from plp.services.accounts.links import add_token
from plp.services.accounts.rights import account_card, close_account, delete_account, reopen_account
from plp.services.accounts.signing_in import revoke_token, token_bearer
from plp.services.backup.archive import back_up
from plp.services.orders.audiences import resolve
from plp.services.people.care import restrict_member
from rules.people import Actor
from tests.support.backups import house_with_backups, put_back
from tests.support.people import later, person

pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("database")]
ANNE = Actor("account", "anne")


@pytest.fixture
def house(database):
    return house_with_backups(database.parent)


def account(name, now, role="officer"):
    made = Account.create(name=name, email=f"{name}@example.org", password_hash="x", created_at=now)
    AccountRole.create(account=made, role=role)
    return made.id


def mobile_of(member_id):
    return Member.get_by_id(member_id).mobile


def addressed():
    return {each.msisdn for each in recipients(resolve(Audience(everyone=True)))}


@pytest.mark.parametrize("behind_s", [0, 86_400], ids=["", "stamped before the backup"])
def test_who_said_stop_since_gets_no_text_and_may_come_back(house, now, behind_s):
    gone, stays = person(1, now), person(2, now)
    made_at = later(now, 100_000)
    name = back_up(house, "test", made_at)
    came_at = later(made_at, 600)
    with writing():
        apply_stop(mobile_of(gone), later(came_at, -behind_s), came_at, came_at)
    done = put_back(house, name, later(made_at, 900))
    assert addressed() == {mobile_of(stays)}
    assert len(done.withdrawn.consents) == 1
    with writing():
        apply_start(mobile_of(gone), later(made_at, 1200), later(made_at, 1200))
    assert addressed() == {mobile_of(gone), mobile_of(stays)}


def test_whose_data_are_not_used_since_is_left_alone(house, now):
    quiet, stays = person(1, now), person(2, now)
    name = back_up(house, "test", now)
    restrict_member(quiet, "anne", later(now, 60))
    put_back(house, name, later(now, 900))
    assert addressed() == {mobile_of(stays)}
    assert Member.get_by_id(quiet).restricted_at is not None


def test_a_token_that_was_revoked_since_opens_nothing(house, now):
    revoked = add_token("old", "officer", ANNE, now, 30)
    kept = add_token("good", "officer", ANNE, now, 30)
    name = back_up(house, "test", now)
    revoke_token("old", ANNE, later(now, 60))
    add_token("newer", "officer", ANNE, later(now, 70), 30)
    revoke_token("newer", ANNE, later(now, 80))
    put_back(house, name, later(now, 900))
    assert token_bearer(revoked, later(now, 1000)) is None
    assert token_bearer(kept, later(now, 1000)) is not None


def test_accounts_that_were_closed_or_deleted_since_stay_closed_and_the_admins_read_which(house, now):
    house = replace(house, mail=MailSettings(sender="plp@example.be"))
    account("anne", now, "admin")
    closed, deleted, back = (account(name, now) for name in ("luc", "eve", "jo"))
    name = back_up(house, "test", now)
    close_account(closed, ANNE, later(now, 60))
    delete_account(deleted, ANNE, later(now, 61))
    close_account(back, ANNE, later(now, 62))
    reopen_account(back, ANNE, later(now, 63))
    put_back(house, name, later(now, 900))
    assert {row.name: row.active for row in Account.select()} == {"anne": True, "luc": False, "eve": False, "jo": True}
    told = [row.text.replace("\n", " ") for row in Mail.select().where(Mail.address == "anne@example.org")]
    assert any("luc, eve." in text for text in told)


def test_the_last_admin_can_still_sign_in(house, now):
    account("anne", now, "admin")
    name = back_up(house, "test", now)
    account("luc", now, "admin")
    close_account(account_card("anne").id, Actor("account", "luc"), later(now, 60))
    put_back(house, name, later(now, 900))
    assert [row.active for row in Account.select()] == [True]


def test_where_nothing_was_taken_back_nothing_is(house, now):
    person(1, now)
    name = back_up(house, "test", later(now, 60))
    done = put_back(house, name, later(now, 900))
    assert (done.withdrawn.consents, done.withdrawn.tokens, done.withdrawn.accounts) == ((), (), ())
    assert audit.newest("consent_changed") is None
    assert Consent.select().where(Consent.channel == "sms", Consent.given).count() == 1
