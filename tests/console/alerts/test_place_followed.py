"""The neighbourhoods follow the place at every door of a form without a script, until somebody ticks otherwise."""

import pytest
from bs4 import BeautifulSoup

from tests.console.alerts.scene import FAR, NEAR, TEXT, sent
from tests.console.conftest import words
from tests.support.moment import LOCAL, START

BY_HAND = {"where": NEAR, "text": "Vol en cours. Appelez le 101."}
# Of another hour the form asks more.
READY_MADE = {"template": "1", "answer_lieu": NEAR, "answer_heure": f"{START.astimezone(LOCAL):%H:%M}"}
# How a form is seen again: counted, back from confirming, its ready-made text taken for one by hand.
DOORS = [
    *(pytest.param(door, BY_HAND, id=f"{door}, by hand") for door in ("count", "back")),
    *(pytest.param(door, READY_MADE, id=f"{door}, ready-made") for door in ("count", "back", "free")),
]


def form(page, form_id="compose"):
    """The fields of a form as a browser without a script posts them."""
    soup = BeautifulSoup(page.text, "html.parser")
    found = soup.find("form", id=form_id)
    assert found is not None, words(page)
    fields: dict[str, list[str]] = {}
    for each in found.find_all(["input", "textarea"]):
        if each.get("type") in ("checkbox", "radio") and not each.has_attr("checked"):
            continue
        if each.get("name") and each["name"] != "csrf_token":
            fields.setdefault(each["name"], []).append(each.get("value", each.get_text().removeprefix("\n")))
    return fields


def again(officer, fields, door):
    """The form once more, as this door shows it."""
    if door == "count":
        return officer.post("/alerts/new", fields)
    if door == "free":
        return officer.post("/alerts/new", fields | {"do": "free"})
    confirm = officer.post("/alerts/confirm", fields | {"one_language": "yes"})
    return officer.post("/alerts/new", form(confirm, "back"))


def moved(fields, place):
    """The form with another place, which is a field of the ready-made alert where there is one."""
    return fields | {"answer_lieu" if "answer_lieu" in fields else "where": place}


def ticked(page):
    fields = form(page)
    return fields.get("audience", []), fields.get("neighbourhood", [])


@pytest.mark.parametrize(("door", "begun"), DOORS)
def test_the_place_chooses_anew_on_a_form_that_is_seen_again(officer, door, begun):
    shown = again(officer, {**form(officer.get("/alerts/new")), **begun}, door)
    assert ticked(shown) == (["some"], [NEAR])
    other = officer.post("/alerts/new", moved(form(shown), FAR))
    assert ticked(other) == (["some"], [FAR])
    assert f"{FAR} est alerté en premier" in words(other)
    confirm = officer.post("/alerts/confirm", moved(form(shown), FAR) | {"one_language": "yes"})
    assert form(confirm, "back")["neighbourhood"] == [FAR]
    measured = officer.post("/alerts/measure", moved(form(shown), FAR))
    assert "2 personnes" in words(measured)


@pytest.mark.parametrize("door", ["count", "back"])
@pytest.mark.parametrize("choice", [{"neighbourhood": [NEAR, FAR]}, {"audience": ["all"]}], ids=["ticked", "all"])
def test_what_somebody_ticked_stays_and_the_page_says_where_the_place_is_not_alerted(officer, door, choice):
    shown = again(officer, {**form(officer.get("/alerts/new")), **BY_HAND}, "count")
    mine = again(officer, form(shown) | choice, door)
    elsewhere = officer.post("/alerts/new", moved(form(mine), "rue de nulle part"))
    assert ticked(elsewhere)[0] == choice.get("audience", ["some"])
    assert set(ticked(elsewhere)[1]) >= set(choice.get("neighbourhood", []))
    only_near = form(mine) | {"audience": ["some"], "neighbourhood": [NEAR]}
    assert ticked(officer.post("/alerts/new", only_near | {"placed": "[]"}))[1] == [NEAR]


def test_who_unticks_the_place_s_neighbourhood_chose_nobody(officer):
    shown = again(officer, {**form(officer.get("/alerts/new")), **BY_HAND}, "count")
    without = {name: value for name, value in form(shown).items() if name != "neighbourhood"}
    assert ticked(officer.post("/alerts/new", without))[1] == []
    assert "Choisissez" in words(officer.post("/alerts/measure", without))


def test_a_place_that_nobody_knows_unticks_what_the_place_before_ticked(officer):
    shown = again(officer, {**form(officer.get("/alerts/new")), **BY_HAND}, "count")
    unknown = officer.post("/alerts/new", moved(form(shown), "rue de nulle part"))
    assert ticked(unknown)[1] == []
    assert "Aucun quartier reconnu" in words(unknown)


def test_a_reused_alert_follows_its_place_too(officer):
    number = sent(officer, text=TEXT, audience="some", neighbourhood=NEAR, where=NEAR, typed="3")
    reused = officer.get(f"/alerts/new?from={number}")
    assert ticked(reused) == (["some"], [NEAR])
    assert ticked(officer.post("/alerts/new", moved(form(reused), FAR))) == (["some"], [FAR])


def test_what_was_confirmed_goes_out_whatever_its_place_means_since(officer):
    shown = again(officer, {**form(officer.get("/alerts/new")), **BY_HAND}, "count")
    confirm = officer.post("/alerts/confirm", form(shown) | {"one_language": "yes"})
    carried = form(confirm, "alert-send")
    assert carried["neighbourhood"] == [NEAR]
    assert officer.post("/alerts/send", carried | {"where": FAR, "typed": "3"}).status_code == 303


@pytest.mark.parametrize("begun", [BY_HAND, READY_MADE], ids=["by hand", "ready-made"])
@pytest.mark.parametrize("typed", ["Neupré", "neupre"])
def test_a_municipality_of_several_chooses_nobody_and_says_why(officer, begun, typed):
    shown = officer.post("/alerts/new", moved({**form(officer.get("/alerts/new")), **begun}, typed))
    assert ticked(shown) == ([], [])
    assert "Neupré a plusieurs quartiers : indiquez lequel, une rue, ou « Tous les membres »." in words(shown)


def test_the_whole_zone_chooses_everybody_until_the_place_is_another(officer):
    whole = officer.post("/alerts/new", moved({**form(officer.get("/alerts/new")), **BY_HAND}, "Seraing / Neupré"))
    assert ticked(whole) == (["all"], [])
    assert ticked(officer.post("/alerts/new", moved(form(whole), FAR))) == (["some"], [FAR])


@pytest.mark.parametrize("hostile", ["", "null", "{", '["Nulle part"]', "x" * 60_000, "[" * 5000, "\x00"])
def test_a_hostile_choice_chooses_nobody_by_itself(officer, hostile):
    page = officer.post("/alerts/new", {**form(officer.get("/alerts/new")), **BY_HAND, "placed": hostile})
    assert page.status_code == 200
    assert ticked(page)[1] in ([], [NEAR])
