"""The types of alert come first: on the first page tiles are in view, however many alerts are open."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from db.engine.clock import utc_now
from db.people.audience import Audience
from tests.browser.demonstration import NARROW, WIDE, Demonstration, close, database, sign_in
from tests.support.people import order

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAPTOP = {"width": 1366, "height": 650}
# How many tiles must be whole in the window, by its size.
WINDOWS = [(WIDE, 8), (LAPTOP, 4), (NARROW, 1)]


@pytest.fixture(scope="module", params=[0, 1, 3])
def already_open(request: pytest.FixtureRequest, demo: Demonstration) -> Iterator[int]:
    with database(demo.folder):
        ehein = Audience(neighbourhoods=("Ehein",))
        alerts = [order(utc_now(), by="Benoît", audience=ehein, again=True).id for _ in range(request.param)]
    yield request.param
    close(demo, alerts)


def test_a_tile_is_in_view(page: Page, demo: Demonstration, already_open: int):
    sign_in(page, demo)
    seen = {}
    for window, least in WINDOWS:
        page.set_viewport_size(window)  # type: ignore[arg-type]
        page.goto(demo.url)
        assert page.locator(".home-open .thread-card, .home-open article, .home-open li").count() >= already_open
        whole = page.locator(".home-tile").evaluate_all(
            "tiles => tiles.filter((each) => each.getBoundingClientRect().bottom <= innerHeight).length"
        )
        if whole < least:
            seen[window["width"]] = whole
    assert seen == {}
