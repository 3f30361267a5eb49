"""Layout shift as Chromium measures it, also within half a second of a press, and what moved."""

from typing import Any

from playwright.sync_api import Page

MOST = 0.01

_WATCH = """
window.shifts = [];
new PerformanceObserver(list => {
  for (const each of list.getEntries()) window.shifts.push([each.value, each.sources.map(source => {
    const node = source.node && (source.node.nodeType === 1 ? source.node : source.node.parentElement);
    const moved = `${Math.round(source.previousRect.y)}→${Math.round(source.currentRect.y)}`;
    return node ? `${node.outerHTML.slice(0, 70)} ${moved}` : moved;
  })]);
}).observe({type: "layout-shift", buffered: true});
"""


def watch(page: Page) -> None:
    """Measure from the next page on."""
    page.add_init_script(_WATCH)


def moved(page: Page) -> tuple[float, list[Any]]:
    """How far things moved since this was asked last, all of it together, and what moved."""
    found: list[Any] = page.evaluate("new Promise(done => setTimeout(() => done(window.shifts.splice(0)), 120))")
    return sum(value for value, _moved in found), found


def shifted(page: Page) -> list[Any]:
    """What moved since this was asked last, as value and elements: nothing while all of it together is at most MOST."""
    far, found = moved(page)
    return found if far > MOST else []
