"""What a new officer lost while writing: the place on the way back, and whose drill it is."""

import re

from db.alerts.templates import templates
from db.engine.connection import connected
from tests.console.alerts.scene import FAR, NEAR, draft
from tests.console.conftest import words


def test_the_way_back_from_confirming_keeps_the_place(officer):
    confirm = officer.post("/alerts/confirm", draft(audience="some", neighbourhood=[NEAR, FAR], where=f"rue X, {NEAR}"))
    carried = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', confirm.text))
    assert carried["near"] == NEAR
    back = officer.post("/alerts/new", carried | {"neighbourhood": [NEAR, FAR]})
    assert f'name="where" value="rue X, {NEAR}"' in back.text
    assert f"{NEAR} est alerté en premier." in words(back)
    assert len(re.findall(r'name="neighbourhood" value="[^"]*" checked', back.text)) == 2


def test_a_ready_made_drill_names_the_police(officer):
    with connected():
        ready_made = next(each.id for each in templates() if each.kind == "drill")
    page = officer.get(f"/drills/new?template={ready_made}")
    assert "Police Seraing/Neupré: " in words(page)
    assert "Politie Seraing/Neupré: " in words(page)


def test_the_neighbourhood_of_the_place_is_named_where_only_others_were_chosen(officer):
    place = f"rue X, {NEAR}"
    alone = officer.post("/alerts/confirm", draft(audience="some", neighbourhood=[FAR], where=place))
    assert f"Quartier du lieu non alerté : {NEAR}." in words(alone)
    for whom in ({"audience": "some", "neighbourhood": [NEAR, FAR]}, {"audience": "all"}):
        assert "Quartier du lieu non alerté" not in words(officer.post("/alerts/confirm", draft(where=place, **whom)))
    back = officer.post("/alerts/new", draft(audience="some", neighbourhood=[FAR], where=place))
    assert f"{NEAR} est alerté en premier" not in words(back)
