"""Further numbers of a member, and where they live: typed, read from files, and refused by their field."""

import pytest

from db.people.members.listing import member
from rules.members import FURTHER
from rules.refusals import FieldRefusal
from tests.support.people import person
from tests.support.rosters import everyone, only, reasons, take

pytestmark = pytest.mark.usefixtures("database")

HEADER = "prénom;nom;gsm;quartier;Rue;Numéro;Code postal;Fixe;Deuxième numéro"


def further(card):
    return [getattr(card, column) for column in FURTHER[: FURTHER.index("other_places")]]


@pytest.mark.parametrize("typed", ["4120", "B-4120 Neupré", "b4120", " 4120 "])
def test_a_member_has_a_street_and_further_numbers(now, typed):
    found = {"landline": "04 372 11 77", "second_number": "+31 6 12345678", "street": " rue  Haute"}
    card = member(person(1, now, house_number="12 bte 3", postal_code=typed, **found))
    assert further(card) == ["rue Haute", "12 bte 3", "4120", "+3243721177", "+31612345678"]


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("landline", "04 372", "n'est pas un numéro"),
        ("second_number", "zéro", "n'est pas un numéro"),
        ("postal_code", "Neupré", "code postal"),
        ("postal_code", "41200", "code postal"),
    ],
)
def test_each_is_refused_by_its_field(now, field, text, words):
    with pytest.raises(FieldRefusal) as refusal:
        person(1, now, **{field: text})
    assert refusal.value.field == field
    assert words in str(refusal.value)


def test_a_list_brings_them_and_one_that_says_nothing_takes_none_away(now):
    row = "Anne;Dumont;0470000001;Rotheux;rue Haute;12;4120;04 372 11 77;0470 99 88 77"
    assert take(f"{HEADER}\n{row}\n", now).added == 1
    taken = ["rue Haute", "12", "4120", "+3243721177", "+32470998877"]
    assert further(only()) == taken
    assert take(f"{HEADER}\nAnne;Dumont;0470000001;Rotheux;;;;;\n", now).unchanged == 1
    assert further(only()) == taken
    take(f"{HEADER}\nAnne;Dumont;0470000001;Rotheux;rue Basse;;;;\n", now)
    assert only().street == "rue Basse"
    assert "n'est pas un numéro" in reasons(take(f"{HEADER}\nL;D;0470000002;Rotheux;;;;12;\n", now))[2]


def test_a_list_takes_who_has_only_another_number_and_knows_them_again(now):
    lines = "prénom;nom;gsm;fixe;quartier\nAnne;Noël;;042345678;Plainevaux\nLuc;Noël;;042345678;Plainevaux\n"
    assert (take(lines, now).added, len(everyone())) == (2, 2)
    again = take(lines + "Anne;Noël;;042345678;Plainevaux\n", now)
    assert (again.added, again.unchanged, len(everyone())) == (0, 2, 2)
    assert reasons(again) == {4: "cette personne est déjà à la ligne 2"}
