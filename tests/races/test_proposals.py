"""Two accept, or one accepts and one refuses, what a person proposed: it is done once, by whoever looked first."""

from functools import partial

import pytest

from db.people.members.listing import Filter, member, members
from db.people.proposals import corrections, registrations
from plp.services.people import proposals
from plp.services.people.proposals import (
    accept_correction,
    accept_registration,
    confirm_registration,
    propose_corrections,
    propose_registration,
    refuse_correction,
    refuse_registration,
)
from plp.services.people.saving import NumberTaken, save_member
from rules.members import MemberDraft
from rules.refusals import Missing
from tests.support.people import mobile, person, place
from tests.support.races import COMMIT, race

MEMBER, GONE, EMPTIED = 'INSERT INTO "member" ', 'DELETE FROM "registration"', 'UPDATE "registration" '
CORRECTION = 'DELETE FROM "member_correction"'
LUC = MemberDraft("Luc", "Dupont", mobile(7), "", "fr", 0, sms=True)


@pytest.fixture
def home(modem, now):
    return place("Plainevaux", now)


@pytest.fixture
def card(home, now, monkeypatch):
    """Luc's registration, whose code came back."""
    monkeypatch.setattr(proposals.secrets, "randbelow", lambda below: 123456)
    token = propose_registration(LUC, now)
    assert confirm_registration(token, "123456", now)
    return registrations()[0].id


@pytest.mark.parametrize("at", [(MEMBER,), (MEMBER, COMMIT), (GONE,)])
@pytest.mark.parametrize("shared", [False, True])
def test_two_acceptances_of_a_card_add_one_member(card, home, now, at, shared):
    accept = partial(accept_registration, card, home, shared)
    added, refused = race(partial(accept, "Anne", now), at, partial(accept, "Luc", now))
    assert isinstance(added, int), added
    assert isinstance(refused, Missing), refused
    assert members(Filter(), 1).total == 1


@pytest.mark.parametrize(
    ("first", "at", "count"),
    [
        ("accept", (MEMBER,), 1),
        ("accept", (GONE, COMMIT), 1),
        ("refuse", (EMPTIED,), 0),
        ("refuse", (EMPTIED, COMMIT), 0),
    ],
)
def test_a_card_is_accepted_or_refused(card, home, now, first, at, count):
    deeds = {
        "accept": partial(accept_registration, card, home, False, "Anne", now),
        "refuse": partial(refuse_registration, card, "Luc", now),
    }
    done, refused = race(deeds.pop(first), at, *deeds.values())
    assert not isinstance(done, Exception), done
    assert isinstance(refused, Missing), refused
    assert members(Filter(), 1).total == count
    assert registrations() == []


@pytest.mark.parametrize("at", [(CORRECTION,), (CORRECTION, COMMIT)])
@pytest.mark.parametrize("order", [("accept", "refuse"), ("refuse", "accept"), ("accept", "accept")])
def test_a_correction_is_decided_once(home, now, order, at):
    """On PostgreSQL the second may be faster until the first deletes it."""
    who = person(1, now)
    propose_corrections(who, [home], {"street": "rue Haute"}, "Ida", now)
    (proposal,) = corrections()
    deeds = {"accept": accept_correction, "refuse": refuse_correction}
    came_to = race(
        *(lambda: deeds[order[0]](proposal.id, "Anne", now), at, lambda: deeds[order[1]](proposal.id, "Luc", now))
    )
    decided = [how for how, done in zip(order, came_to, strict=True) if done is None]
    assert len(decided) == 1, came_to
    assert any(isinstance(done, Missing) for done in came_to), came_to
    assert member(who).street == ("rue Haute" if decided == ["accept"] else "")


@pytest.mark.parametrize("at", [(MEMBER,), (MEMBER, COMMIT)])
def test_a_number_is_given_to_one_member(home, now, at):
    add = partial(save_member, None, MemberDraft("Luc", "Dupont", mobile(7), "", "fr", home, sms=True), "Anne", now)
    added, refused = race(add, at, add)
    assert isinstance(added, int), added
    assert isinstance(refused, NumberTaken), refused
