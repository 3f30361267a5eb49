"""A press without a connection: nothing leaves, the form stays as it was, and only a person's second press sends."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from db.models.bulletins import Bulletin
from tests.browser.demonstration import (
    NARROW,
    WIDE,
    Demonstration,
    broadcasts_after,
    database,
    open_follow_up,
    sign_in,
    write_alert,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOTHING_LEFT = "Rien n'a été envoyé : pas de connexion."
LONG_ENOUGH_MS = 1500


@pytest.fixture
def page(chromium: Browser, demo: Demonstration) -> Iterator[Page]:
    context = chromium.new_context(viewport=WIDE, locale="fr-BE")  # type: ignore[arg-type]
    opened = context.new_page()
    sign_in(opened, demo)
    yield opened
    context.close()


def writing(page: Page, demo: Demonstration, _sent: int) -> tuple[Locator, Locator, str]:
    page.goto(f"{demo.url}/alerts/new")
    page.locator("#text").fill("Vol rue du Bois, restez chez vous")
    page.locator("input[name=audience][value=all]").check()
    return page.get_by_role("button", name="Vérifier avant l'envoi"), page.locator("#text"), "/alerts/confirm"


def confirming(page: Page, demo: Demonstration, _sent: int) -> tuple[Locator, Locator, str]:
    write_alert(page, demo, f"Sans connexion {len(broadcasts_after(demo))}")
    page.locator("#typed").fill("45")
    return page.get_by_role("button", name=re.compile("^Envoyer à 45")), page.locator("#typed"), r"/alerts/\d+$"


def correcting(page: Page, demo: Demonstration, sent: int) -> tuple[Locator, Locator, str]:
    return _following(page, demo, sent, "correction")


def ending(page: Page, demo: Demonstration, sent: int) -> tuple[Locator, Locator, str]:
    return _following(page, demo, sent, "end")


def _following(page: Page, demo: Demonstration, sent: int, kind: str) -> tuple[Locator, Locator, str]:
    open_follow_up(page, demo, sent, kind)
    text = page.locator("textarea").first
    text.fill(f"Texte gardé, {kind}.")
    return (
        page.locator(".alert-next button.plp-button-live"),
        text,
        r"/alerts/\d+(/follow-up)?$",
    )


def bulletin(page: Page, demo: Demonstration, _sent: int) -> tuple[Locator, Locator, str]:
    page.goto(f"{demo.url}/bulletins/new?category=tactical")
    page.locator("#title_fr").fill("Vélos volés")
    page.locator("#body_fr").fill("Trois vélos volés rue du Bois.")
    page.locator("input[name=audience][value=all]").check()
    return page.get_by_role("button", name="Enregistrer et vérifier"), page.locator("#body_fr"), r"/bulletins/\d+/check"


def stored(demo: Demonstration) -> tuple[int, int]:
    with database(demo.folder):
        bulletins = Bulletin.select().count()
    return len(broadcasts_after(demo)), bulletins


def press_without_connection(context: BrowserContext, button: Locator) -> None:
    button.wait_for()
    context.pages[0].wait_for_load_state("networkidle")
    context.pages[0].wait_for_timeout(600)  # under a finger nothing is sent that has just moved
    context.set_offline(True)
    button.click()


@pytest.mark.parametrize("form", [writing, confirming, correcting, ending, bulletin])
@pytest.mark.parametrize("way", ["second press", "reload"])
def test_a_press_without_a_connection_keeps_the_form_and_sends_nothing(
    page: Page, demo: Demonstration, sent: int, form: Callable[..., tuple[Locator, Locator, str]], way: str
):
    button, field, after = form(page, demo, sent)
    typed, address, words, before = field.input_value(), page.url, button.inner_text(), stored(demo)
    press_without_connection(page.context, button)
    expect(page.locator("#unsent")).to_be_visible()
    expect(page.locator("#unsent")).to_contain_text(NOTHING_LEFT)
    assert (page.url, field.input_value(), button.inner_text()) == (address, typed, words)
    page.context.set_offline(False)
    page.wait_for_timeout(LONG_ENOUGH_MS)
    assert stored(demo) == before, "once the connection is back nothing goes by itself"
    if way == "reload":
        page.reload()
        page.wait_for_timeout(LONG_ENOUGH_MS)
        assert stored(demo) == before
        return
    assert field.input_value() == typed
    with page.expect_request(lambda request: request.is_navigation_request() and request.method == "POST"):
        button.click()
    page.wait_for_url(re.compile(after))
    expect(page.locator("#unsent")).to_be_hidden()


def test_the_sentence_is_in_view_on_a_phone_and_hides_no_button(page: Page, demo: Demonstration, sent: int):
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    button, _field, _after = confirming(page, demo, sent)
    press_without_connection(page.context, button)
    notice = page.locator("#unsent")
    expect(notice).to_be_in_viewport(ratio=1)
    box, pressed = notice.bounding_box(), button.bounding_box()
    assert box is not None
    assert pressed is not None
    assert box["y"] + box["height"] <= pressed["y"] or box["y"] >= pressed["y"] + pressed["height"]
    page.context.set_offline(False)


def test_a_console_that_is_gone_is_no_connection_either(page: Page, demo: Demonstration, sent: int):
    button, field, _after = confirming(page, demo, sent)
    before = stored(demo)
    page.route("**/healthz", lambda route: route.fulfill(status=502))
    button.wait_for()
    page.wait_for_timeout(600)
    button.click()
    expect(page.locator("#unsent")).to_be_visible()
    assert (field.input_value(), stored(demo)) == ("45", before)
