"""Texts that came in, with who sent them and what is missing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from db.inbound import PATIENCE, apply_inbound, give_up_incomplete
from db.inbox import inbox
from db.members import MemberDraft, save_member
from tests.db.house import mobile, person, place

pytestmark = pytest.mark.usefixtures("database")

CARD = "206010000000001"


@dataclass(frozen=True)
class Concatenated:
    reference: int
    seq: int
    total: int


@dataclass(frozen=True)
class Text:
    sender: str
    text: str
    sent_at: datetime
    concatenation: Concatenated | None = None


def comes(now, sender, text="Merci", seq=1, total=1):
    place = Concatenated(7, seq, total) if total > 1 else None
    assert apply_inbound(CARD, Text(sender, text, now, place), False, now)


def test_a_member_has_a_name_and_a_place_a_stranger_has_neither(now):
    person(1, now)
    comes(now, mobile(1))
    comes(now + timedelta(seconds=1), "+32470000099")
    comes(now + timedelta(seconds=2), "Proximus")
    found = inbox()
    assert [row.card.sender for row in found.rows] == ["Proximus", "+32470000099", mobile(1)]
    assert [(row.names, row.neighbourhood) for row in found.rows] == [
        ((), ""),
        ((), ""),
        (("Prénom1 Nom001",), "Plainevaux"),
    ]


def test_a_number_that_two_people_share_has_two_names(now):
    person(1, now)
    other = MemberDraft("Prénom2", "Nom002", mobile(1), "", "fr", place("Rotheux", now))
    save_member(None, other, "test", now, number_shared=True)
    comes(now, mobile(1))
    (row,) = inbox().rows
    assert row.names == ("Prénom1 Nom001", "Prénom2 Nom002")
    assert row.neighbourhood == "Plainevaux"


def test_which_parts_are_missing(now):
    comes(now, "+32470000099", "a", seq=1, total=4)
    comes(now, "+32470000099", "c", seq=3, total=4)
    (row,) = inbox().rows
    assert row.missing == (2, 4)
    assert row.card.given_up_at is None
    give_up_incomplete(now + PATIENCE)
    assert inbox().rows[0].card.given_up_at is not None
    for seq in (2, 4):
        comes(now, "+32470000099", "x", seq=seq, total=4)
    assert inbox().rows[0].missing == ()


def test_pages(now):
    for number in range(5):
        comes(now + timedelta(minutes=number), "+32470000099", str(number))
    page = inbox(page=2, per_page=2)
    assert [row.card.text for row in page.rows] == ["2", "1"]
    assert (page.total, page.page, page.pages) == (5, 2, 3)
