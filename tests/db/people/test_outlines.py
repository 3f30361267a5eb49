"""Outlines from GeoJSON, and the order nearest first."""

import pytest

from db.people.audience import Audience, order_of_sending
from db.people.geography import nearest_first, neighbours, outlines
from plp.services.orders.audiences import resolve
from plp.services.people.neighbourhoods import delete_outlines, import_outlines
from rules.geometry import distance_m, read_areas, simplified
from rules.refusals import Refusal
from tests.support.outlines import GOOD, NAMES, collection, feature
from tests.support.people import person, place


@pytest.fixture
def places(database, now):
    return {name: place(name, now) for name in NAMES}


def test_outlines_are_matched_by_name_whatever_the_case(places, now):
    report = import_outlines(GOOD, "", "anne", now)
    assert (report.saved, report.ignored) == (3, ("Ailleurs",))
    found = {card.neighbourhood.name: card for card in outlines()}
    assert list(found) == list(NAMES)
    assert (found["Plainevaux"].longitude, found["Plainevaux"].latitude) == pytest.approx((5.505, 50.545))
    assert len(found["Rotheux"].rings) == 2
    delete_outlines("anne", now)
    assert outlines() == []


def test_what_a_second_file_does_not_name_stays(places, now):
    import_outlines(GOOD, "nom", "anne", now)
    report = import_outlines(collection(feature("Rotheux", 5.0, 50.0)), "", "anne", now)
    assert (report.saved, report.ignored) == (1, ())
    found = {card.neighbourhood.name: card.longitude for card in outlines()}
    assert found == pytest.approx({"Plainevaux": 5.505, "Rotheux": 5.005, "Neuville": 5.525})


def test_the_nearest_come_first_and_the_unknown_last(places, now):
    import_outlines(GOOD, "", "anne", now)
    lost = place("Sans contour", now)
    ids = [lost, *places.values()]
    assert nearest_first(ids, places["Neuville"]) == [
        places["Neuville"],
        places["Plainevaux"],
        places["Rotheux"],
        lost,
    ]
    assert nearest_first(ids, lost) == [lost, *places.values()]


def test_the_neighbours_of_each_are_the_nearest_others_and_follow_a_new_outline(places, now):
    import_outlines(GOOD, "", "anne", now)
    place("Sans contour", now)
    assert set(neighbours(1)) == set(places.values())
    assert neighbours(1)[places["Rotheux"]] == neighbours(1)[places["Neuville"]] == [places["Plainevaux"]]
    assert neighbours(5)[places["Neuville"]] == [places["Plainevaux"], places["Rotheux"]]
    import_outlines(collection(feature("Rotheux", 5.526, 50.54)), "", "anne", now)
    assert neighbours(1)[places["Neuville"]] == [places["Rotheux"]]


def test_an_audience_is_served_from_where_it_happened(places, now):
    import_outlines(GOOD, "", "anne", now)
    for number, name in enumerate(NAMES):
        person(number, now, name)
    everybody = Audience(everyone=True, near="Neuville")
    assert order_of_sending(resolve(everybody)) == ["Neuville", "Plainevaux", "Rotheux"]
    assert str(everybody.words()) == "tous les membres (en premier : Neuville et les quartiers proches)"
    some = Audience(neighbourhoods=("Rotheux", "Plainevaux"), near="Neuville")
    assert order_of_sending(resolve(some)) == ["Plainevaux", "Rotheux"]
    assert "en premier" not in str(some.words())
    assert "en premier" not in str(Audience(neighbourhoods=("Neuville",), near="Neuville").words())
    assert order_of_sending(resolve(Audience(neighbourhoods=("Rotheux", "Plainevaux")))) == ["Rotheux", "Plainevaux"]
    with pytest.raises(Refusal, match="n'existe plus"):
        order_of_sending(resolve(Audience(everyone=True, near="Nulle part")))


LAMBERT = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::31370"}}}
WGS = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "Ligne 1"),
        (b"\xff\xfe{", "UTF-8"),
        (b"[" * 100_000, "lisible"),
        (b"[]", "FeatureCollection"),
        (b'{"type": "Feature"}', "FeatureCollection"),
        (collection(), "aucune limite"),
        (b" " * (5 * 1024 * 1024 + 1), "5 Mo"),
        (collection(feature("Rotheux", 5.5, 50.5), **LAMBERT), "EPSG:4326"),
        (collection(feature("Rotheux", 50.5, 5.5)), "longitude d'abord"),
        (collection(feature("Rotheux", 234000.0, 140000.0)), "pas en mètres"),
        (collection(feature("Rotheux", -70.0, 40.0)), "Belgique"),
        (collection({"type": "Feature", "geometry": {"type": "Point", "coordinates": [5, 50]}}), "surface"),
        (collection({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": []}}), "mal ordonnées"),
        (collection({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[5, 50]]}}), "mal ordonnées"),
        (collection({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[["5", 50]]]}}), "nombre"),
        (
            collection({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[5, 50], [5, 50.1]]]}}),
            "trois",
        ),
        (collection("Rotheux"), "surface"),
        (collection(feature("Ailleurs", 5.5, 50.5)), "Propriétés du fichier : nom"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(places, now, content, said):
    with pytest.raises(Refusal, match=said):
        import_outlines(content, "", "anne", now)
    assert outlines() == []


def test_a_property_that_is_not_there_names_those_that_are(places, now):
    with pytest.raises(Refusal, match=r"« titre » absente. Propriétés présentes : code, nom"):
        import_outlines(GOOD, "titre", "anne", now)
    with pytest.raises(Refusal, match="Aucune limite ne porte le nom d'un quartier"):
        import_outlines(GOOD, "code", "anne", now)


def test_an_old_crs_that_is_the_right_one_is_taken(places, now):
    assert import_outlines(collection(feature("Rotheux", 5.5, 50.5), **WGS), "", "anne", now).saved == 1


def test_nan_is_no_number():
    nan = b'{"type":"FeatureCollection","features":[{"geometry":{"type":"Polygon","coordinates":[[[NaN,50.5]]]}}]}'
    with pytest.raises(Refusal, match="nombre"):
        read_areas(nan)


def test_a_ring_loses_its_needless_points_only():
    straight = [(5.0 + step / 1000, 50.0) for step in range(100)]
    ring = [*straight, (5.099, 50.1), (5.0, 50.0)]
    assert simplified([ring], 0.00005, 2000) == [[(5.0, 50.0), (5.099, 50.0), (5.099, 50.1), (5.0, 50.0)]]


def test_distances_are_metres():
    assert distance_m((5.5, 50.5), (5.5, 50.6)) == pytest.approx(11_132, rel=0.01)
    assert distance_m((5.5, 50.5), (5.6, 50.5)) == pytest.approx(7_081, rel=0.01)


def test_an_island_that_would_be_flattened_stays_a_surface():
    tiny = [(5.0, 50.0), (5.00001, 50.0), (5.00001, 50.00001), (5.0, 50.0)]
    assert [len(ring) for ring in simplified([tiny], 0.01, 2000)] == [4]
