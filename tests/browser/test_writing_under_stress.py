"""Writing an alert under stress: the place chooses the people, the button is in view, the keyboard is enough."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from db.engine.clock import utc_now
from tests.browser.demonstration import NARROW, WIDE, Demonstration, write_alert
from tests.support.moment import LOCAL
from tests.support.sampling import crossed

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PLACE, OTHER = "Plainevaux", "Ehein"


def chosen(page: Page) -> list[str]:
    """Names of the ticked neighbourhoods."""
    return [each.input_value() for each in page.locator("input[name=neighbourhood]:checked").all()]


def test_the_place_ticks_its_neighbourhood(page: Page, demo: Demonstration):
    page.goto(f"{demo.url}/alerts/new")
    page.get_by_label("Lieu des faits").fill(PLACE.lower())
    expect(page.locator("input[name=audience][value=some]")).to_be_checked()
    assert chosen(page) == [PLACE]
    expect(page.locator("#reach")).to_contain_text("12 personnes")


def test_a_neighbourhood_ticked_before_the_place_is_known_goes_beside_that_of_the_place(
    page: Page, demo: Demonstration
):
    page.goto(f"{demo.url}/alerts/new?template=1")
    page.locator("#answer_lieu").fill(f"rue Haute, {PLACE}")
    page.locator(f"input[name=neighbourhood][value={OTHER}]").check()
    expect(page.locator(f"input[name=neighbourhood][value={PLACE}]")).to_be_checked()
    assert set(chosen(page)) == {PLACE, OTHER}
    page.locator(f"input[name=neighbourhood][value={PLACE}]").uncheck()
    expect(page.locator("#place-found")).to_contain_text(f"Quartier du lieu non alerté : {PLACE}.")


def test_a_neighbourhood_named_in_the_text_is_ticked_until_somebody_chooses(page: Page, demo: Demonstration):
    page.goto(f"{demo.url}/alerts/new")
    page.locator("#text").fill("Vol a plainevaux, rue Haute")
    expect(page.locator("#place-found")).to_contain_text(f"{PLACE} est alerté en premier")
    assert chosen(page) == [PLACE]
    page.locator("#text").fill(f"Vol à {OTHER}, rue Haute")
    expect(page.locator("#place-found")).to_contain_text(f"{OTHER} est alerté en premier")
    assert chosen(page) == [OTHER]
    page.locator("input[name=audience][value=all]").check()
    page.locator("#text").fill(f"Vol à {PLACE}, rue Haute")
    expect(page.locator("#measure")).to_contain_text("27 caractères")
    expect(page.locator("input[name=audience][value=all]")).to_be_checked()


@pytest.mark.parametrize(
    ("typed", "named"),
    [("Neuville", ["Neuville-en-Condroz"]), ("rotheux", ["Rotheux-Rimière"]), ("Seraing/Neupré", [])],
)
def test_a_ready_made_alert_has_one_field_for_its_place(page: Page, demo: Demonstration, typed: str, named: list[str]):
    page.goto(f"{demo.url}/alerts/new?template=1")
    expect(page.get_by_label(re.compile("^(Lieu|Rue)"))).to_have_count(1)
    page.locator("#answer_lieu").fill(typed)
    whom = "some" if named else "all"
    expect(page.locator(f"input[name=audience][value={whom}]")).to_be_checked()
    assert chosen(page) == named
    expect(page.locator(".alert-reach-places")).to_contain_text(" → ".join(named) or "tous les quartiers : Plainevaux")
    page.get_by_role("button", name="Vérifier avant l'envoi").click()
    expect(page.locator(".alert-facts")).to_contain_text(" → ".join(named) or "tous les quartiers : Plainevaux")


def test_suggestions_come_with_the_first_letters(page: Page, demo: Demonstration):
    page.goto(f"{demo.url}/alerts/new?template=1")
    page.locator("#answer_lieu").press_sequentially("neuv")
    expect(page.locator("#place-names option[value='Neuville-en-Condroz']")).to_have_count(1)


@pytest.mark.parametrize("window", [WIDE, NARROW], ids=["1440", "390"])
def test_a_choice_that_lacks_is_not_behind_the_bar(page: Page, demo: Demonstration, window: dict[str, int]):
    page.set_viewport_size(window)  # type: ignore[arg-type]
    page.goto(f"{demo.url}/alerts/new")
    page.locator("#text").fill("Vol en cours, restez chez vous.")
    page.get_by_role("button", name="Vérifier avant l'envoi").click()
    choice = page.locator("input[name=audience][value=all]")
    expect(choice).to_be_focused()
    # The browser scrolls after it focuses.
    page.wait_for_function(
        "() => document.activeElement.getBoundingClientRect().bottom"
        " <= document.querySelector('.alert-next').getBoundingClientRect().top",
        timeout=3000,
    )


@pytest.mark.parametrize(
    ("path", "window"),
    crossed(
        ["/alerts/new", "/alerts/new?template=1", "/drills/new", "/bulletins/new?category=tactical"], [WIDE, NARROW]
    ),
)
def test_the_button_is_in_view_whatever_is_written(page: Page, demo: Demonstration, path: str, window: dict[str, int]):
    page.set_viewport_size(window)  # type: ignore[arg-type]
    page.goto(demo.url + path)
    if "template" not in path:
        page.locator("textarea").first.fill("Fenêtre forcée, l’auteur est parti vers la forêt… " * 6)
    box = page.locator(".alert-next button").bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= window["height"] - box["height"]


def test_with_the_keyboard_alone_from_the_number_to_undo(page: Page, demo: Demonstration):
    write_alert(page, demo, "Au clavier seulement")
    expect(page.locator("#typed")).to_be_focused()
    page.keyboard.type("45")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/alerts/\d+$"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Annuler")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # « Envoyer maintenant »
    expect(page.get_by_role("button", name="Arrêter l'envoi")).to_be_visible()


def test_the_header_stays_one_line_and_its_strip_on_top_on_a_phone(page: Page, demo: Demonstration, sent: int):
    page.set_viewport_size(NARROW)
    page.goto(f"{demo.url}/alerts/{sent}")
    page.mouse.wheel(0, 1500)
    header = page.locator(".plp-header").bounding_box()
    assert header is not None
    assert 20 <= header["y"] + header["height"] <= 112
    expect(page.locator(".plp-drawer summary")).to_be_in_viewport()


def test_facts_of_earlier_show_the_bulletin_and_the_field_for_the_reason(page: Page, demo: Demonstration):
    page.goto(f"{demo.url}/alerts/new?template=1")
    page.locator("#answer_lieu").fill(f"rue Haute, {PLACE}")
    page.locator("#answer_heure").fill(f"{utc_now().astimezone(LOCAL) - timedelta(hours=3):%H:%M}")
    expect(page.locator("#reach")).to_contain_text("12 personnes")
    page.wait_for_timeout(600)  # a button that sends ignores a press within half a second of a move
    page.get_by_role("button", name="Vérifier avant l'envoi").click()
    page.get_by_label("Faits terminés ou antérieurs").check()
    expect(page.get_by_label("Motif du SMS au lieu d'un bulletin")).to_be_visible()
    page.get_by_label("Faits en cours").check()
    expect(page.get_by_label("Motif du SMS au lieu d'un bulletin")).to_be_hidden()
