"""A person with several places: one record, alerted for each of them, and once."""

import pytest

from db.bulletins.groups import group
from db.models.people import Member, MemberPlace
from db.operations.plan_b import places as sheets
from db.operations.plan_b import roll
from db.people.audience import Audience, recipients, size
from db.people.geography import StreetCard, people_in_street
from db.people.member_groups import Rule, in_groups, member_groups
from db.people.members.listing import Filter, filtered_ids, member, neighbourhoods
from plp.services.forgetting import forget_member
from plp.services.orders.audiences import resolve
from plp.services.people.exporting import export_members
from plp.services.people.groups import save_group
from plp.services.people.importing import Choices
from plp.services.people.neighbourhoods import delete_neighbourhood, merge_neighbourhoods, save_neighbourhood
from plp.services.people.saving import merge_members, save_member, undo_act
from rules.members import MemberDraft, places_in, read_places
from rules.refusals import FieldRefusal, Refusal
from tests.support.people import mobile, person, place
from tests.support.rosters import only, reasons, take

pytestmark = pytest.mark.usefixtures("database")

HOME, SHOP, PARENTS = "Plainevaux", "Rotheux", "Ehein"


@pytest.fixture
def anne(now):
    """Number 1 lives in Plainevaux and has a shop in Rotheux; 2 lives in Rotheux, 3 in Plainevaux."""
    for name in (HOME, SHOP, PARENTS):
        place(name, now)
    anne = person(1, now, HOME, street="rue Haute", other_places=f"{SHOP}, rue du Marché", email="anne@example.org")
    person(2, now, SHOP)
    person(3, now, HOME)
    return anne


def numbers(**audience):
    return [one.msisdn for one in recipients(resolve(Audience(**audience)))]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Rotheux ,  rue du  Marché ;Ehein;; ", "Rotheux, rue du Marché; Ehein"),
        ("Ehein\nEhein\nRotheux", "Ehein; Rotheux"),
        ("", ""),
    ],
)
def test_places_are_read_as_they_are_written(typed, stored):
    assert read_places(typed) == stored
    assert read_places(stored) == stored
    assert len(places_in(stored)) == stored.count(";") + bool(stored)


@pytest.mark.parametrize("typed", [", rue Haute", "A;B;C;D;E;F"])
def test_what_is_no_place_is_refused(typed):
    with pytest.raises(Refusal):
        read_places(typed)


def test_an_alert_to_each_place_reaches_them_and_to_both_once(anne):
    assert numbers(neighbourhoods=(HOME,)) == [mobile(1), mobile(3)]
    assert numbers(neighbourhoods=(SHOP,)) == [mobile(1), mobile(2)]
    assert numbers(neighbourhoods=(PARENTS,)) == []
    for audience in ({"everyone": True}, {"neighbourhoods": (HOME, SHOP)}):
        assert sorted(numbers(**audience)) == [mobile(1), mobile(2), mobile(3)]
    assert size(resolve(Audience(neighbourhoods=(SHOP,)))).people == 2
    assert size(resolve(Audience(everyone=True))).people == 3


def test_they_come_with_the_place_that_is_served_first(anne):
    assert numbers(everyone=True, near=SHOP) == [mobile(1), mobile(2), mobile(3)]
    assert numbers(neighbourhoods=(SHOP, HOME)) == [mobile(1), mobile(2), mobile(3)]


def test_an_alert_to_the_street_of_a_place_reaches_them(anne):
    for street in ("rue du Marché", f"Rue du marche ({SHOP})", f"rue Haute ({HOME})"):
        assert numbers(streets=(street,)) == [mobile(1)], street
    assert numbers(streets=(f"rue du Marché ({PARENTS})",)) == []
    assert people_in_street(StreetCard("rue du Marché")) == 1
    assert numbers(everyone=True, near_street="rue du Marché")[0] == mobile(1)


def test_a_group_by_rule_and_the_list_of_a_neighbourhood_have_them(anne, now):
    shop = place(SHOP, now)
    number = save_group(None, "Marché", Rule(neighbourhood_ids=(shop,)), "anne", now)
    assert next(card.members for card in member_groups() if card.id == number) == 2
    assert Member.select().where(in_groups([number])).count() == 2
    assert anne in filtered_ids(Filter(neighbourhood_id=shop))
    assert {row.name: (row.members, row.reachable) for row in neighbourhoods()} == {
        HOME: (2, 2), SHOP: (2, 2), PARENTS: (0, 0),
    }  # fmt: skip


