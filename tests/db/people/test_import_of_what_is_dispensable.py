"""What is dispensable in a row, or wrong in one row, keeps nobody out of a list (docs/adr/0040)."""

import pytest

from plp.services.people.reading import list_in
from rules.lists.consents import UnclearColumns, refuse_unclear
from tests.support.rosters import everyone, only, reasons, take

HEADER = "nom;gsm;e-mail;langue;rôle;quartier;numéro partagé;Remarques\n"


def line(name="Noël", gsm="0470 00 00 01", mail="", language="", role="", place="Ehein", shared="", remark=""):
    return ";".join((name, gsm, mail, language, role, place, shared, remark)) + "\n"


def told(report):
    return [str(note) for _line, note in report.notes]


@pytest.mark.parametrize("mail", ["anne@example,be", "anne at example.be", "anne@example", "tine@leemans@example.be"])
def test_an_address_that_is_none_is_left_empty_beside_a_mobile(database, now, mail):
    report = take(HEADER + line(mail=mail), now)
    assert (only().mobile, only().email, only().sms) == ("+32470000001", None, True)
    assert told(report) == [f"« {mail} » n'est pas une adresse e-mail ; il est laissé vide"]


def test_the_same_without_a_mobile_refuses_the_row(database, now):
    report = take(HEADER + line(gsm="", mail="anne@example,be"), now)
    assert list(reasons(report)) == [2]


@pytest.mark.parametrize(
    ("language", "role"),
    [("it", ""), ("", "président"), ("", "co-coörd."), ("", "ex-membre"), ("", "trésorier")],
)
def test_what_we_do_not_have_changes_nothing_of_a_member(database, now, language, role):
    take(HEADER + line(mail="anne@example.org", language="nl", role="coordinateur"), now)
    report = take(HEADER + line(mail="anne@example,org", language=language, role=role), now)
    assert (only().language, only().role, only().email) == ("nl", "coordinator", "anne@example.org")
    assert (report.changes, bool(report.notes)) == ([], role != "ex-membre")


@pytest.mark.parametrize("role", ["Koord.", "coord.", "Coördinator", "coordinatrice,"])
def test_a_coordinator_by_the_beginning_of_the_word(database, now, role):
    assert told(take(HEADER + line(role=role), now)) == []
    assert only().role == "coordinator"


def test_a_mobile_of_a_row_that_waits_is_nobody_s_before_that_is_decided(database, now):
    waiting, other = line("Hugo", remark="DCD 2022"), line("Inge")
    for content in (waiting + other, other + waiting):
        report = take(HEADER + content, now)
        assert everyone() == []
        held = next(row for row in report.refused if "Inge" in row.cells)
        assert (held.waits, held.may_share) == (True, True)
        assert "qui attend" in held.reason
    take(HEADER + waiting + line("Inge", shared="oui"), now)
    assert only().last_name == "Inge"


def test_a_member_keeps_a_mobile_that_a_waiting_row_has_too(database, now):
    take(HEADER + line("Inge"), now)
    report = take(HEADER + line("Hugo", remark="DCD 2022") + line("Inge"), now)
    assert list(reasons(report)) == [2]


def test_a_neighbourhood_that_may_not_stand_in_texts_refuses_its_row_alone(database, now):
    report = take(
        HEADER + line() + line("B", "0470 00 00 02", place="test") + line("C", "0470 00 00 03", place="test"), now
    )
    assert list(reasons(report)) == [3, 4]
    assert "ne peut pas figurer ici" in reasons(report)[3]
    assert only().last_name == "Noël"
    assert report.new_neighbourhoods == ["Ehein"]


def test_a_column_of_roles_that_nobody_named_is_asked_about():
    content = "nom;gsm;quartier;Tâche\nA;0470000001;E;coordinatrice\nB;0470000002;E;membre\nC;0470000003;E;\n"
    whole = list_in(content.encode(), "l.csv")
    with pytest.raises(UnclearColumns, match=r"Tâche .rôles des membres"):
        refuse_unclear(whole, whole.guess)
