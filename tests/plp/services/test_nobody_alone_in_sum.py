"""Attempts to reach all members alone in several ways that each reach a few; and to become two people."""

from contextlib import suppress

import pytest

from base.settings.values import MailSettings, Settings
from db.alerts.orders.shared import waiting_texts
from db.alerts.progress.progress import progress
from db.alerts.values import Order
from db.mail.enqueue import send_as
from db.models.broadcasts import Broadcast, Message
from db.models.mail import Mail
from db.models.people import Member
from db.models.policy import ZonePolicy
from db.people.audience import Audience
from plp.jobs.welcome import ask_renewal, send_welcomes
from plp.services.accounts import rights
from plp.services.accounts.rights import account_card, add_account, change_account
from plp.services.accounts.second_person import second_person_refusal
from plp.services.forgetting import forget_member
from plp.services.orders.placing import place
from plp.services.people.care import begin_renewal
from rules.orders.agreement import DRILL_PEOPLE, SHARED_PEOPLE, Hand
from rules.people import Actor
from rules.refusals import Refusal
from tests.support.accounts import long_known
from tests.support.people import SENDING, later, mobile, people, ready_modem

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "quatre mots faciles à retenir"
ADA, EVE = Actor("account", "Ada"), Actor("account", "Eve")
HOUSE = Settings(path=None, folder=None, sending=SENDING)
DAY, MEMBERS = 24 * 3600, 45


@pytest.fixture(autouse=True)
def zone(database, now):
    """An admin who is an officer too, another admin, an officer, and 45 members."""
    send_as(MailSettings(sender="plp@example.org"))
    for name, roles in {"Ada": ["admin", "officer"], "Eve": ["admin"], "Luc": ["officer"]}.items():
        add_account(name, roles, PASSWORD, "test", later(now, -9 * DAY), email=f"{name.lower()}@example.org")
    long_known()
    Mail.delete().execute()
    ZonePolicy.create(approval="second")
    people(MEMBERS, now)
    ready_modem("a", now)


def gone():
    """How many SMS are on their way."""
    return Message.select().join(Broadcast).where(Broadcast.stage != "awaiting_approval").count()


def drill(numbers, now):
    ready_modem("a", now)
    order = Order(Audience(numbers=tuple(map(mobile, numbers))), "drill", "urgent", ADA)
    number = place({"fr": "Quittez le quartier par la rue du Moulin."}, order, SENDING, now, hand=Hand("EXERCICE"))
    return progress(number, now)


def try_on(number, now):
    """A test on this number, which the account has at that moment."""
    ready_modem("a", now)
    change_account(account_card("Ada").id, ADA, now, mobile=mobile(number))
    with suppress(Refusal):
        place({"fr": "Nuage toxique."}, Order(Audience(numbers=(mobile(number),)), "test", "urgent", ADA), SENDING, now)


@pytest.mark.parametrize("first", ["drill", "test"])
def test_drills_and_tests_count_together(now, first):
    if first == "drill":
        drill(range(DRILL_PEOPLE), now)
    for number in range(20, MEMBERS):
        try_on(number, now)
    for number in range(10, 20):
        drill([number], later(now, number))
    assert gone() <= SHARED_PEOPLE + 1  # the last one has the number of the account


def test_a_test_on_an_officer_s_own_telephone_counts_for_nobody(now):
    change_account(account_card("Ada").id, ADA, now, mobile=mobile(50))
    try_on(50, now)
    assert drill(range(DRILL_PEOPLE), now).state != "awaiting_approval"
    try_on(50, later(now, 60))
    assert gone() == DRILL_PEOPLE + 2


def test_drills_to_people_who_are_forgotten_then_count(now):
    ids = [row.id for row in Member.select().order_by(Member.id)]
    for step in range(0, MEMBERS, 9):
        drill(range(step, step + 9), later(now, step * 60))
        for member in ids[step : step + 9]:
            forget_member(member, ADA, later(now, step * 60))
    assert gone() == 9


def test_welcomes_and_the_yearly_question_count_together(now):
    ids = [row.id for row in Member.select().order_by(Member.id).limit(SHARED_PEOPLE)]
    Member.update(welcome_requested_at=now).where(Member.id.in_(ids)).execute()
    send_welcomes(SENDING, now)
    assert gone() == SHARED_PEOPLE
    Member.delete().where(Member.id.not_in(ids)).execute()
    begin_renewal(later(now, 30 * DAY), ADA, now)
    ask_renewal(HOUSE, now)
    assert gone() == SHARED_PEOPLE
    assert [(text.kind, text.people) for text in waiting_texts()] == [("renewal", SHARED_PEOPLE)]


@pytest.mark.parametrize("by", [ADA, EVE])
def test_two_accounts_of_one_person_stay_one_when_a_mark_is_taken_away(now, by):
    add_account("Luce", ["officer"], PASSWORD, "test", later(now, -9 * DAY), email="luc@example.org")
    long_known()
    Mail.delete().execute()
    change_account(account_card("Luce").id, by, now, email="autre@example.org")
    long_after = later(now, 9 * DAY)
    for one, other in (("Luc", "Luce"), ("Luce", "Luc")):
        assert second_person_refusal(one, other, "officer", long_after)
    assert {mail.name for mail in Mail.select()} > {"Ada", "Eve"} - {by}
    with pytest.raises(Refusal):
        rights.confirm_account(account_card("Luce").id, by, long_after)
    rights.confirm_account(account_card("Luce").id, EVE if by is ADA else ADA, long_after)
    assert second_person_refusal("Luc", "Luce", "officer", long_after) is None


def test_an_admin_s_own_two_accounts_stay_one(now):
    add_account("Ada2", ["officer"], PASSWORD, "test", later(now, -9 * DAY), email="ada@example.org")
    long_known()
    change_account(account_card("Ada2").id, ADA, now, email="autre@example.org", mobile=mobile(60))
    assert second_person_refusal("Ada2", "Ada", "officer", later(now, 9 * DAY))
