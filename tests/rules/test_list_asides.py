"""A remark that is not kept is told of the person to be added: no list of words knows what every list says."""

import pytest

from plp.services.people.reading import list_in
from rules.lists.asides import asides
from tests.support.rosters import take

HEADER = "nom;gsm;quartier;"


def lines(*cells):
    return [f"N{at};0470 00 {at // 100:02} {at % 100:02};Ehein;{cell}" for at, cell in enumerate(cells)]


def told(report):
    return [str(note) for _line, note in report.notes]


@pytest.mark.parametrize(
    "heading", ["Remarques", "Opm.", "Bemerkung", "Rmq secrétariat", "Statut", "Divers", "Vu par Jo"]
)
def test_a_remark_that_no_word_list_knows_is_told(database, now, heading):
    report = take("\n".join([HEADER + heading, *lines("a pris sa retraite au soleil", "", "3", "12/03/2020")]), now)
    assert told(report) == ["remarque non reprise : « a pris sa retraite au soleil »"]
    assert report.doubtful == 1


@pytest.mark.parametrize("heading", ["Localité", "Gemeente", "Beroep", "Nationalité", "Ort"])
def test_a_place_or_a_calling_is_not(database, now, heading):
    assert told(take("\n".join([HEADER + heading, *lines("Neupré", "Esneux")]), now)) == []


def test_a_question_mark_is(database, now):
    assert told(take("\n".join([HEADER + "Remarques", *lines("?", "", "3")]), now)) == ["remarque non reprise : « ? »"]


def test_what_many_rows_say_is_not(database, now):
    report = take("\n".join([HEADER + "Situation", *lines(*["en règle"] * 8, "à voir", "EN REGLE")]), now)
    assert told(report) == ["remarque non reprise : « à voir »"]


def test_a_refusal_has_a_sentence_of_its_own(database, now):
    report = take("\n".join([HEADER + "Remarques", *lines("ne veut plus de SMS")]), now)
    assert told(report) == ["« ne veut plus de SMS » est lu comme un refus : ni SMS, ni groupe e-mail"]


def test_nobody_is_told_it_again_of_a_member(database, now):
    content = "\n".join([HEADER + "Remarques", *lines("sonner deux fois")])
    assert told(take(content, now)) != []
    assert told(take(content, now)) == []


def test_a_row_that_is_shorter_has_no_remark():
    whole = list_in((HEADER + "Remarques\nA;0470000001;Ehein").encode(), "l.csv")
    assert asides(whole, whole.guess).notes(whole.rows[0].cells) == []


def test_what_is_said_in_a_column_that_somebody_called_unrelated_is_told_too():
    whole = list_in("\n".join([HEADER + "Opm.", *lines("zelfde gsm als zoon Tom", "geen sms", "3")]).encode(), "l.csv")
    beside = asides(whole, [*whole.guess[:3], "unrelated"])
    told = [str(note) for row in whole.rows for note in beside.notes(row.cells)]
    assert told == ["remarque non reprise : « zelfde gsm als zoon Tom »", "remarque non reprise : « geen sms »"]
