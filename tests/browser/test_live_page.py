"""An open page is true at every second: it says when it is cut off, follows the modems, and lies under no finger."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.axe import violations
from tests.browser.demonstration import NARROW, WIDE, Demonstration, broadcasts_after, sign_in, write_alert
from tests.browser.live_events import end_what_was_played, modem_back, modem_out, urgent_sms
from tests.support.sampling import left_to_soak

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NO_SMS = "Aucun SMS n'est envoyé maintenant."
SEND = re.compile("^Envoyer à 45")
UP_PX = 120
# At once before the press, however slow the machine is: within half a second.
PUSHED_UP = f"""addEventListener('pointermove', () => {{
    document.querySelector('.alert-next').style.bottom = '{UP_PX}px';
}}, {{once: true, capture: true}})"""


@pytest.fixture
def context(chromium: Browser, demo: Demonstration) -> Iterator[BrowserContext]:
    opened = chromium.new_context(viewport=WIDE, locale="fr-BE")  # type: ignore[arg-type]
    sign_in(opened.new_page(), demo)
    yield opened
    end_what_was_played(demo, opened)
    opened.close()


@pytest.mark.parametrize("path", ["/alerts/{id}", *map(left_to_soak, ("/", "/alerts/new", "/members"))])
def test_a_dead_connection_is_said_within_five_seconds_over_greyed_figures_and_so_is_its_end(
    context: BrowserContext, demo: Demonstration, sent: int, path: str
):
    page = context.pages[0]
    page.goto(demo.url + path.format(id=sent))
    page.wait_for_load_state("networkidle")
    context.set_offline(True)
    lost = page.locator("#lost")
    expect(lost).to_have_text(re.compile(r"Connexion perdue depuis [1-5] s"), timeout=5000)
    expect(lost).to_have_text(re.compile(r"depuis [6-9] s"), timeout=8000)
    for part in page.locator("main [data-live]").all():
        assert part.evaluate("part => getComputedStyle(part).opacity") == "0.5"
    context.set_offline(False)
    expect(lost).to_have_text(re.compile("Connexion rétablie"), timeout=5000)
    expect(lost).to_be_hidden(timeout=20_000)


@pytest.mark.parametrize("window", [left_to_soak(WIDE, id="1440"), pytest.param(NARROW, id="390")])
def test_the_confirm_page_follows_the_modem_as_the_header_does(
    context: BrowserContext, demo: Demonstration, window: dict[str, int]
):
    page = context.pages[0]
    page.set_viewport_size(window)  # type: ignore[arg-type]
    write_alert(page, demo, f"Suit le modem {window['width']}")
    page.locator("#typed").fill("45")
    modem_out(demo, context)
    expect(page.get_by_text(NO_SMS)).to_be_visible(timeout=3000)
    expect(page.get_by_role("button", name=SEND)).to_be_hidden(timeout=1)
    expect(page.get_by_role("button", name="Lancer l'alerte, SMS dès que possible")).to_be_visible(timeout=1)
    expect(page.locator("#status .plp-light")).to_have_class(re.compile("failed"), timeout=1)
    expect(page.locator("#when")).to_contain_text("aucun modem n'est prêt", timeout=1)
    modem_back(demo, context)
    expect(page.get_by_role("button", name=SEND)).to_be_visible(timeout=3000)
    expect(page.get_by_text(NO_SMS)).to_have_count(0, timeout=1)
    expect(page.locator("#status .plp-light")).not_to_have_class(re.compile("failed"), timeout=1)
    expect(page.locator("#typed")).to_have_value("45")


def test_a_press_where_the_button_has_just_come_to_lie_sends_nothing_and_says_so(
    context: BrowserContext, demo: Demonstration
):
    page, newest = context.pages[0], max(broadcasts_after(demo), default=0)
    write_alert(page, demo, "Sous le doigt")
    page.locator("#typed").fill("45")
    page.wait_for_timeout(1500)
    button = page.get_by_role("button", name=SEND)
    box = button.bounding_box()
    assert box is not None
    page.evaluate(PUSHED_UP)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - UP_PX)
    expect(page.locator("#moved")).to_contain_text("rien n'a été envoyé")
    page.wait_for_timeout(600)
    assert broadcasts_after(demo, newest) == []
    button.click()
    page.wait_for_url(re.compile(r"/alerts/\d+$"))


def test_a_press_after_scrolling_or_by_keyboard_counts(context: BrowserContext, demo: Demonstration):
    page = context.pages[0]
    page.set_viewport_size({"width": 390, "height": 500})
    write_alert(page, demo, "Après avoir défilé")
    page.locator("#typed").fill("45")
    page.wait_for_timeout(1500)
    page.mouse.wheel(0, 120)
    page.get_by_role("button", name=SEND).click()
    page.wait_for_url(re.compile(r"/alerts/\d+$"))


def test_a_press_counts_where_the_bar_ceases_to_stick_at_the_end_of_the_page(
    context: BrowserContext, demo: Demonstration
):
    page = context.pages[0]
    write_alert(page, demo, "Au bas de la page")
    page.locator("#typed").fill("45")
    page.wait_for_timeout(1500)
    button = page.get_by_role("button", name=SEND)
    sticks = button.bounding_box()
    page.mouse.wheel(0, 3000)
    page.wait_for_timeout(150)
    assert button.bounding_box() != sticks
    button.click()
    page.wait_for_url(re.compile(r"/alerts/\d+$"))


def test_an_urgent_sms_takes_the_place_that_is_kept(context: BrowserContext, demo: Demonstration):
    page = context.pages[0]
    write_alert(page, demo, "Rien ne bouge")
    before = page.get_by_role("button", name=SEND).bounding_box()
    urgent_sms(demo, context)
    expect(page.locator(".plp-strip")).to_contain_text("SMS urgent reçu", timeout=4000)
    assert page.get_by_role("button", name=SEND).bounding_box() == before
    assert violations(page) == []
    page.set_viewport_size(NARROW)  # on a phone the words come before who wrote them
    expect(page.locator(".plp-first q")).to_be_in_viewport()
    expect(page.locator(".plp-first .plp-arrived-urgent p > span")).to_be_hidden()
    page.set_viewport_size(WIDE)


@pytest.mark.parametrize("window", [WIDE, NARROW], ids=["1440", "390"])
def test_that_the_sound_is_off_covers_nothing_that_can_be_pressed(
    context: BrowserContext, demo: Demonstration, sent: int, window: dict[str, int]
):
    page: Page = context.new_page()  # nobody pressed anything here
    page.set_viewport_size(window)  # type: ignore[arg-type]
    urgent_sms(demo, context)
    for path in ("/", "/alerts/new", f"/alerts/{sent}"):
        page.goto(demo.url + path)
        button = page.locator("#sound")
        expect(button).to_be_visible()
        covered = button.evaluate(
            """button => [...document.querySelectorAll('a, button, input, summary')].filter(other => {
                const [a, b] = [button, other].map(each => each.getBoundingClientRect());
                return other !== button && !button.contains(other) && other.checkVisibility({visibilityProperty: true})
                    && b.width > 1 && a.x < b.right && b.x < a.right && a.y < b.bottom && b.y < a.bottom;
            }).map(other => other.outerHTML.slice(0, 90))"""
        )
        assert covered == [], path