def test_the_sheets_of_plan_b_and_the_mail_group_have_them_at_each_place(anne, now):
    save_member(anne, MemberDraft("Anne", "Noël", mobile(1), "anne@example.org", "fr", place(HOME, now),
                                  other_places=SHOP, mail_group=True), "test", now)  # fmt: skip
    assert {one.name: one.to_call for one in sheets()} == {HOME: 2, SHOP: 2, PARENTS: 0}
    assert "Anne Noël" in {one.name for one in roll(place(SHOP, now))}
    assert [one.name for one in roll()].count("Anne Noël") == 1
    assert group(place(SHOP, now)).addresses == ("anne@example.org",)


def test_a_neighbourhood_with_somebody_s_place_stays_and_one_that_is_merged_keeps_it(anne, now):
    Member.delete().where(Member.mobile == mobile(2)).execute()
    with pytest.raises(Refusal, match="Membres encore dans ce quartier : 1"):
        delete_neighbourhood(place(SHOP, now), "anne", now)
    merge_neighbourhoods(place(SHOP, now), place(PARENTS, now), "anne", now)
    assert member(anne).other_places == f"{PARENTS}, rue du Marché"
    save_neighbourhood(place(PARENTS, now), "Ehein-Rotheux", "", "anne", now)
    assert member(anne).other_places == "Ehein-Rotheux, rue du Marché"


def test_a_place_in_no_neighbourhood_is_refused_by_its_field(now):
    place(SHOP, now)
    with pytest.raises(FieldRefusal, match="quartier inconnu : Ailleurs") as refusal:
        person(1, now, other_places=f"{SHOP}; Ailleurs")
    assert refusal.value.field == "other_places"


def test_two_records_made_one_keep_both_homes(anne, now):
    other = person(7, now, PARENTS, street="rue Basse", other_places=SHOP)
    merge_members(anne, other, "anne", now)
    assert member(anne).other_places == f"{SHOP}, rue du Marché; {PARENTS}, rue Basse; {SHOP}"


def test_whoever_is_forgotten_leaves_no_place(anne, now):
    forget_member(anne, "anne", now, requester="person")
    assert MemberPlace.select().count() == 0


def test_a_list_brings_them_and_one_that_says_nothing_takes_none_away(now):
    place(SHOP, now)
    header = "prénom;nom;gsm;quartier;rue;autres lieux"
    row = 'Anne;Noël;0470000001;Plainevaux;rue Haute;"rotheux, rue Basse; Ailleurs"'
    report = take(f"{header}\n{row}\n", now)
    assert report.added == 1
    assert only().other_places == "Rotheux, rue Basse"
    assert [str(note) for _line, note in report.notes] == ["autre lieu non repris, quartier inconnu : Ailleurs"]
    assert take(f"{header}\nAnne;Noël;0470000001;Plainevaux;rue Haute;\n", now).unchanged == 1
    assert only().other_places == "Rotheux, rue Basse"
    # the list of the other neighbourhood names them as somebody of its own
    assert take("prénom;nom;gsm;quartier;rue\nAnne;Noël;0470000001;Rotheux;rue Basse\n", now).unchanged == 1
    assert (only().neighbourhood, only().street) == (HOME, "rue Haute")


@pytest.mark.parametrize(
    ("choices", "home", "street", "others"),
    [
        (Choices(), "Rotheux", "rue Basse", ""),
        (Choices(staying=set({2})), HOME, "rue Haute", "Rotheux, rue Basse"),
        (Choices(staying=set({3})), "Rotheux", "rue Basse", ""),
    ],
)
def test_a_list_of_another_neighbourhood_moves_them_or_adds_the_place(now, choices, home, street, others):
    person(1, now, HOME, first_name="Anne", last_name="Noël", street="rue Haute")
    report = take("prénom;nom;gsm;quartier;rue\nAnne;Noël;0470000001;Rotheux;rue Basse\n", now, choices=choices)
    card = only()
    assert (report.updated, card.neighbourhood, card.street, card.other_places) == (1, home, street, others)
    undo_act(report.act_id, "anne", now)
    assert (only().neighbourhood, only().street, only().other_places) == (HOME, "rue Haute", "")


def test_a_person_who_stands_in_a_list_twice_is_told_of_the_column(now):
    lines = "prénom;nom;gsm;quartier\nAnne;Noël;0470000001;Plainevaux\nAnne;Noël;0470000001;Rotheux\n"
    assert "une colonne « autres lieux »" in reasons(take(lines, now))[3]


def test_the_export_is_a_list_that_changes_nothing(anne, now):
    before = member(anne)
    assert f"{SHOP}, rue du Marché" in b"".join(export_members(Filter(), "csv", "anne", now)).decode("utf-8-sig")
    assert take(b"".join(export_members(Filter(), "csv", "anne", now)), now).unchanged == 3
    assert member(anne).other_places == before.other_places
