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


@pytest.fixture(scope="module")
def sent(signed_in: BrowserContext, demo: house.Demonstration) -> Iterator[int]:
    """The id of an alert that some people have, and that is open as long as the tests of this module run."""
    page = signed_in.new_page()
    # not the same text twice in ten minutes: that is asked about
    house.write_alert(page, demo, f"Essai de mise en page {len(house.broadcasts_after(demo)) + 1}")
    broadcast = house.confirm_alert(page)
    page.close()
    house.wait_until_some_have_it(demo, broadcast)
    yield broadcast
    house.close(demo, [broadcast])


@pytest.fixture(autouse=True)
def _no_alert_is_left_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """An open alert stands on the first page, is the "similar one" of the next, and keeps the modem busy: each test
    closes its own. Those of its module's fixtures were written before, and stay.
    """
    if "demo" not in request.fixturenames:
        yield
        return
    demo: house.Demonstration = request.getfixturevalue("demo")
    newest = max(house.broadcasts_after(demo), default=0)
    yield
    if mine := house.broadcasts_after(demo, newest):
        house.close(demo, mine)


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
