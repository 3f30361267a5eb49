"""Members filtered, changed together, merged and taken along as a file."""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_sent
from db.journal import audit
from db.models.broadcasts import Message, Part
from db.people.members.listing import Filter, filtered_ids, member, members
from db.people.members.saving import acts
from plp.services.people.exporting import export_members
from plp.services.people.saving import change_together, merge_members, undo_act
from rules.refusals import Refusal
from rules.states import PartState
from tests.support.people import later, mobile, order, person, place, plans_of, ready_modem
from tests.support.rosters import take

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def three(now):
    return [
        person(1, now, first_name="Hélène", last_name="Noël", street="rue de la Cité", landline="04 372 11 77"),
        person(2, later(now, 60), "Ehein", language="nl", role="coordinator", email="b@example.org", mail_group=True),
        person(3, later(now, 120), "Ehein", mobile="", email="c@example.org", last_name="Adam"),
    ]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"search": "cite noel"}, [0]),
        ({"search": "437211"}, [0]),
        ({"search": "B@EXAMPLE"}, [1]),
        ({"search": "100%"}, []),
        ({"language": "nl"}, [1]),
        ({"role": "member"}, [2, 0]),
        ({"consent": "sms"}, [0, 1]),
        ({"consent": "mail_group"}, [1]),
        ({"consent": "none"}, [2]),
        ({"order": "added"}, [2, 1, 0]),
        ({"order": "neighbourhood"}, [0, 2, 1]),
    ],
)
def test_members_are_found_by_each_filter(three, changes, found):
    assert filtered_ids(Filter(**changes)) == [three[at] for at in found]
    assert members(Filter(**changes)).total == len(found)


def test_members_added_since_and_of_a_neighbourhood(now, three):
    assert filtered_ids(Filter(since=later(now, 100))) == [three[2]]
    assert filtered_ids(Filter(neighbourhood_id=place("Plainevaux", now))) == [three[0]]


def test_members_by_how_the_last_alert_went(now, three):
    modem = ready_modem("a", now)
    order(now)
    for reference in range(2):
        mark_sent(claim_part(modem, now), reference, modem, now)
    theirs = Message.select(Message.id).where(Message.member == three[0])
    Part.update(state=PartState.DELIVERED).where(Part.message.in_(theirs)).execute()
    assert filtered_ids(Filter(delivery="received")) == [three[0]]
    assert filtered_ids(Filter(delivery="not_received")) == [three[1]]
    assert filtered_ids(Filter(delivery="not_sent")) == [three[2]]


def test_pages_by_neighbourhood_pass_over_whole_neighbourhoods(now, three):
    person(4, now, "Rotheux")
    whole = filtered_ids(Filter(order="neighbourhood"))
    for per_page in (1, 2, 3, 10):
        pages = [members(Filter(order="neighbourhood"), page, per_page) for page in range(1, 5)]
        turned = [card.id for page in pages[: pages[0].pages] for card in page.rows]
        assert (turned, pages[0].total) == (whole, 4)
    assert [card.id for card in members(Filter(order="neighbourhood", language="nl"), 9).rows] == [three[1]]
    assert members(Filter(order="neighbourhood", language="de")).rows == []


@pytest.mark.sqlite
def test_the_table_is_ordered_by_an_index_and_folds_nothing(three):
    plans = plans_of(lambda: members(Filter()))
    assert any("COVERING INDEX member_listed" in plan for plan in plans), plans
    assert "COVERING INDEX member_listed" in plans_of(lambda: members(Filter(search="noel")))[0]
    plans += plans_of(lambda: members(Filter(search="noel")))
    assert not any("SCAN" in plan and "TEMP B-TREE" in plan for plan in plans), plans
    by_place = plans_of(lambda: members(Filter(order="neighbourhood")))
    assert not any("TEMP B-TREE" in plan for plan in by_place[:2]), by_place


def test_members_are_changed_together_and_as_before_after_an_undo(now, three):
    changed, act = change_together(three, "neighbourhood", place("Rotheux", now), "anne", later(now, 200))
    assert (changed, {member(one).neighbourhood for one in three}) == (3, {"Rotheux"})
    assert [(one.kind, one.counted) for one in acts(later(now, 201))] == [("bulk", {"changed": 3})]
    undo_act(act, "jan", later(now, 300))
    assert [member(one).neighbourhood for one in three] == ["Plainevaux", "Ehein", "Ehein"]
    assert change_together(three, "sms", False, "anne", later(now, 400))[0] == 2
    assert [member(one).sms for one in three] == [False, False, False]


def test_two_rows_that_are_one_person_become_one(now, three):
    double = person(9, now, first_name="H.", last_name="Noel", email="helene@example.org", postal_code="4120")
    modem = ready_modem("a", now)
    order(now)
    merge_members(three[0], double, "anne", later(now, 200))
    kept = member(three[0])
    assert member(double) is None
    assert (kept.name, kept.mobile, kept.email, kept.postal_code) == (
        "Hélène Noël",
        mobile(1),
        "helene@example.org",
        "4120",
    )
    assert Message.select().where(Message.member == kept.id).count() == 2
    left = {part.msisdn for part in iter(lambda: claim_part(modem, later(now, 201)), None)}
    assert left == {mobile(1), mobile(2)}
    with pytest.raises(Refusal):
        merge_members(kept.id, kept.id, "anne", now)


def test_a_merged_person_agrees_to_what_the_row_with_the_mobile_agreed_to(now, three):
    other = person(9, now)
    merge_members(three[2], other, "anne", now)
    assert (member(three[2]).mobile, member(three[2]).sms) == (mobile(9), True)


@pytest.mark.slow
def test_an_export_computes_nothing_and_is_read_again(now, three):
    person(4, now, first_name="=HYPERLINK(1)", last_name="@x", street="-1+1")
    content = b"".join(export_members(Filter(), "csv", "anne", later(now, 300)))
    assert ";'=HYPERLINK" in content.decode("utf-8-sig") or content.decode("utf-8-sig").count("'=HYPERLINK") == 1
    again = take(content, now + timedelta(days=1))
    assert (again.read, again.unchanged, again.refused) == (4, 4, [])
    assert audit.newest("members_exported").detail == {"members": 4}
    sheet = load_workbook(io.BytesIO(b"".join(export_members(Filter(), "xlsx", "anne", now)))).active
    assert [cell.data_type for row in sheet.iter_rows() for cell in row if cell.value] == ["s"] * sum(
        cell.value is not None for row in sheet.iter_rows() for cell in row
    )
    again = take(
        b"".join(export_members(Filter(language="nl"), "xlsx", "anne", now)), now + timedelta(days=1), "m.xlsx"
    )
    assert (again.read, again.unchanged) == (1, 1)
