"""No two boxes lie over each other, in the header and on every page, at the widths between a tablet and a laptop."""

import pytest
from playwright.sync_api import Page

from tests.browser.demonstration import Demonstration
from tests.browser.pages import PAGES
from tests.support.sampling import left_to_soak

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = (1024, 1100, 1180, 1366)
HEIGHT = 768
# Of each kind one, and the pages of an alert; the soak reads all.
SOME = ("accueil", "rediger-modele", "suivre", "corriger", "personnes", "historique", "messages", "membres", "modems",
        "statistiques", "mur", "parametres")  # fmt: skip

# What is read or pressed: as much of its box as its ancestors do not cut away. What stays in view on purpose lies over
# the page: the bar that sends is measured against itself alone.
_OVERLAPPING = """() => {
  const LEAST_PX = 3;
  const told = (each) => `${each.tagName.toLowerCase()}.${each.className} « ${each.textContent.trim().slice(0, 40)} »`;
  const hasText = (each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  // A sentence that goes on in the next line has a box a line.
  const lines = (each) => [...each.getClientRects()].map((line) => seen(each, line));
  const seen = (each, { left, top, right, bottom }) => {
    for (let above = each.parentElement; above; above = above.parentElement) {
      const style = getComputedStyle(above);
      if (style.overflowX === "visible" && style.clipPath === "none") continue;
      const box = above.getBoundingClientRect();
      [left, top] = [Math.max(left, box.left), Math.max(top, box.top)];
      [right, bottom] = [Math.min(right, box.right), Math.min(bottom, box.bottom)];
    }
    return { each, left, top, right, bottom };
  };
  const layer = (each) => each.closest(".alert-next, .plp-header, .plp-moved, .plp-lost")?.className ?? "";
  const boxes = [...document.querySelectorAll("body *")]
    .filter((each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .filter((each) => !each.closest("svg, .plp-unseen, .plp-skip"))
    .filter((each) => each.matches("a, button, input, select, textarea, summary, img") || hasText(each))
    .flatMap(lines).filter((box) => box.right - box.left > LEAST_PX && box.bottom - box.top > LEAST_PX);
  const found = [];
  boxes.forEach((one, place) => boxes.slice(place + 1).forEach((other) => {
    if (one.each.contains(other.each) || other.each.contains(one.each) || layer(one.each) !== layer(other.each)) return;
    const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
    const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
    if (wide > LEAST_PX && high > LEAST_PX) found.push(`${told(one.each)} over ${told(other.each)}: ${wide} x ${high}`);
  }));
  return found;
}"""


@pytest.mark.parametrize("name", [each if each in SOME else left_to_soak(each) for each in PAGES])
def test_no_box_lies_over_another(reader: Page, demo: Demonstration, sent: int, name: str):
    found = {}
    reader.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
    reader.goto(demo.url + PAGES[name].format(id=sent))
    for width in WIDTHS:
        reader.set_viewport_size({"width": width, "height": HEIGHT})
        if over := reader.evaluate(_OVERLAPPING):
            found[width] = over
    assert found == {}


# The longest that runs at once with the shortest light; what is cut hides its figures.
_FULL_HEADER = """(words) => {
  const now = document.querySelector(".plp-now");
  now.querySelector(".plp-light > span").textContent = words.light;
  now.querySelectorAll("a").forEach((each) => each.remove());
  const kind = `<span class="plp-running-word">${words.kind} </span>`;
  now.insertAdjacentHTML("beforeend", `<a class="plp-running" href="/">${kind}${words.running}</a>`);
  now.insertAdjacentHTML("beforeend", `<a class="plp-waiting" href="/">${words.waiting}</a>`);
}"""
_CUT = """() => {
  const inside = document.querySelector(".plp-now").getBoundingClientRect();
  return [...document.querySelectorAll(".plp-now > *")].filter((each) => each.checkVisibility())
    .map((each) => [each, each.getBoundingClientRect()])
    .filter(([each, box]) => box.right > inside.right + 1 || (each.matches(".plp-light") && box.width < 80))
    .map(([each, box]) => `${each.textContent.trim()}: ${box.left} to ${box.right}, room to ${inside.right}`);
}"""
FULL = {
    "fr": ("Prêt : 12 modems.", "Alerte corrigée", "en cours : 1.234 SMS sur 4.321", "1.234 messages à traiter"),
    "de": ("Bereit: 12 Modems.", "Berichtigter Alarm", "läuft: 1.234 SMS von 4.321", "1.234 Nachrichten zu bearbeiten"),
}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", FULL)
def test_what_runs_covers_nothing_of_the_header(
    reader: Page, demo: Demonstration, sent: int, language: str, width: int
):
    reader.set_viewport_size({"width": width, "height": HEIGHT})
    reader.goto(f"{demo.url}/members")
    words = dict(zip(("light", "kind", "running", "waiting"), FULL[language], strict=True))
    reader.evaluate(_FULL_HEADER, words)
    assert (reader.evaluate(_CUT), reader.evaluate(_OVERLAPPING)) == ([], [])
