"""The phone tree: who calls whom, one line per phone, on a page that needs nothing from outside."""

from datetime import UTC, datetime

import pytest

from db.operations.plan_b import Person, Place
from plp.letters.letters import phone_tree, sheets_of
from rules.numbers import shown
from tests.support.people import mobile

NIGHT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


def one(number, place="Plainevaux", role="member", **changes):
    values = {"first_name": f"Prénom{number}", "last_name": f"Nom{number}", "mobile": mobile(number), "email": None}
    return Person(**{**values, "language": "fr", "neighbourhood": place, "role": role, **changes})


def test_coordinators_share_their_neighbourhood_and_a_phone_rings_once():
    coordinators = [one(90 + n, role="coordinator") for n in range(2)]
    shared = one(1, first_name="Luc", last_name="Peeters")
    known = one(8, mobile=mobile(90))
    nobody = one(7, mobile=None, email="a@example.org")
    first, second = sheets_of([*coordinators, *(one(n) for n in range(1, 6)), shared, known, nobody])
    assert (first.caller, second.caller) == tuple(coordinators)
    assert [person.name for person in first.people] == ["Prénom1 Nom1 / Luc Peeters", "Prénom2 Nom2", "Prénom3 Nom3"]
    assert [person.mobile for person in second.people] == [mobile(4), mobile(5)]
    assert (first.unreached, second.unreached) == (1, 1)


def test_without_a_coordinator_the_police_call():
    (sheet,) = sheets_of([one(1), one(2, role="coordinator", mobile=None, email="a@example.org")])
    assert (sheet.caller, [person.mobile for person in sheet.people]) == (None, [mobile(1)])


@pytest.mark.usefixtures("database")
def test_the_police_s_sheet_comes_first_and_each_neighbourhood_has_its_own():
    caller = one(1, "Ehein", "coordinator", first_name="Łukasz")
    places = [Place(1, "Ehein", (caller,), 1), Place(2, "Plainevaux", (), 2), Place(3, "Rotheux", (), 0)]
    page = phone_tree(places, [caller, one(2, "Ehein"), one(3), one(4)], NIGHT, "Anne").replace("\xa0", " ")
    police, ehein, plainevaux = page.split("<table>")[1:]
    assert police.index("Ehein (1 personne à appeler)") < police.index("Łukasz") < police.index("Plainevaux (2")
    assert "Aucun coordinateur joignable" in police
    assert "Rotheux" not in page
    assert [shown(mobile(n)) in police for n in (1, 2, 3)] == [True, False, False]
    assert "Łukasz Nom1, coordinateur (0470 00 00 01), appelle 1 personne :" in ehein
    assert "La police (ce quartier n'a aucun coordinateur joignable) appelle 2 personnes :" in plainevaux
    for sheet in (police, ehein, plainevaux):
        assert "état du 24/11/2026 à 03:30 · imprimé par Anne · détruisez la feuille précédente" in sheet
        assert "Urgence : 101 ou 04/330 40 00" in sheet
