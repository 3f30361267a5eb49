"""To whom, and who first: the list, the order that the officer gives it, where it happened, and the map."""

import re

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Broadcast, Message
from plp.services.people.neighbourhoods import import_outlines
from rules.sentences import coded
from tests.console.alerts.scene import FAR, NEAR, draft, sent
from tests.console.conftest import words
from tests.support.outlines import collection, feature
from tests.support.people import mobile, person, place

THIRD = "Rotheux"


@pytest.fixture
def mapped(officer):
    """A third neighbourhood, and outlines: from FAR the third is nearer than NEAR."""
    with connected():
        place(THIRD, utc_now())
        person(8, utc_now(), THIRD)
        found = collection(feature(NEAR, 5.50, 50.54), feature(THIRD, 5.54, 50.54), feature(FAR, 5.56, 50.54))
        import_outlines(found, "", "test", utc_now())


def listed(page):
    return re.findall(r'name="neighbourhood" value="([^"]+)"', page.text.replace("&#39;", "'"))


def numbers():
    with connected():
        return [message.msisdn for message in Message.select().order_by(Message.id)]


def test_without_outlines_there_is_no_map_and_the_list_works(officer):
    page = officer.get("/alerts/new")
    assert "data-map" not in page.text
    assert listed(page) == [NEAR, FAR]
    assert "Lieu des faits" in words(page)
    assert f"{NEAR} 3 personnes 1 sans GSM" in words(page)


def test_the_map_has_a_shape_for_each_outline(officer, mapped):
    page = officer.get("/alerts/new").text.replace("&#39;", "'")
    assert re.findall(r'data-place="([^"]+)"', page) == [NEAR, FAR, THIRD]


def test_where_it_happened_rings_first_then_the_nearest(officer, mapped):
    confirm = officer.post("/alerts/confirm", draft(near=FAR))
    assert f"{FAR} → {THIRD} → {NEAR}" in words(confirm)
    assert f'name="near" value="{FAR}"'.replace("'", "&#39;") in confirm.text
    broadcast = sent(officer, near=FAR, typed="6")
    assert numbers() == [mobile(number) for number in (3, 4, 8, 0, 1, 2)]
    with connected():
        near = coded("audience_near", places=coded("audience_all"), near=FAR)
        assert Broadcast.get_by_id(broadcast).audience == near.stored


def test_a_place_that_is_gone_is_said_and_nothing_sent(officer):
    answer = officer.post("/alerts/confirm", draft(near="Nulle part"))
    assert answer.status_code == 400
    assert "n'existe plus" in words(answer)


def test_the_same_form_with_another_place_is_another_order(officer, mapped):
    first = sent(officer, near=FAR, typed="6")
    answer = officer.post("/alerts/send", draft(near=NEAR, typed="6"))
    assert answer.status_code == 409
    assert f"envoi {first}" in words(answer)
