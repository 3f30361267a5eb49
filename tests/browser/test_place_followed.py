"""The neighbourhoods follow the place on every page that comes back, and what was typed comes back with it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.demonstration import Demonstration

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PLACE, OTHER = "Plainevaux", "Ehein"
PEOPLE = {PLACE: "12 personnes", OTHER: "11 personnes"}
FORMS = {"/alerts/new": "#where", "/alerts/new?template=1": "#answer_lieu"}
DOORS = ("retour", "back", "back and forward", "reload")
NEXT = "Vérifier avant l'envoi"


def chosen(page: Page) -> list[str]:
    return [each.input_value() for each in page.locator("input[name=neighbourhood]:checked").all()]


def place_typed(page: Page, field: str, place: str) -> None:
    """Type it, and wait until its people are counted."""
    page.locator(field).fill(f"rue Haute, {place}")
    expect(page.locator("#reach")).to_contain_text(PEOPLE[place])
    assert chosen(page) == [place]


def confirmed(page: Page) -> None:
    """To the confirm page, which asks about the languages of a text by hand first."""
    page.get_by_role("button", name=NEXT).click()
    in_french = page.get_by_role("button", name="Envoyer en français à tous")
    expect(in_french.or_(page.get_by_role("button", name="Retour au texte"))).to_be_visible()
    if in_french.count():
        in_french.click()


def come_back(page: Page, door: str) -> None:
    """The form again, through this door."""
    if door == "reload":
        page.reload()
        return
    if door == "retour":
        confirmed(page)
        page.get_by_role("button", name="Retour au texte").click()
        page.locator("#compose").wait_for()
        return
    page.get_by_role("link", name="Accueil").first.click()
    page.wait_for_url(lambda address: address.endswith("/"))
    page.go_back()
    if door == "back and forward":
        expect(page.locator("[data-people]")).to_be_visible()  # what the page asks for has come
        page.go_forward()
        expect(page.locator(".home-tile").first).to_be_visible()
        page.go_back()


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("door", DOORS)
def test_the_place_chooses_anew_on_a_form_that_came_back(page: Page, demo: Demonstration, path: str, door: str):
    field = FORMS[path]
    page.goto(demo.url + path)
    if path == "/alerts/new":
        page.locator("#text").fill("Vol en cours, suspect en fuite.")
    place_typed(page, field, PLACE)
    come_back(page, door)
    expect(page.locator(field)).to_have_value(f"rue Haute, {PLACE}")
    expect(page.locator("#reach")).to_contain_text(PEOPLE[PLACE])
    assert chosen(page) == [PLACE]
    if path == "/alerts/new":
        expect(page.locator("#text")).to_have_value("Vol en cours, suspect en fuite.")
    place_typed(page, field, OTHER)


@pytest.mark.parametrize("door", DOORS)
def test_what_was_ticked_by_hand_stays_on_a_form_that_came_back(page: Page, demo: Demonstration, door: str):
    page.goto(f"{demo.url}/alerts/new")
    page.locator("#text").fill("Vol en cours, suspect en fuite.")
    place_typed(page, "#where", PLACE)
    page.locator(f"input[name=neighbourhood][value={OTHER}]").check()
    expect(page.locator("#reach")).to_contain_text("23 personnes")
    come_back(page, door)
    expect(page.locator("#reach")).to_contain_text("23 personnes")
    page.locator("#where").fill("Neuville")
    expect(page.locator("#place-found")).to_contain_text("Quartier du lieu non alerté : Neuville-en-Condroz.")
    assert set(chosen(page)) == {PLACE, OTHER}


@pytest.mark.parametrize("path", FORMS)
def test_a_municipality_of_several_ticks_nobody_and_says_why(page: Page, demo: Demonstration, path: str):
    page.goto(demo.url + path)
    place_typed(page, FORMS[path], PLACE)
    page.locator(FORMS[path]).fill("Neupré")
    expect(page.locator("#place-found")).to_contain_text("Neupré a plusieurs quartiers : indiquez lequel")
    assert chosen(page) == []
    expect(page.locator("input[name=audience][value=all]")).not_to_be_checked()


def test_a_drill_that_came_back_has_what_was_typed(page: Page, demo: Demonstration):
    page.goto(f"{demo.url}/drills/new")
    page.locator("#text").fill("Essai du dispositif.")
    page.locator(f"input[name=neighbourhood][value={PLACE}]").check()
    page.reload()
    expect(page.locator("#text")).to_have_value("Essai du dispositif.")
    assert chosen(page) == [PLACE]
    expect(page.locator("#reach")).to_contain_text(PEOPLE[PLACE])
