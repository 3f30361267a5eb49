"""Groups of members across neighbourhoods, and streets: whom an order to them reaches, each once."""

from datetime import timedelta

import pytest

from db.alerts.incidents.left_out import people_left_out
from db.alerts.orders.chosen import chosen
from db.engine.base import tuples
from db.journal.audit import entries
from db.models.broadcasts import Message
from db.people import member_groups as stored
from db.people.audience import Audience, recipients, size
from db.people.geography import StreetCard, matching_streets, street_neighbourhoods, streets
from db.people.member_groups import Rule, groups_by_name, groups_of, member_group, member_groups, people_of_group
from db.people.members.listing import members
from plp.services.orders.audiences import resolve
from plp.services.people.groups import delete_group, numbered, put_into_group, save_group, take_out_of_group
from plp.services.people.neighbourhoods import import_streets, merge_neighbourhoods
from rules.refusals import Missing, Refusal
from tests.support.people import mobile, order, person, place, ready_modem
from tests.support.rosters import import_members

pytestmark = pytest.mark.usefixtures("database")


def reached(**audience):
    return [recipient.msisdn for recipient in recipients(resolve(Audience(**audience)))]


def group(name, now, *people, rule=None):
    made = save_group(None, name, rule, "anne", now)
    if people:
        put_into_group(made, people, "anne", now)
    return made


def test_one_by_its_id_is_the_one_of_the_list_and_counts_no_other_group(now, monkeypatch):
    here = person(1, now, "Limal", street="Rue Haute")
    by_rule = group("Rue Haute", now, rule=Rule(streets=(StreetCard("Rue Haute", "Limal"),)))
    group("Commerçants", now, here, person(2, now, "Bierges"))
    listed = next(row for row in member_groups() if row.id == by_rule)
    counted, in_group = [], stored.in_group
    monkeypatch.setattr(stored, "in_group", lambda row: counted.append(row.id) or in_group(row))
    row = member_group(by_rule)
    assert (row.name, row.rule, row.members, row.reachable) == (listed.name, listed.rule, 1, 1)
    assert counted == [by_rule]
    assert member_group(999) is None


def test_a_group_and_a_street_reach_exactly_those_who_consent_once_each(now):
    ready_modem("sim0", now)
    traders = [
        person(1, now, "Limal"),
        person(2, now, "Bierges", sms=False),
        person(3, now, "Limal", street="Rue Haute"),
    ]
    person(4, now, "Limal", street=" RUE haute ")
    person(5, now, "Bierges", street="Rue Haute")
    person(6, now, "Limal", street="Rue Basse")
    person(7, now, "Limal", street="rue haute", sms=False)
    person(8, now, "Limal", street="Rue Haute", mobile="", email="huit@example.org")
    group("Commerçants", now, *traders)
    placed = order(now, audience=Audience(groups=("Commerçants",), streets=("Rue Haute (Limal)",)))
    sent = [msisdn for (msisdn,) in tuples(Message.select(Message.msisdn).where(Message.broadcast == placed.id))]
    assert sorted(sent) == [mobile(1), mobile(3), mobile(4)]
    kept = chosen(placed.id)
    assert kept is not None
    assert (kept.whom, [name for _id, name in kept.groups]) == ("places", ["Commerçants"])
    assert kept.streets == (StreetCard("Rue Haute", "Limal"),)
    assert [one.address for one in people_left_out(placed.id)] == ["huit@example.org"]
    whole = size(resolve(Audience(groups=("Commerçants",), streets=("Rue Haute (Limal)",))))
    assert (whole.people, whole.opted_out, whole.without_mobile) == (3, 2, 1)
    assert sorted(reached(streets=("rue HAUTE",))) == [mobile(3), mobile(4), mobile(5)]


def test_people_of_a_group_come_after_the_chosen_neighbourhoods(now):
    people = [person(1, now, "A"), person(2, now, "B"), person(3, now, "C")]
    group("Écoles", now, people[0], people[2])
    assert reached(neighbourhoods=("B",), groups=("Écoles",)) == [mobile(2), mobile(1), mobile(3)]
    assert reached(neighbourhoods=("B",), groups=("Écoles",), near="C")[0] == mobile(3)
    assert str(Audience(neighbourhoods=("B",), groups=("Écoles",)).words()) == "B, groupe Écoles"


@pytest.mark.parametrize("audience", [{"groups": ("Rien",)}, {"streets": ("Rue de Rien",)}, {}])
def test_unknown_names_are_refused_in_words(now, audience):
    person(1, now)
    with pytest.raises(Refusal):
        reached(**audience)


