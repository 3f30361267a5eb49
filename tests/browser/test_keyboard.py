"""With the keyboard alone: everything that can be pressed is reached, seen when it is, and big enough for a finger."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.demonstration import Demonstration
from tests.browser.languages import switch
from tests.browser.pages import PAGES
from tests.support.sampling import left_to_soak

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Whatever a person may press and can see now; of a group of radio buttons, Tab stops at one. The button that asks for
# sound leaves at the first key.
_PRESSABLE = """() => {
  const groups = new Set();
  return [...document.querySelectorAll("a[href], button, input, select, textarea, summary")].filter(each => {
    if (each.id === "sound" || each.disabled || each.tabIndex < 0 || each.type === "hidden") return false;
    if (!each.checkVisibility({visibilityProperty: true})) return false;
    if (each.type !== "radio") return true;
    const first = !groups.has(each.name);
    groups.add(each.name);
    return first;
  }).length;
}"""
_FOCUSED = """() => {
  const each = document.activeElement, style = getComputedStyle(each), box = each.getBoundingClientRect();
  const shape = each.matches("svg *") && (each.querySelector("path") ?? each); // a place of a map has a thicker line
  return {
    name: each.outerHTML.slice(0, 90), body: each === document.body,
    seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== "none"
      || shape && parseFloat(getComputedStyle(shape).strokeWidth) >= 8,
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""


def test_the_first_tab_skips_the_menu(page: Page, demo: Demonstration):
    page.goto(f"{demo.url}/members")
    page.keyboard.press("Tab")
    link = page.locator(".plp-skip")
    assert page.evaluate("document.activeElement.className") == "plp-skip"
    assert (link.bounding_box() or {"y": -1})["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.parametrize(
    "name", ["accueil", "rediger", "suivre", "parametres", *map(left_to_soak, ("membres", "bulletins"))]
)
def test_tab_reaches_everything_and_one_sees_where_one_is(page: Page, demo: Demonstration, sent: int, name: str):
    # What is live stays as it is: an alert that ends meanwhile takes its link away.
    live = re.compile(r"/(status|ready|live)\b")
    page.route(live, lambda asked: asked.fulfill(status=204))
    page.goto(demo.url + PAGES[name].format(id=sent))
    # what scrolls smoothly would still be on its way when it is looked at
    page.emulate_media(reduced_motion="reduce")
    page.locator(".plp-skip").focus()  # a field that asks for the focus would be the beginning
    pressable = page.evaluate(_PRESSABLE)
    unseen, reached = [], 0
    for _ in range(pressable + 5):
        focused = page.evaluate(_FOCUSED)
        page.keyboard.press("Tab")
        if focused["body"]:
            break
        reached += 1  # no mark on the page: its header is made anew every few seconds
        if not (focused["seen"] and focused["inside"]):
            unseen.append(focused["name"])
    assert unseen == []
    assert reached >= pressable


def test_the_language_is_switched_without_a_mouse(page: Page, demo: Demonstration):
    page.goto(f"{demo.url}/directory")
    page.locator(".plp-languages summary").focus()
    page.keyboard.press("Enter")
    for _ in range(3):  # français, Nederlands, Deutsch
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("html[lang=de]").wait_for(state="attached")
    assert page.url == f"{demo.url}/directory"
    switch(page, "fr")


def test_what_moves_stands_still_for_whom_it_should(page: Page, demo: Demonstration, sent: int):
    page.emulate_media(reduced_motion="reduce")
    page.goto(demo.url + PAGES["suivre"].format(id=sent))
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter(each => {
             const style = getComputedStyle(each);
             return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
           }).map(each => each.className)"""
    )
    assert moving == []


def test_a_row_of_membres_is_changed_where_it_stands(page: Page, demo: Demonstration):
    page.goto(f"{demo.url}/members")
    row = page.locator("tbody tr").first
    row.locator("a[hx-get]").focus()
    page.keyboard.press("Enter")
    first = row.locator("input[name=first_name]")
    first.wait_for()
    assert page.evaluate("document.activeElement.name") == "last_name"
    page.keyboard.press("Tab")
    page.keyboard.type("Zoé")
    page.keyboard.press("Enter")
    row.get_by_role("status").wait_for()
    assert "Zoé" in row.inner_text()
    # The next key is pressed where the last one was.
    assert page.evaluate("document.activeElement.matches('tr:first-child a[hx-get]')")
    page.locator("tbody tr").nth(1).locator("a[hx-get]").click()
    page.locator("tbody tr").nth(1).locator("input[name=mobile]").fill("04 123")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert page.evaluate("document.activeElement.name") == "mobile"
    page.locator("tbody tr").nth(1).get_by_role("link", name="Annuler").press("Enter")
    page.get_by_role("alert").wait_for(state="detached")
