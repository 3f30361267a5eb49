"""Doors and rules, as `docs/doors.md` has them: every cell of its table is tried, and none is weaker than the page."""

import os
import pwd

import pytest

from db.alerts.orders.approval import approval_of, waiting_approvals
from db.alerts.progress.progress import progress
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Broadcast
from db.models.policy import ZonePolicy
from db.modems.budgets import apply_configured
from plp.services.accounts.rights import add_account
from rules.orders.budgets import Limits
from rules.refusals import Refusal
from tests.console.conftest import PASSWORD
from tests.plp.services.doors import (
    COLLEAGUE,
    DOORS,
    OFFICER,
    PLATE,
    REASONS,
    RULES,
    TABLE,
    UNREAL,
    House,
    with_old_proof,
)
from tests.support.people import SENDING, approve


def second_person_wanted() -> None:
    with connected():
        ZonePolicy.create(approval="second")


def asks_approval(house: House, door: str) -> str:
    house.crowd(11)
    second_person_wanted()
    assert house.taken(door)
    with connected():
        return "asked" if waiting_approvals(utc_now()) else "not asked"


def asks_ceiling(house: House, door: str) -> str:
    house.crowd(3)
    house.limit("\n[sending]\nhourly_ceiling = 2\n")
    return "not asked" if house.taken(door) else "asked"


def asks_budget(house: House, door: str) -> str:
    house.crowd(3)
    with connected():
        apply_configured("206010000000001", "box", "a", Limits(day=2))
    return "not asked" if house.taken(door) else "asked"


def asks_guard(house: House, door: str) -> str:
    house.crowd(3)
    return "not asked" if house.taken(door, UNREAL if door == "job" else PLATE) else "asked"


def asks_second_factor(house: House, door: str) -> str:
    house.crowd(51)
    with_old_proof(house)
    return "not asked" if house.taken(door) else "asked"


def asks_duplicates(house: House, door: str) -> str:
    house.crowd(3)
    assert house.taken(door)
    return "not asked" if house.taken(door) else "asked"


def asks_author(house: House, door: str) -> str:
    house.crowd(11)
    second_person_wanted()
    assert house.taken(door)
    if door != "command":
        known = {"page": "the account", "token": "its owner", "job": "whoever planned it"}
        return known.get(door, "somebody") if is_theirs(OFFICER) else "nobody: two approve"
    assert not is_theirs(OFFICER)
    user = pwd.getpwuid(os.getuid()).pw_name
    with connected():
        add_account(user, ["officer"], PASSWORD, "test", utc_now())
        Broadcast.delete().execute()
    assert house.taken(door)
    return "the system's user, or nobody: two approve" if is_theirs(user) else "nobody: two approve"


def is_theirs(name: str) -> bool:
    """True when the only order is taken for this person's: they may not approve it, and one other does. Where nobody's,
    anybody is the first of two.
    """
    now = utc_now()
    with connected():
        broadcast = Broadcast.get().id
        try:
            approve(broadcast, name, 11, SENDING, now)
        except Refusal:
            approve(broadcast, COLLEAGUE, 11, SENDING, now)
            assert progress(broadcast, now).state != "awaiting_approval"
            return True
        assert approval_of(broadcast).first_by == name
        assert progress(broadcast, now).state == "awaiting_approval"
        approve(broadcast, COLLEAGUE, 11, SENDING, now)
        assert progress(broadcast, now).state != "awaiting_approval"
    return False


TRIES = {
    "approval": asks_approval,
    "ceiling": asks_ceiling,
    "budget": asks_budget,
    "guard": asks_guard,
    "second factor": asks_second_factor,
    "duplicates": asks_duplicates,
    "author": asks_author,
}


def test_the_table_has_every_door_and_rule():
    assert list(TABLE) == [(door, rule) for door in DOORS for rule in RULES]


def test_no_door_is_weaker_than_the_page_without_a_reason():
    weaker = {f"{door}, {rule}" for (door, rule), cell in TABLE.items() if cell == "not asked"}
    assert weaker == REASONS
    assert "not asked" not in {TABLE["page", rule] for rule in RULES}


@pytest.mark.slow
@pytest.mark.parametrize(("door", "rule"), TABLE)
def test_a_cell_is_what_happens(house, door, rule):
    assert TRIES[rule](house, door) == TABLE[door, rule]
