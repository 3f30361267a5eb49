"""No accessibility rule is broken on any page, in French and in German; `make soak` has all languages, dark too."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import trouble
from tests.browser.axe import violations
from tests.browser.demonstration import NARROW, WIDE, Demonstration
from tests.browser.languages import speaking
from tests.browser.pages import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def german(chromium: Browser, signed_in: BrowserContext, demo: Demonstration) -> Iterator[BrowserContext]:
    admin = signed_in.new_page()
    context = speaking(chromium, admin, demo, "de")
    admin.close()
    yield context
    context.close()


@pytest.fixture(params=["fr", "de"])
def reader(request: pytest.FixtureRequest, signed_in: BrowserContext) -> Iterator[Page]:
    """A page of somebody who reads French, and of somebody who reads German."""
    context: BrowserContext = signed_in if request.param == "fr" else request.getfixturevalue("german")
    page = context.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_found_on_a_page(reader: Page, demo: Demonstration, sent: int, name: str):
    reader.goto(demo.url + PAGES[name].format(id=sent))
    assert violations(reader) == []


@pytest.mark.parametrize("name", ["accueil", "suivre", "membres"])
def test_nothing_is_found_on_a_phone(reader: Page, demo: Demonstration, sent: int, name: str):
    reader.set_viewport_size(NARROW)
    reader.goto(demo.url + PAGES[name].format(id=sent))
    reader.locator(".plp-drawer summary").click()
    assert violations(reader) == []


def test_nothing_is_found_before_the_door(chromium: Browser, demo: Demonstration):
    for language in ("fr", "de"):
        page = chromium.new_page(viewport=WIDE, locale=language)
        page.goto(f"{demo.url}/login")
        assert page.locator("html").get_attribute("lang") == language
        assert violations(page) == []
        page.goto(f"{demo.url}/setup/unknown")
        assert violations(page) == []
        page.close()


def test_a_house_in_trouble_reads_as_well(chromium: Browser, tmp_path_factory: pytest.TempPathFactory):
    with trouble.troubled_house(tmp_path_factory.mktemp("trouble")) as url:
        page = chromium.new_page(viewport=WIDE, locale="fr-BE")
        trouble.sign_in(page, url)
        found = {}
        for name, path in trouble.PAGES.items():
            page.goto(url + path)
            found[name] = violations(page)
        page.close()
    assert found == {name: [] for name in trouble.PAGES}


def test_the_rules_see_what_is_wrong(chromium: Browser):
    page = chromium.new_page()
    page.set_content("<html><body><img src=x><input><button></button><p style='color:#aaa'>pale</p></body></html>")
    rules = {line.split(":")[0] for line in violations(page)}
    page.close()
    assert {"image-alt", "label", "button-name", "color-contrast", "html-has-lang"} <= rules
