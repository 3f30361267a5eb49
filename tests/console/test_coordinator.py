"""A coordinator's own pages: members who agreed, relays, and the Google Group's probe."""

import pytest

from db.bulletins.relay import relays
from db.engine.clock import utc_now
from db.engine.connection import connected, writing
from db.models.accounts import Account
from db.models.people import DeadNumber, Member
from db.people.accounts.accounts import accounts
from tests.console.bulletins import scene
from tests.console.bulletins.conftest import mail, officer, people
from tests.console.conftest import words
from tests.support.people import mobile, person, place

__all__ = ["mail", "officer", "people"]


@pytest.fixture
def coordinator(sign_in, people):
    """Signed in, with the mobile of Plainevaux's coordinator; two members who agreed, of whom one lives elsewhere."""
    reader = sign_in("coordinator")
    with connected():
        account = next(card for card in accounts() if card.name == "Test coordinator")
        Account.update(mobile=mobile(1)).where(Account.id == account.id).execute()
        now = utc_now()
        agreed = {"mail_group": True}
        person(21, now, "Plainevaux", email="vingt@example.org", street="Rue Haute", **agreed)
        person(22, now, "Plainevaux", email="sans@example.org")
        person(23, now, "Rotheux", email="loin@example.org", **agreed)
    return reader


def test_only_the_members_who_agreed_and_no_number(coordinator):
    page = coordinator.get("/my-neighbourhood/members")
    assert "Nom021" in words(page)
    assert "vingt@example.org" in words(page)
    for hidden in ("Nom022", "Nom023", "0470"):
        assert hidden not in words(page)


def test_dead_numbers_of_those_who_agreed_are_told_masked(coordinator):
    now = utc_now()
    with connected(), writing():
        for number in (21, 22, 23):
            who = Member.get(Member.mobile == mobile(number))
            DeadNumber.create(member=who, mobile=mobile(number), why="unassigned", broadcast=1, seen_at=now)
    page = coordinator.get("/my-neighbourhood")
    assert "Prénom21 Nom021 (" in words(page)
    for hidden in ("Nom022", "Nom023", mobile(21), "0470 00 00 21"):
        assert hidden not in words(page)


def test_a_coordinator_says_there_that_a_bulletin_is_relayed(coordinator, officer):
    with connected():
        here, there = place("Plainevaux", utc_now()), place("Rotheux", utc_now())
    mine = scene.sent(officer, audience="some", neighbourhood=[str(here)])
    other = scene.sent(officer, audience="some", neighbourhood=[str(there)], nonce="a-nonce-of-another")
    assert "1 bulletin à relayer" in words(coordinator.get("/"))
    pages = ("/my-neighbourhood", f"/my-neighbourhood/{mine}")
    assert all("J'ai relayé" in words(coordinator.get(page)) for page in pages)
    coordinator.post(f"/my-neighbourhood/{mine}/relayed")
    assert not any("J'ai relayé" in words(coordinator.get(page)) for page in pages)
    assert coordinator.post(f"/my-neighbourhood/{other}/relayed").status_code == 404
    with connected():
        assert {each.relayed_how for each in relays(mine) if each.relayed_at} == {"console"}
        assert not [each for each in relays(other) if each.relayed_at]
    assert "dans la console" in words(officer.get(f"/bulletins/{mine}"))
