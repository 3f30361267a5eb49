"""Every page in four languages, light and dark: axe finds nothing, wide or on a phone, and nothing scrolls sideways."""

import pytest

from tests.browser.axe import violations
from tests.browser.conftest import chromium, demo, sent, signed_in  # noqa: F401
from tests.browser.demonstration import NARROW
from tests.browser.languages import LANGUAGES, speaking
from tests.browser.pages import PAGES, sideways

# WCAG 2.2, 1.4.10: 1280 px at 400 %
SMALLEST = {"width": 320, "height": 640}
pytestmark = [pytest.mark.browser, pytest.mark.soak(1)]


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page(budget, chromium, demo, signed_in, sent, language, colours):  # noqa: F811
    admin = signed_in.new_page()
    context = speaking(chromium, admin, demo, language, colours, reduced_motion="reduce")
    admin.close()
    page = context.new_page()
    found = {}
    for name, path in PAGES.items():
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(demo.url + path.format(id=sent))
        wrong = violations(page)
        page.set_viewport_size(NARROW)
        wrong += violations(page)
        page.set_viewport_size(SMALLEST)
        if by := sideways(page):
            wrong.append(f"scrolls sideways by {by} px at 320 px")
        if wrong:
            found[name] = wrong
    context.close()
    assert found == {}
    print(f"{language} {colours}: {len(PAGES)} pages in {budget.passed_s:.0f} s")
