"""Counts of people that pages show are kept until somebody changes something, and never longer."""

import pytest

from console.i18n.labels import TABLES
from db.engine.connection import writing
from db.journal import audit
from db.journal.reading import CHANGE_NOTHING
from db.people.audience import Audience, size
from db.people.geography import StreetCard, people_in_street
from db.people.member_groups import Rule, member_groups
from db.people.members.listing import Filter, members, neighbourhoods
from plp.services.orders.audiences import resolve
from plp.services.people.groups import save_group
from tests.support.people import person, place, plans_of

pytestmark = pytest.mark.usefixtures("database")

EVERYBODY = Audience(everyone=True)


def counted(everybody=None):
    return (
        neighbourhoods()[0].reachable,
        neighbourhoods()[0].active,
        member_groups()[0].reachable,
        size(everybody or resolve(EVERYBODY)).people,
        people_in_street(StreetCard("Rue Haute")),
    )


def test_a_new_person_and_a_withdrawn_consent_are_counted_at_once(now):
    person(1, now, "A", street="Rue Haute")
    save_group(None, "Tous", Rule(everywhere=True), "anne", now)
    assert counted() == (1, 1, 1, 1, 1)
    person(2, now, "A", street="Rue Haute")
    assert counted() == (2, 2, 2, 2, 2)
    person(3, now, "A", street="Rue Haute", sms=False)
    assert counted() == (2, 2, 2, 2, 2)
    assert [members(Filter(consent=each)).total for each in ("sms", "none")] == [2, 1]
    person(4, now, "A")
    assert members(Filter(consent="sms")).total == 3
    place("B", now)
    assert len(neighbourhoods()) == 2


@pytest.mark.sqlite
def test_what_was_counted_is_not_counted_again(now):
    person(1, now, "A", street="Rue Haute")
    save_group(None, "Tous", Rule(everywhere=True), "anne", now)
    counted()
    # Each asks for the newest entry of the journal alone.
    everybody = resolve(EVERYBODY)
    again = plans_of(lambda: counted(everybody))
    assert len(again) == 5
    assert not [plan for plan in again if "SEARCH" not in plan]
    page = len(plans_of(lambda: members(Filter(language="fr"))))
    assert len(plans_of(lambda: members(Filter(language="fr")))) == page - 1


@pytest.mark.sqlite
@pytest.mark.parametrize("action", CHANGE_NOTHING)
def test_what_changes_nothing_lets_nothing_be_counted_again(action, now):
    """Each sign-in of anybody made the next page count 50,000 members anew: seconds on a busy machine."""
    person(1, now, "A", street="Rue Haute")
    save_group(None, "Tous", Rule(everywhere=True), "anne", now)
    counted()
    with writing():
        audit.record(now, "anne", action, "1")
    everybody = resolve(EVERYBODY)
    assert len(plans_of(lambda: counted(everybody))) == 5, "the newest entry of the journal alone"


def test_these_are_words_of_the_journal():
    assert set(CHANGE_NOTHING) <= set(TABLES["journal_actions"])
