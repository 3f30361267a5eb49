"""Whom it goes to, the text, the number to type and the button are in view on every page that sends, at every size."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.demonstration import Demonstration, open_follow_up, write_alert
from tests.support.sampling import crossed

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAPTOP = {"width": 1366, "height": 650}
PHONE = {"width": 390, "height": 844}
# The laptop at 200 %, in CSS pixels, and a phone whose keyboard takes half of the window.
ZOOMED = {"width": 683, "height": 325}
TYPING = {"width": 390, "height": 420}
SIZES = {"1366": LAPTOP, "390": PHONE, "200%": ZOOMED, "keyboard": TYPING}
PAGES = ("form", "ready-made", "confirm", "correction", "end")
TEXT = "Vol avec violence rue de la Station, suspect en fuite."

# What is not whole in the window, or under something else.
_OUT_OF_VIEW = """bar => [...bar.querySelectorAll("[data-people], .alert-reach-text, input, button")].filter((each) => {
  if (!each.checkVisibility() || each.type === "hidden") return false;
  const box = each.getBoundingClientRect();
  if (box.top < 0 || box.left < 0 || box.bottom > innerHeight + .5 || box.right > innerWidth + .5) return true;
  const top = document.elementFromPoint(box.x + Math.min(8, box.width / 2), box.y + box.height / 2);
  return !bar.contains(top);
}).map((each) => each.outerHTML.slice(0, 80))"""
# The field that has the focus, whole between the header and the bar; a long one at least where one types.
_COVERED = """() => {
  const field = document.activeElement, box = field.getBoundingClientRect();
  if (field.closest(".alert-next, .plp-header, .plp-side, .plp-skip")) return "";
  const header = document.querySelector(".plp-header").getBoundingClientRect();
  const bar = document.querySelector(".alert-next"), isBelow = bar.compareDocumentPosition(field) & 4;
  const top = Math.max(0, header.bottom), bottom = isBelow ? innerHeight : bar.getBoundingClientRect().top;
  const least = Math.min(box.height, 44);
  const seen = Math.min(box.bottom, bottom) - Math.max(box.top, top);
  return seen >= least - 1 ? "" : `${field.outerHTML.slice(0, 80)}: ${seen} px of ${box.height}`;
}"""


def opened_still(page: Page, demo: Demonstration, sent: int, name: str, size: dict[str, int]) -> None:
    """The page in a window of this size, in which nothing glides."""
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size(size)  # type: ignore[arg-type]
    opened(page, demo, sent, name)


def opened(page: Page, demo: Demonstration, sent: int, name: str) -> None:
    """The page, as an officer finds it."""
    if name == "confirm":
        write_alert(page, demo, TEXT)
        return
    if name in ("correction", "end"):
        open_follow_up(page, demo, sent, name)
        return
    paths = {
        "form": "/alerts/new",
        "ready-made": "/alerts/new?template=1",
    }
    page.goto(demo.url + paths[name])
    if name == "form":
        page.locator("#text").fill(TEXT)
        page.locator("input[name=audience][value=all]").check()
    if name == "ready-made":
        page.locator("#answer_lieu").fill("rue Haute, Plainevaux")
    if name in ("form", "ready-made"):
        expect(page.locator("[data-people]")).to_contain_text("personnes")


@pytest.mark.parametrize(("name", "size"), crossed(PAGES, SIZES))
def test_the_bar_is_in_view_wherever_the_page_is_scrolled(
    page: Page, demo: Demonstration, sent: int, name: str, size: str
):
    opened_still(page, demo, sent, name, SIZES[size])
    bar = page.locator(".alert-next")
    expect(bar.locator("[data-people]")).to_contain_text(re.compile(r"\d+ personnes?"))
    expect(bar.locator("button").first).to_be_visible()
    if name == "confirm":
        expect(bar.locator("#typed")).to_be_visible()
        expect(bar.locator("button").first).to_contain_text("Envoyer à 45 personnes")
    if name in ("correction", "end"):
        expect(bar.locator("button").first).to_contain_text(re.compile(r"à \d+ personnes?\b"))
    out_of_view = {}
    for share in (0, 0.3, 0.6, 1):
        page.evaluate("share => scrollTo(0, share * document.documentElement.scrollHeight)", share)
        if found := bar.evaluate(_OUT_OF_VIEW):
            out_of_view[share] = found
    assert out_of_view == {}


@pytest.mark.parametrize(("name", "size"), crossed(PAGES, SIZES))
def test_the_bar_covers_no_field_that_has_the_focus(page: Page, demo: Demonstration, sent: int, name: str, size: str):
    opened_still(page, demo, sent, name, SIZES[size])
    page.locator("main").focus()
    covered = []
    for key in ("Tab", "Shift+Tab"):
        for _ in range(30):
            page.keyboard.press(key)
            if page.evaluate("!document.activeElement.closest('main')"):
                break
            if found := page.evaluate(_COVERED):
                covered.append(found)
    assert covered == []


def test_the_first_page_below_which_more_is_opens_at_its_top(page: Page, demo: Demonstration):
    page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
    write_alert(page, demo, TEXT)
    expect(page.locator("#typed")).to_be_focused()
    assert page.evaluate("scrollY") == 0


@pytest.mark.parametrize("name", ["confirm", "correction"])
def test_the_pressed_button_of_the_bar_says_what_it_does(page: Page, demo: Demonstration, sent: int, name: str):
    opened(page, demo, sent, name)
    button = page.locator(".alert-next button")
    if name == "confirm":
        page.locator("#typed").fill("45")
    page.route("**/healthz", lambda _route: None)  # never answered: the page asks first
    page.wait_for_timeout(600)  # a button that has just moved sends nothing
    button.click()
    expect(page.get_by_role("button", name="Envoi en cours…", exact=True)).to_be_visible()
    page.unroute_all(behavior="ignoreErrors")
