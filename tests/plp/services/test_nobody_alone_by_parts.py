"""Attempts to reach all members alone by many small texts, each of which needs nobody's agreement."""

import pytest

from db.alerts.progress.progress import progress
from db.alerts.values import Order
from db.models.broadcasts import Broadcast, Message
from db.models.policy import ZonePolicy
from db.people.audience import Audience
from plp.services.accounts.rights import account_card, add_account, change_account
from plp.services.orders.placing import place
from rules.orders.agreement import DRILL_PEOPLE, SHARED_PEOPLE, Hand
from rules.people import Actor
from rules.refusals import Refusal
from tests.support.accounts import long_known
from tests.support.people import SENDING, later, mobile, people, ready_modem

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "quatre mots faciles à retenir"
ADA, ANNE = Actor("account", "Ada"), Actor("account", "Anne")
DAY, MEMBERS = 24 * 3600, 45


@pytest.fixture(autouse=True)
def zone(database, now):
    """An admin who is an officer too, two officers, and 45 members."""
    for name, roles in {"Ada": ["admin", "officer"], "Anne": ["officer"], "Luc": ["officer"]}.items():
        add_account(name, roles, PASSWORD, "test", later(now, -9 * DAY))
    long_known()
    ZonePolicy.create(approval="second")
    people(MEMBERS, now)
    ready_modem("a", now)


def gone():
    """The numbers to which something is on its way."""
    going = Message.select(Message.msisdn).join(Broadcast).where(Broadcast.stage != "awaiting_approval")
    return {row.msisdn for row in going}


def drill(numbers, now, by=ANNE, text="Quittez le quartier par la rue du Moulin."):
    audience = Audience(numbers=tuple(mobile(number) for number in numbers))
    ready_modem("a", now)
    wanted = Order(audience, "drill", "urgent", by)
    return progress(place({"fr": text}, wanted, SENDING, now, hand=Hand("EXERCICE")), now)


@pytest.mark.parametrize("authors", [("Anne",), ("Anne", "Ada")])
def test_drills_to_a_few_people_each_do_not_reach_all(now, authors):
    for step in range(0, MEMBERS, DRILL_PEOPLE):
        by = Actor("account", authors[step // DRILL_PEOPLE % len(authors)])
        drill(range(step, min(step + DRILL_PEOPLE, MEMBERS)), later(now, step * 60), by)
    assert len(gone()) == DRILL_PEOPLE


def test_a_drill_to_the_same_few_people_needs_nobody_each_time(now):
    for step in range(3):
        assert drill(range(DRILL_PEOPLE), later(now, step * 3600)).state != "awaiting_approval"
    assert drill(range(DRILL_PEOPLE, 12), later(now, 4 * 3600)).state == "awaiting_approval"
    assert drill(range(DRILL_PEOPLE, 12), later(now, 2 * DAY)).state != "awaiting_approval"


def test_tests_on_one_s_own_telephone_do_not_reach_all_by_changing_its_number(now):
    for number in range(MEMBERS):
        change_account(account_card("Ada").id, ADA, now, mobile=mobile(number))
        audience = Audience(numbers=(mobile(number),))
        try:
            place({"fr": "Nuage toxique, fuyez."}, Order(audience, "test", "urgent", ADA), SENDING, now)
        except Refusal:
            continue
    assert len(gone()) == SHARED_PEOPLE
