"""An alert under way on a small screen: what must be seen is, no page is longer than three of them; and on paper."""

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from db.alerts.incidents.left_out import mark_called, people_left_out
from db.engine.clock import utc_now
from db.engine.connection import writing
from db.models.broadcasts import Broadcast, Part
from rules.refusals import WrongState
from rules.states import PartState, Stage
from tests.browser import demonstration as house
from tests.browser.demonstration import NARROW, Demonstration, confirm_alert, database, write_alert
from tests.browser.live_events import modem_back, modem_out
from tests.browser.pages import PAGES
from tests.e2e.box import eventually
from tests.support.people import cancel_broadcast, order

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


@pytest.fixture(scope="module")
def troubled(signed_in: BrowserContext, demo: Demonstration, sent: int) -> int:
    """The alert was stopped; of those who had it two were refused, one is unconfirmed and one has nothing."""
    with database(demo.folder):
        eventually("some have it", lambda: Part.select().where(_is_sent(sent)).count() >= 6, within_s=60)
        with suppress(WrongState):
            cancel_broadcast(sent, "Benoît", utc_now())
        with writing():
            parts = Part.select().where(_is_sent(sent)).limit(4)
            for part, state in zip(parts, ("failed", "failed", "unconfirmed", "undelivered"), strict=True):
                Part.update(state=state, reason="CMS 21").where(Part.id == part.id).execute()
    return sent


def _is_sent(number: int) -> Any:
    return (Part.broadcast == number) & Part.state.in_([PartState.SENT, PartState.DELIVERED])


@pytest.mark.parametrize("name", ["suivre", "personnes", "dossier", "noms", "accueil"])
def test_an_alert_with_every_fault_is_no_longer_than_three_screens_of_a_phone(
    reader: Page, demo: Demonstration, troubled: int, name: str
):
    reader.set_viewport_size(NARROW)  # type: ignore[arg-type]
    reader.goto(demo.url + (PAGES | {"noms": "/alerts/{id}/dossier?names=yes"})[name].format(id=troubled))
    assert reader.evaluate("document.documentElement.scrollHeight") <= 3 * NARROW["height"]


@pytest.fixture(scope="class")
def without_modem(signed_in: BrowserContext, demo: Demonstration) -> Iterator[int]:
    """An alert of which nobody has an SMS, as no modem is ready: all are called, and two calls are noted."""
    modem_out(demo, signed_in)
    with database(demo.folder):
        number = order(utc_now(), by="Benoît", again=True).id
        eventually("it is released", lambda: Broadcast.get_by_id(number).stage is Stage.QUEUED)
        with writing():
            for one in people_left_out(number)[:2]:
                mark_called(number, one.member_id, True, "Benoît", utc_now())
    yield number
    modem_back(demo, signed_in)
    house.close(demo, [number])


class TestWithoutAModem:
    """Together, so that no other test of the module, in whatever order, meets the demonstration without its modem."""

    @pytest.mark.parametrize("name", ["suivre", "personnes", "dossier", "noms", "accueil", "mur", "terminer", "appels"])
    def test_no_page_of_an_alert_is_longer_than_three_screens_of_a_phone(
        self, reader: Page, demo: Demonstration, without_modem: int, name: str
    ):
        reader.set_viewport_size(NARROW)  # type: ignore[arg-type]
        more = {"noms": "/alerts/{id}/dossier?names=yes", "appels": "/plan-b"}
        reader.goto(demo.url + (PAGES | more)[name].format(id=without_modem))
        assert reader.evaluate("document.documentElement.scrollHeight") <= 3 * NARROW["height"]

    def test_the_confirm_page_lists_nobody(self, page: Page, demo: Demonstration, without_modem: int):
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        write_alert(page, demo, f"Vol rue Basse, après l'alerte {without_modem}. Restez chez vous.")
        expect(page.locator("#sendable")).to_contain_text("48 personnes : 48 sont à appeler.")
        assert page.evaluate("document.documentElement.scrollHeight") <= 3 * NARROW["height"]
