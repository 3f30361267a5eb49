"""One demonstration and one browser for all tests here."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import demonstration as house


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if house.CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is missing: .ci/run installs it")
        pytest.skip("browser tests need Chromium: apt-get install chromium")
    with house.browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def demo(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[house.Demonstration]:
    with house.demonstration(tmp_path_factory.mktemp("demo")) as running:
        page = chromium.new_page(locale="fr-BE")
        house.first_admin(page, running)
        page.close()
        yield running


@pytest.fixture(scope="session")
def signed_in(chromium: Browser, demo: house.Demonstration) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=house.WIDE, locale="fr-BE")
    page = context.new_page()
    house.sign_in(page, demo)
    page.close()
    yield context
    context.close()


@pytest.fixture(scope="session")
def sent(signed_in: BrowserContext, demo: house.Demonstration) -> int:
    """The id of a broadcast that is under way or over."""
    page = signed_in.new_page()
    house.write_alert(page, demo, "Essai de mise en page")
    broadcast = house.confirm_alert(page)
    page.close()
    return broadcast


@pytest.fixture
def page(signed_in: BrowserContext) -> Iterator[Page]:
    """A page on which an error of a script or the content policy fails the test."""
    opened = signed_in.new_page()
    complaints = house.complaints(opened)
    yield opened
    opened.close()
    assert complaints == []


@pytest.fixture(scope="module")
def _read(signed_in: BrowserContext) -> Iterator[tuple[Page, list[str]]]:
    opened = signed_in.new_page()
    yield opened, house.complaints(opened)
    opened.close()


@pytest.fixture
def reader(_read: tuple[Page, list[str]]) -> Iterator[Page]:
    """As `page`, one for all tests of a module that only read: a new one costs as much as to read a page."""
    opened, complaints = _read
    yield opened
    told, complaints[:] = complaints[:], []
    assert told == []
