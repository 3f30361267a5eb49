"""The modems' pages when something is wrong: read at both widths, and a transcript fetched by hand."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.modems.commands import mark_done, open_requests, save_transcript
from tests.browser import demonstration, trouble
from tests.browser.axe import violations
from tests.browser.demonstration import NARROW, WIDE
from tests.browser.pages import sideways
from tests.support.sampling import left_to_soak

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What the sign of a modem's state measures at least, in CSS pixels: read from across the room.
ACROSS_THE_ROOM_PX = 28
# Of the pages of single modems, one that sends, one that asks for something, and one that is out of service: the list
# has all states side by side.
ALIKE = {
    "pause", "suspendu", "sans-reseau", "en-panne", "debranche", "sans-sim", "demarre", "sans-preuve", "pin-refuse",
    "mis-hors-service", "puk", "file-message-attend", "courrier-en-attente",
}  # fmt: skip
PAGES = [left_to_soak(name) if name.removeprefix("modem-") in ALIKE else name for name in trouble.PAGES]
BOXES = "all => all.map(each => each.getBoundingClientRect().toJSON())"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with trouble.troubled_house(tmp_path_factory.mktemp("trouble")) as url:
        yield url


@pytest.fixture(scope="module")
def signed_in_there(chromium: Browser, house: str) -> Iterator[Page]:
    """One page for all: an error of a script or the content policy fails the last test."""
    page = chromium.new_page(viewport=WIDE, locale="fr-BE")
    complaints = demonstration.complaints(page)
    trouble.sign_in(page, house)
    yield page
    page.close()
    assert complaints == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_scrolls_sideways_and_no_rule_is_broken(signed_in_there: Page, house: str, name):
    page = signed_in_there
    page.set_viewport_size(NARROW)
    answer = page.goto(house + trouble.PAGES[name])
    assert answer is not None
    assert answer.status == 200
    assert page.locator("h1").count() == 1
    for window in (NARROW, WIDE):
        page.set_viewport_size(window)
        assert sideways(page) <= 0, window
        for box in page.locator("main .plp-button:visible").evaluate_all(BOXES):
            assert box["height"] >= 44
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= window["width"]
    assert violations(page) == []


def test_each_state_is_read_from_across_the_room(signed_in_there: Page, house: str):
    page = signed_in_there
    page.set_viewport_size(NARROW)
    page.goto(f"{house}/modems/")
    states = page.locator(".modem-state")
    assert states.count() == len(trouble.MODEMS)
    for size in states.evaluate_all("all => all.map(each => parseFloat(getComputedStyle(each).fontSize))"):
        assert size >= ACROSS_THE_ROOM_PX


def test_what_runs_stands_beside_the_menu_and_not_under_it(signed_in_there: Page, house: str):
    page = signed_in_there
    page.goto(f"{house}/modems/")
    for width in (320, 390, 700):
        page.set_viewport_size({"width": width, "height": 844})
        (runs,) = page.locator(".plp-running").evaluate_all(BOXES)
        (menu,) = page.locator(".plp-drawer > summary").evaluate_all(BOXES)
        assert runs["x"] + runs["width"] <= menu["x"], width


def test_a_transcript_is_asked_for_and_fetched(signed_in_there: Page, house: str):
    page = signed_in_there
    page.set_viewport_size(WIDE)
    page.goto(f"{house}/modems/{trouble.HOST}/a#checks")
    page.get_by_role("button", name="Demander le relevé AT").click()
    expect(page.locator("#transcript")).to_contain_text("Relevé en préparation")
    with connected():
        (asked,) = open_requests(trouble.HOST, "a")
        save_transcript(trouble.HOST, "a", "> AT\n< OK\n", utc_now())
        mark_done(asked.id, utc_now())
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Télécharger le relevé AT").click()
    assert fetched.value.suggested_filename.startswith("plp-modem-a-")
    assert fetched.value.path().read_text() == "> AT\n< OK\n"


def test_a_swapped_card_is_accepted_where_it_is_shown(signed_in_there: Page, house: str):
    page = signed_in_there
    page.goto(f"{house}/modems/")
    page.get_by_role("link", name="Voir la carte SIM").click()
    page.get_by_role("button", name="Autoriser cette carte SIM").click()
    expect(page.locator("main")).to_contain_text("Carte autorisée : le modem b envoie dès qu'il a le réseau.")
