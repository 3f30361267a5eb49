"""The map mirrors the list: with the mouse, with the keyboard, and not needed without a script."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.axe import violations
from tests.browser.demonstration import NARROW, WIDE, Demonstration, sign_in
from tests.support.sampling import left_to_soak

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def square(x: float, y: float) -> list[list[list[float]]]:
    return [[[x, y], [x + 0.01, y], [x + 0.01, y + 0.01], [x, y + 0.01], [x, y]]]


@pytest.fixture(scope="module")
def names(signed_in: BrowserContext, demo: Demonstration) -> Iterator[list[str]]:
    """The neighbourhoods of the demonstration, side by side on a map that is gone afterwards."""
    page = signed_in.new_page()
    page.goto(f"{demo.url}/neighbourhoods")
    found = page.locator("tbody th a").all_inner_texts()
    areas = [
        {
            "type": "Feature",
            "properties": {"nom": name},
            "geometry": {"type": "Polygon", "coordinates": square(5.4 + at * 0.012, 50.54)},
        }
        for at, name in enumerate(found)
    ]
    content = json.dumps({"type": "FeatureCollection", "features": areas}).encode()
    page.goto(f"{demo.url}/neighbourhoods/map")
    page.locator("#file").set_input_files({"name": "zone.geojson", "mimeType": "application/json", "buffer": content})
    page.get_by_role("button", name="Importer les limites").click()
    expect(page.locator(".plp-map path")).to_have_count(len(found))
    yield found
    page.goto(f"{demo.url}/neighbourhoods/map")
    page.get_by_role("button", name="Supprimer toutes les limites").click()
    # a page that is closed while it goes elsewhere may never answer
    expect(page.locator(".plp-map path")).to_have_count(0)
    page.close()


def ticked(page: Page) -> list[str]:
    return page.locator("input[name=neighbourhood]:checked").evaluate_all("boxes => boxes.map(box => box.value)")


def test_mouse_and_keyboard_tick_the_same_boxes(page: Page, demo: Demonstration, names: list[str]):
    page.goto(f"{demo.url}/neighbourhoods/map")
    assert violations(page) == []
    page.goto(f"{demo.url}/alerts/new")
    shapes = page.locator("[data-place]")
    shapes.nth(0).click()
    assert ticked(page) == names[:1]
    expect(page.locator("input[name=audience][value=some]")).to_be_checked()
    shapes.nth(1).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert ticked(page) == names[:3]
    page.keyboard.press("Enter")
    assert ticked(page) == names[:2]
    expect(shapes.nth(1)).to_have_attribute("aria-checked", "true")
    expect(shapes.nth(2)).to_have_attribute("aria-checked", "false")
    # the list is as good: its ticks stand on the map
    page.locator("input[name=neighbourhood]").nth(0).uncheck()
    expect(shapes.nth(0)).to_have_attribute("aria-checked", "false")
    page.locator("input[name=neighbourhood]").nth(0).check()
    assert ticked(page) == names[:2]
    assert violations(page) == []


def test_without_a_script_the_list_works(chromium: Browser, demo: Demonstration, names: list[str]):
    context = chromium.new_context(java_script_enabled=False, locale="fr-BE")
    page = context.new_page()
    sign_in(page, demo)
    page.goto(f"{demo.url}/alerts/new")
    page.locator("#text").fill("Sans script")
    page.locator("input[name=audience][value=some]").check()
    for at in (0, 1):
        page.locator("input[name=neighbourhood]").nth(at).check()
    with page.expect_navigation():
        page.get_by_role("button", name="Calculer la longueur").click()
    assert ticked(page) == names[:2]
    expect(page.locator("#text")).to_have_value("Sans script")
    context.close()


WATCH = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => list.getEntries().forEach((each) => window.shifts.push(each.value)))
    .observe({ type: "layout-shift", buffered: false });
}"""
# Where everything is that can be pressed, counted from the top of the page, by what it is.
PLACES = """() => Object.fromEntries(
  ["[data-place]", "input:not([type=hidden])", "select", "button", "textarea"]
    .flatMap((each) => [...document.querySelectorAll(`main ${each}`)])
    .filter((each) => each.getClientRects().length && !each.closest("#readers, .alert-next"))
    .map((each, at) => {
      const box = each.getBoundingClientRect(), name = each.dataset.place || each.value || each.name;
      return [`${at} ${name}`, [box.left + scrollX, box.top + scrollY].map(Math.round)];
    })
)"""


@pytest.mark.parametrize("window", [WIDE, NARROW], ids=["1440", "390"])
@pytest.mark.parametrize("address", ["/alerts/new", left_to_soak("/drills/new")])
def test_nothing_moves_when_a_neighbourhood_is_ticked(
    page: Page, demo: Demonstration, names: list[str], window: dict[str, int], address: str
):
    page.set_viewport_size(window)  # type: ignore[arg-type]
    page.goto(f"{demo.url}{address}")
    # several parts, characters that cost and a word for the guard: all that the count can say
    page.locator("#text").fill("Vol à l’instant rue Haute, 21h40 : forêt, Golf 1-ABC-123. " * 3)
    expect(page.locator("#measure")).to_contain_text("1-ABC-123")
    has_map = address == "/alerts/new" and window == WIDE  # on a phone the list stands alone
    targets = page.locator("[data-place]" if has_map else "input[name=neighbourhood]")
    targets.nth(0).scroll_into_view_if_needed()
    page.evaluate(WATCH)
    before = page.evaluate(PLACES)
    for at in range(len(names)):
        with page.expect_response("**/measure"):
            targets.nth(at).click()
        expect(page.locator("#reach")).to_contain_text("personne")
        page.wait_for_timeout(100)  # the page is drawn with the answer
        assert page.evaluate(PLACES) == before
        assert ticked(page) == names[: at + 1]
    expect(page.locator("input[name=audience][value=some]")).to_be_checked()
    assert sum(page.evaluate("() => window.shifts")) <= 0.01
    # all of them instead, and one again: the list stays where it is
    page.locator("input[name=audience][value=all]").check()
    assert page.evaluate(PLACES) == before
    targets.nth(0).click()
    targets.nth(0).click()
    expect(page.locator("input[name=audience][value=some]")).to_be_checked()
    assert page.evaluate(PLACES) == before
