"""An alert under way on a small screen: what must be seen is, no page is longer than three of them; and on paper."""

import io

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.demonstration import NARROW, Demonstration, confirm_alert, write_alert
from tests.browser.pages import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("window", [NARROW, {"width": 720, "height": 450}], ids=["390", "200 %"])
def test_the_countdown_the_text_and_the_way_back_are_in_view(page: Page, demo: Demonstration, window: dict[str, int]):
    page.set_viewport_size(window)  # type: ignore[arg-type]
    write_alert(page, demo, f"Vol rue de la Station, {window['width']}. Restez chez vous.")
    confirm_alert(page)
    for part in (page.locator(".alert-undo"), page.locator(".alert-sms .alert-bubble").first):
        expect(part).to_be_in_viewport(ratio=0.95)
    expect(page.get_by_role("button", name="Annuler")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(
    "name", ["suivre", "personnes", "dossier", "accueil", "rediger", "rediger-modele", "corriger", "terminer", "mur"]
)
def test_no_page_of_an_alert_is_longer_than_three_screens_of_a_phone(
    reader: Page, demo: Demonstration, sent: int, name: str
):
    reader.set_viewport_size(NARROW)  # type: ignore[arg-type]
    reader.goto(demo.url + PAGES[name].format(id=sent))
    assert reader.evaluate("document.documentElement.scrollHeight") <= 3 * NARROW["height"]


def test_the_printed_account_begins_on_its_first_sheet(reader: Page, demo: Demonstration, sent: int):
    reader.goto(demo.url + PAGES["dossier"].format(id=sent))
    first = pypdfium2.PdfDocument(io.BytesIO(reader.pdf(format="A4")))[0].get_textpage().get_text_range()
    assert "Auteur" in first
    assert "Dernier SMS envoyé" in first
