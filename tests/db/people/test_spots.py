"""The place of an alert as officers type it: what it names, what is suggested, and who is told first."""

import pytest

from db.people.audience import Audience, recipients
from db.people.geography import Spot, spot_of, suggested
from plp.services.orders.audiences import resolve
from plp.services.people.neighbourhoods import import_streets
from plp.services.zone import save_directory_entry
from tests.support.people import mobile, person, place

LIST = """\
rue;quartier
Rue Haute;Rotheux-Rimière
Rue de Rotheux;Neuville-en-Condroz
Rue du Moulin;Rotheux-Rimière
Rue du Moulin;Neuville-en-Condroz
"""
ROTHEUX, NEUVILLE, WOOD = "Rotheux-Rimière", "Neuville-en-Condroz", "Bois de l'Abbé"


@pytest.fixture(autouse=True)
def places(database, now):
    for name in (ROTHEUX, NEUVILLE, WOOD):
        place(name, now)
    import_streets(LIST.encode(), "rues.csv", "test", now)


@pytest.mark.parametrize(
    ("typed", "spot"),
    [
        ("Rotheux", Spot((ROTHEUX,))),
        ("  ROTHEUX rimiere ", Spot((ROTHEUX,))),
        ("Neuville", Spot((NEUVILLE,))),
        ("près du Bois de l’Abbé", Spot((WOOD,))),
        ("rue du Bois", Spot()),
        ("Neuville et Rotheux", Spot((ROTHEUX, NEUVILLE))),
        ("rue haute 12", Spot((ROTHEUX,), f"Rue Haute ({ROTHEUX})")),
        # the street of Rotheux lies in Neuville
        ("rue de Rotheux", Spot((NEUVILLE,), f"Rue de Rotheux ({NEUVILLE})")),
        ("Rue du Moulin", Spot()),
        ("Rue du Moulin, Neuville", Spot((NEUVILLE,), f"Rue du Moulin ({NEUVILLE})")),
        ("Neupré", Spot(wide="Neupré")),
        ("SERAING", Spot(wide="Seraing")),
        ("Seraing/Neupré", Spot(everywhere=True)),
        ("Police locale Seraing/Neupré", Spot(everywhere=True)),
        ("école de Neupré", Spot()),
        ("police", Spot()),
        ("Condroz", Spot()),
        ("", Spot()),
    ],
)
def test_the_words_name_the_neighbourhood_and_the_street(typed, spot):
    assert spot_of(typed) == spot


def test_a_neighbourhood_that_begins_like_its_municipality_is_not_the_municipality(now):
    place("Seraing-Centre", now)
    assert spot_of("Seraing") == Spot(wide="Seraing")
    assert spot_of("Seraing-Centre") == Spot(("Seraing-Centre",))
    place("Neupré", now)
    assert spot_of("neupré") == Spot(("Neupré",))


def test_the_only_municipality_is_the_whole_zone(monkeypatch):
    monkeypatch.setattr("db.people.geography._municipalities", lambda: ["Ottignies"])
    assert spot_of("Ottignies") == Spot(everywhere=True)


def test_a_useful_number_names_its_address(now):
    save_directory_entry(None, "École Saint-Jean", "Enfants", "Rue Haute 3, 04/330 00 00", "test", now)
    assert spot_of("école saint-jean").neighbourhoods == (ROTHEUX,)
    assert suggested("saint-j", 8) == ["École Saint-Jean"]


def test_what_is_suggested_for_the_first_letters():
    assert suggested("neu", 8) == [NEUVILLE, "Neupré"]
    assert suggested("rue du m", 8) == [f"Rue du Moulin, {NEUVILLE}", f"Rue du Moulin, {ROTHEUX}"]
    assert suggested("", 8) == []


def test_who_lives_in_the_street_is_told_first_then_coordinators(now):
    for number, changes in enumerate(
        ({}, {"role": "coordinator"}, {"street": "rue haute"}, {"neighbourhood": NEUVILLE, "street": "Rue Haute"})
    ):
        person(number, now, **({"neighbourhood": ROTHEUX} | changes))
    people = recipients(resolve(Audience(everyone=True, near=ROTHEUX, near_street=f"Rue Haute ({ROTHEUX})")))
    assert [one.msisdn for one in people] == [mobile(2), mobile(1), mobile(0), mobile(3)]
