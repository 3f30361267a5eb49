"""Ditto marks: « idem » in a cell is what the row above says, and is told; it is nobody's name, street or consent."""

import pytest

from rules.lists.dittos import is_ditto
from tests.support.rosters import everyone, take

HEADER = "nom;prénom;gsm;fixe;rue;numéro;quartier;langue;rôle;accord sms"
ABOVE = "Noël;Anne;0470000001;;rue Haute;12;Ehein;nl;coordinateur;oui"
MARKS = [
    "idem",
    "Id.",
    "\u2033",
    "''",
    "\u3003",
    "»",
    "dito",
    "zelfde",
    "zie boven",
    "siehe oben",
    "même adresse",
    "same",
]


def below(row, now):
    return take("\n".join([HEADER, ABOVE, row]), now)


def told(report):
    return [str(note) for line, note in report.notes if line == 3]


@pytest.mark.parametrize("mark", MARKS)
def test_it_is_what_the_row_above_says(database, now, mark):
    report = below(f"{mark};Luc;0470000002;;{mark};{mark};{mark};{mark};membre;oui", now)
    luc = next(card for card in everyone() if card.first_name == "Luc")
    assert (luc.last_name, luc.street, luc.house_number, luc.language) == ("Noël", "rue Haute", "12", "nl")
    assert report.new_neighbourhoods == ["Ehein"]
    assert f"« {mark} » est lu comme « rue Haute », écrit à la ligne du dessus" in told(report)


def test_one_below_another_is_the_same(database, now):
    take("\n".join([HEADER, ABOVE, *(f"N;{at};047000000{at};;idem;{at};id;fr;;oui" for at in (2, 3, 4))]), now)
    assert [(card.street, card.neighbourhood) for card in everyone()] == [("rue Haute", "Ehein")] * 4


def test_a_mobile_of_the_row_above_is_asked_about(database, now):
    report = below("Noël;Luc;idem;;rue Haute;12;Ehein;nl;membre;oui", now)
    assert [(row.line, row.may_share) for row in report.refused] == [(3, True)]


@pytest.mark.parametrize("mark", MARKS)
def test_nobody_agrees_by_a_ditto_mark(database, now, mark):
    report = below(f"Noël;Luc;0470000002;;rue Haute;12;Ehein;nl;membre;{mark}", now)
    assert [(row.line, row.waits) for row in report.refused] == [(3, True)]


def test_an_address_of_mail_is_one_persons(database, now):
    content = "nom;gsm;e-mail;quartier\nA;0470000001;a@example.org;Ehein\nB;0470000002;idem;Ehein"
    assert told(take(content, now)) == ["« idem » est laissé vide"]
    assert [card.email for card in everyone()] == ["a@example.org", None]


def test_nothing_above_is_nothing(database, now):
    report = take("\n".join([HEADER, "Noël;Anne;0470000001;;idem;12;Ehein;nl;membre;oui"]), now)
    assert [str(note) for _line, note in report.notes] == ["« idem » est laissé vide"]


@pytest.mark.parametrize("cell", ["Ida", "12", "-", "/", "", "Idemans", "o'", "Samé", "x", "D'", "ja", '1"' * 30])
def test_other_cells_are_none(cell):
    assert not is_ditto(cell)
