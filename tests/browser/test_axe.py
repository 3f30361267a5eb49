"""No accessibility rule is broken on a page of each kind in German, on a phone, and before the door.

Pages of each kind in French are in test_layout.py, those of a house in trouble in test_modems.py. `make soak` has every
page in all languages, in the dark too (tests/soak/test_axe.py).
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.axe import violations
from tests.browser.demonstration import NARROW, WIDE, Demonstration
from tests.browser.languages import speaking
from tests.browser.pages import PAGES
from tests.support.sampling import sampled

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# In the language with the longest words: a form, an alert under way, a thread, a table, a page that is not there.
IN_GERMAN = ("rediger", "suivre", "conversation", "membres", "absente")


@pytest.fixture(scope="session")
def german(chromium: Browser, signed_in: BrowserContext, demo: Demonstration) -> Iterator[Page]:
    admin = signed_in.new_page()
    context = speaking(chromium, admin, demo, "de")
    admin.close()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", sampled(IN_GERMAN, 2))
def test_nothing_is_found_in_german(german: Page, demo: Demonstration, sent: int, name: str):
    answer = german.goto(demo.url + PAGES[name].format(id=sent))
    assert answer is not None
    assert answer.status == (404 if name == "absente" else 200)
    assert violations(german) == []


@pytest.mark.parametrize("name", ["accueil", "suivre", "membres"])
def test_nothing_is_found_on_a_phone(reader: Page, demo: Demonstration, sent: int, name: str):
    page = reader
    page.set_viewport_size(NARROW)
    page.goto(demo.url + PAGES[name].format(id=sent))
    page.locator(".plp-drawer summary").click()
    assert violations(page) == []


def test_nothing_is_found_before_the_door(chromium: Browser, demo: Demonstration):
    for language in ("fr", "de"):
        page = chromium.new_page(viewport=WIDE, locale=language)
        page.goto(f"{demo.url}/login")
        assert page.locator("html").get_attribute("lang") == language
        assert violations(page) == []
        page.goto(f"{demo.url}/setup/unknown")
        assert violations(page) == []
        page.close()


def test_the_rules_see_what_is_wrong(chromium: Browser):
    page = chromium.new_page()
    page.set_content("<html><body><img src=x><input><button></button><p style='color:#aaa'>pale</p></body></html>")
    rules = {line.split(":")[0] for line in violations(page)}
    page.close()
    assert {"image-alt", "label", "button-name", "color-contrast", "html-has-lang"} <= rules
