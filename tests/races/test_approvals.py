"""Two decide about one alert at one moment: whoever has looked at it decides, and the other finds it decided."""

from datetime import timedelta
from functools import partial

import pytest

from db.alerts.orders.approval import approval_of, lapse_approvals
from db.alerts.queue.claim import claim_part
from db.people.zone import Policy
from plp.services.accounts.rights import add_account
from plp.services.orders.approving import refuse_broadcast
from plp.services.zone import save_policy
from rules.refusals import Refusal
from tests.support.people import SENDING, approve, break_glass, cancel_broadcast, order, person
from tests.support.races import COMMIT, race

APPROVAL, STAGE = 'UPDATE "approval" ', 'UPDATE "broadcast" SET "stage"'
LET_GO = ("approve", "alone")
DEEDS = (*LET_GO, "refuse", "cancel", "lapse")


@pytest.fixture
def officers(modem, now):
    for name in ("Anne", "Benoît", "Chloé"):
        add_account(name, ["officer"], "quatre mots faciles à retenir", "test", now)
    save_policy(Policy(approval="second"), "test", now)
    for number in range(3):
        person(number, now)


@pytest.fixture
def deeds(officers, now):
    """What may be done about Anne's alert to three people, by name."""
    asked = order(now, by="Anne").id
    return {
        "approve": partial(approve, asked, "Benoît", 3, SENDING, now),
        "alone": partial(break_glass, asked, "Anne", "Personne ne répond", SENDING, now),
        "refuse": partial(refuse_broadcast, asked, "Chloé", "Mauvaise rue", now),
        "cancel": partial(cancel_broadcast, asked, "Anne", now),
        "lapse": partial(lapse_approvals, now + timedelta(minutes=16)),
    }


def is_done(came_to):
    """False for a refusal, and where nothing lapsed."""
    return not isinstance(came_to, Refusal) and came_to != 0


@pytest.mark.parametrize("at", [(), (COMMIT,)])
@pytest.mark.parametrize("second", DEEDS)
@pytest.mark.parametrize("first", DEEDS)
def test_who_looked_first_decides(deeds, modem, now, first, second, at):
    began = STAGE if first == "cancel" else APPROVAL
    one, other = race(deeds[first], (began, *at), deeds[second])
    assert is_done(one), one
    # What was let go can be stopped.
    stopped = first in LET_GO and second == "cancel"
    assert is_done(other) is stopped, other
    assert (claim_part(modem, now) is not None) is (first in LET_GO and not stopped)


@pytest.mark.parametrize("at", [(), (COMMIT,)])
@pytest.mark.parametrize(("second", "outcome"), [("Chloé", "approved"), ("Benoît", "waiting")])
def test_of_an_order_by_nobody_known_two_agree_and_nobody_twice(officers, now, second, outcome, at):
    asked = order(now, by="API centrale").id
    one, other = race(
        lambda: approve(asked, "Benoît", 3, SENDING, now),
        (APPROVAL, *at),
        lambda: approve(asked, second, 3, SENDING, now),
    )
    assert one is None, one
    assert isinstance(other, Refusal) is (outcome == "waiting"), other
    card = approval_of(asked)
    assert (card.first_by, card.outcome) == ("Benoît", outcome)
