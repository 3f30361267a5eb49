"""Each live event on each page of an alert: nothing that can be pressed moves."""

from collections.abc import Collection, Iterator, Sequence

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.demonstration import NARROW, WIDE, Demonstration, sign_in, write_alert
from tests.browser.live_events import EVENTS, end_what_was_played
from tests.browser.shifts import MOST, moved, watch
from tests.support.sampling import left_to_soak

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

# Twice the time after which a page asks again.
SEEN_AFTER_MS = 4500
PATHS = {
    "home": "/",
    "writing": "/alerts/new?template=1",
    "the alert": "/alerts/{id}",
    "the correction": "/alerts/{id}/follow-up?kind=correction",
    "the end": "/alerts/{id}/follow-up?kind=end",
    "statistics": "/statistics",
    "wall": "/wall",
}
# The wall is a large screen.
ALL = (*(name for name in PATHS if name != "wall"), "confirming")


@pytest.fixture
def windows(chromium: Browser, demo: Demonstration) -> Iterator[dict[str, BrowserContext]]:
    opened = {}
    for name, window in (("1440", WIDE), ("390", NARROW)):
        opened[name] = chromium.new_context(viewport=window, locale="fr-BE")  # type: ignore[arg-type]
        sign_in(opened[name].new_page(), demo)
    yield opened
    for context in opened.values():
        end_what_was_played(demo, context)
        context.close()


def opened_pages(context: BrowserContext, demo: Demonstration, sent: int, names: Collection[str]) -> dict[str, Page]:
    """A tab for each, with nothing left to load."""
    pages = {}
    for name in names:
        pages[name] = page = context.new_page()
        watch(page)
        if name == "confirming":
            write_alert(page, demo, f"Essai d'un fait en direct {page.viewport_size}")
        else:
            page.goto(demo.url + PATHS[name].format(id=sent))
    for page in pages.values():
        page.wait_for_load_state("networkidle")
        moved(page)
    return pages


@pytest.mark.parametrize(
    ("widths", "names", "events"),
    [
        pytest.param(("390",), ("the alert", "confirming"), ("urgent SMS", "modem out", "modem back"), id="some"),
        left_to_soak((("1440", "390"), ALL, tuple(EVENTS)), id="all"),
        left_to_soak((("1440",), ("wall",), tuple(each for each in EVENTS if each != "urgent SMS")), id="wall"),
    ],
)
def test_nothing_moves_when_something_happens(
    windows: dict[str, BrowserContext],
    demo: Demonstration,
    sent: int,
    widths: Sequence[str],
    names: Collection[str],
    events: Collection[str],
):
    pages = {
        (width, name): page
        for width in widths
        for name, page in opened_pages(windows[width], demo, sent, names).items()
    }
    found = {}
    for event in events:
        for width in widths:
            # what is no matter of the browser's happens once
            if width == widths[0] or "connection" in event:
                EVENTS[event](demo, windows[width])
        next(iter(pages.values())).wait_for_timeout(SEEN_AFTER_MS)
        for (width, name), page in pages.items():
            found[f"{event}, {name}, {width} px"] = moved(page)
    worst = max(found, key=lambda where: found[where][0])
    print(f"\n{len(found)} measured, the worst {found[worst][0]:.4f}: {worst}")
    too_far = [f"{far:.4f}, {where}: {what}" for where, (far, what) in found.items() if far > MOST]
    assert not too_far, "\n".join(too_far)