def test_a_group_by_rule_finds_its_people_each_time(now):
    here = place("Limal", now)
    person(1, now, "Limal", language="nl")
    person(2, now, "Bierges", language="nl", street="Rue Haute")
    person(3, now, "Bierges", role="coordinator")
    rule = Rule(neighbourhood_ids=(here,), streets=(StreetCard("rue haute", "Bierges"),), language="nl")
    group("Néerlandophones", now, rule=rule)
    group("Coordinateurs", now, rule=Rule(everywhere=True, role="coordinator"))
    group("Nouveaux", now, rule=Rule(everywhere=True, since_at=now + timedelta(minutes=1)))
    assert sorted(reached(groups=("Néerlandophones",))) == [mobile(1), mobile(2)]
    assert reached(groups=("Coordinateurs",)) == [mobile(3)]
    assert reached(groups=("Nouveaux",)) == []
    person(4, now + timedelta(hours=1), "Limal", language="nl")
    assert len(reached(groups=("Néerlandophones",))) == 3
    assert reached(groups=("Nouveaux",)) == [mobile(4)]
    assert {card.name: (card.members, card.reachable) for card in member_groups()} == {
        "Coordinateurs": (1, 1),
        "Néerlandophones": (3, 3),
        "Nouveaux": (1, 1),
    }
    assert next(card.rule for card in member_groups() if card.name == "Néerlandophones") == rule


def test_a_rule_whose_neighbourhoods_are_merged_keeps_its_people(now):
    one, other = place("A", now), place("B", now)
    person(1, now, "A")
    group("Centre", now, rule=Rule(neighbourhood_ids=(one,)))
    merge_neighbourhoods(one, other, "anne", now)
    assert reached(groups=("Centre",)) == [mobile(1)]
    with pytest.raises(Refusal, match="au moins un quartier"):
        save_group(None, "Personne", Rule(language="nl"), "anne", now)


def test_in_and_out_by_hand_and_by_pasted_numbers(now):
    people = [person(number, now) for number in (1, 2, 3)]
    traders = group("Commerçants", now, people[0])
    known, unknown = numbered("0470 00 00 02\n+32470000003; 0470 99 99 99, bonjour\n0470000002")
    assert (known, unknown) == ([people[1], people[2]], ["0470 99 99 99", "bonjour"])
    assert put_into_group(traders, [*known, people[0]], "anne", now) == 2
    assert put_into_group(traders, known, "anne", now) == 0
    assert [card.id for card in people_of_group(traders).rows] == people
    assert take_out_of_group(traders, [people[0]], "anne", now) == 1
    assert groups_of(people[1]) == [(traders, "Commerçants", False, True)]
    assert not groups_of(people[0])[0][3]
    by_rule = group("Tous", now, rule=Rule(everywhere=True))
    for deed in (put_into_group, take_out_of_group):
        with pytest.raises(Missing):
            deed(by_rule, people, "anne", now)
    save_group(traders, "Magasins", None, "anne", now)
    assert groups_by_name()["Magasins"] == traders
    with pytest.raises(Refusal, match="existe déjà"):
        save_group(None, "magasins", None, "anne", now)
    delete_group(traders, "anne", now)
    assert [card.name for card in member_groups()] == ["Tous"]
    told = [entry.action for entry in entries() if entry.action.startswith("member_group")]
    assert told[0] == "member_group_deleted"
    assert "+32" not in "".join(str(entry.detail) for entry in entries())


def test_the_list_of_streets_is_taken_whole_or_told_row_by_row(now):
    a, b = place("Limal", now), place("Bierges", now)
    csv = "Rue;Quartier\nRue Haute;Limal\nRue haute;bierges\nRue de l'École;Limal\n;Limal\nRue Basse;Ottignies\n"
    report = import_streets(csv.encode("cp1252"), "rues.csv", "anne", now)
    assert (report.saved, [line for line, _told in report.refused]) == (0, [5, 6])
    assert "Ottignies" in str(report.refused[1][1])
    report = import_streets("\n".join(csv.splitlines()[:4]).encode(), "rues.csv", "anne", now)
    assert (report.saved, report.refused) == (3, ())
    assert street_neighbourhoods("RUE HAUTE") == [a, b]
    assert [str(card) for card in streets()] == ["Rue de l'École (Limal)", "Rue haute (Bierges)", "Rue Haute (Limal)"]
    person(1, now, "Limal", street="Rue du Moulin")
    assert [str(card) for card in matching_streets("rue h", 5)] == ["Rue haute (Bierges)", "Rue Haute (Limal)"]
    assert matching_streets("moulin", 5) == [StreetCard("Rue du Moulin", "Limal")]
    for nothing in (b"", b"a;b\n1;2"):
        with pytest.raises(Refusal):
            import_streets(nothing, "rues.csv", "anne", now)


def test_a_list_finds_the_neighbourhood_of_a_row_by_its_street(now):
    for name in ("Limal", "Bierges"):
        place(name, now)
    import_streets(b"rue;quartier\nRue Haute;Limal\nRue du Moulin;Limal\nRue du Moulin;Bierges\n", "r.csv", "anne", now)
    people = ("Ada;0470000001;RUE HAUTE;", "Bob;0470000002;Rue Haute;Bierges", "Cor;0470000003;Rue du Moulin;")
    list_ = "\n".join(["nom;gsm;rue;quartier", *people])
    report = import_members(list_.encode(), "liste.csv", "anne", now)
    assert (report.added, [row.line for row in report.refused]) == (2, [4])
    assert "quartier" in report.refused[0].reason
    found = {card.last_name: card.neighbourhood for card in members().rows}
    assert found == {"Ada": "Limal", "Bob": "Bierges"}
