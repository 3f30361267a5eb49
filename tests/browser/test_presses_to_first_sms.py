"""How much an officer presses and types from the sign-in page to the first SMS, with a mouse, by keyboard alone and on
a phone. The place names its neighbourhood, which ticks it: nothing is chosen beside it.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from db.alerts.progress.progress import progress
from db.engine.clock import utc_now
from db.people.audience import Audience
from tests.browser.demonstration import (
    NAME,
    NARROW,
    PASSWORD,
    WIDE,
    Demonstration,
    broadcasts_after,
    database,
    let_the_modem_finish,
)
from tests.e2e.box import eventually
from tests.support.people import order

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Not the same text twice in ten minutes: that is asked about.
BY_MOUSE, BY_KEYBOARD, ON_A_PHONE = "rue Basse, Rotheux", "rue Haute, Rotheux", "rue Longue, Rotheux"
# The people of Rotheux in the demonstration.
PEOPLE = "11"
# Per press and per character: a hand that finds the next thing, and one that types.
PRESS_S, CHARACTER_S = 1.2, 0.2


class Hand:
    """Counts presses, characters, and the fields of the alert itself."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses, self.characters, self.fields = page, 0, 0, 0

    def press(self, what: Locator) -> None:
        self.presses += 1
        what.click()

    def key(self, name: str, times: int = 1) -> None:
        for _ in range(times):
            self.presses += 1
            self.page.keyboard.press(name)

    def tab_to(self, what: Locator) -> None:
        """Tab until this has the focus, as somebody does who sees the outline."""
        for _ in range(60):
            if what.evaluate("each => each === document.activeElement"):
                return
            self.key("Tab")
        raise AssertionError(f"not reached by Tab: {what}")

    def type(self, text: str, field: bool = False) -> None:
        self.characters += len(text)
        self.fields += field
        self.page.keyboard.type(text)

    @property
    def seconds(self) -> float:
        return self.presses * PRESS_S + self.characters * CHARACTER_S


def sent(page: Page) -> None:
    page.wait_for_url(re.compile(r"/alerts/\d+$"))
    expect(page.locator("#live")).to_contain_text(f"{PEOPLE} en attente")


def ticked(page: Page) -> None:
    """What the officer waits for before going on: the bar says whom it will reach."""
    expect(page.locator("#reach")).to_contain_text(f"{PEOPLE} personnes")


def first_sms(page: Page, hand: Hand, demo: Demonstration, place: str, taps: bool) -> None:
    """From the sign-in page to the sent alert; `taps`: a field of a new page gets no keyboard before it is tapped."""
    page.goto(f"{demo.url}/login")
    expect(page.locator("#name")).to_be_focused()
    hand.type(NAME)
    hand.press(page.locator("input[type=password]"))
    hand.type(PASSWORD)
    hand.press(page.get_by_role("button", name="Se connecter"))
    hand.press(page.get_by_role("link", name="Cambriolage en cours", exact=True))
    expect(page.locator("#answer_lieu")).to_be_focused()
    if taps:
        hand.press(page.locator("#answer_lieu"))
    hand.type(place, field=True)
    ticked(page)
    hand.press(page.get_by_role("button", name="Vérifier avant l'envoi"))
    page.locator("#typed").wait_for()
    if taps:
        hand.press(page.locator("#typed"))
    expect(page.locator("#typed")).to_be_focused()
    hand.type(PEOPLE, field=True)
    hand.press(page.get_by_role("button", name=re.compile(f"^Envoyer à {PEOPLE}")))
    sent(page)


def test_with_a_mouse(chromium: Browser, demo: Demonstration, record_property: Callable[[str, object], None]):
    context = chromium.new_context(viewport=WIDE, locale="fr-BE")  # type: ignore[arg-type]
    page = context.new_page()
    hand = Hand(page)
    first_sms(page, hand, demo, BY_MOUSE, taps=False)
    told = f"{hand.presses} presses, {hand.fields} fields, {hand.characters} characters, {hand.seconds:.1f} s"
    print("mouse:", told)
    record_property("mouse", told)
    assert (hand.presses, hand.fields) <= (5, 2)
    assert hand.seconds <= 17.05

    let_the_modem_finish(demo)
    correcting = Hand(page)
    correcting.press(page.get_by_role("link", name="Envoyer une correction…"))
    page.locator("#answer_lieu").fill("rue Longue")
    correcting.press(page.get_by_role("button", name=re.compile("^Envoyer la correction")))
    page.wait_for_url(re.compile(r"/alerts/\d+$"))
    print("correction:", correcting.presses, "presses")
    assert correcting.presses <= 3
    context.close()


def test_a_correction_into_another_neighbourhood_tells_both(
    page: Page, demo: Demonstration, record_property: Callable[[str, object], None]
):
    with database(demo.folder):
        wrong = order(utc_now(), by="Benoît", audience=Audience(neighbourhoods=("Rotheux-Rimière",)), again=True).id
        eventually("it is out", lambda: _went_out(wrong), within_s=60)
    let_the_modem_finish(demo)
    page.goto(f"{demo.url}/alerts/{wrong}")
    hand = Hand(page)
    hand.press(page.get_by_role("link", name="Envoyer une correction…"))
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Control+End")
    hand.type("rue Haute, Plainevaux", field=True)
    # Ticked, and asked for with its people: the officer types their number and goes on.
    expect(page.locator("#also input[name=also][value=Plainevaux]")).to_be_checked()
    people = page.locator("#beside_typed").get_attribute("placeholder") or ""
    hand.press(page.locator("#beside_typed"))
    hand.type(people, field=True)
    page.wait_for_timeout(600)  # a button that sends ignores a press within half a second of a move
    hand.press(page.get_by_role("button", name=re.compile("^Envoyer la correction")))
    page.wait_for_url(re.compile(r"/alerts/\d+$"))
    correction = int(page.url.rsplit("/", 1)[1])
    told = f"{hand.presses} presses, {hand.characters} characters"
    print("correction elsewhere:", told)
    record_property("correction_elsewhere", told)
    assert hand.presses <= 3
    later = broadcasts_after(demo, wrong)
    with database(demo.folder):
        sent_to = {
            number: (row.kind, row.recipients) for number in later if (row := progress(number, utc_now())) is not None
        }
    assert sent_to.pop(correction) == ("correction", int(PEOPLE))
    assert ("alert", int(people)) in sent_to.values(), "Plainevaux has it too"


@pytest.mark.parametrize("already_open", [0, 3])
def test_by_keyboard_alone(
    chromium: Browser, demo: Demonstration, record_property: Callable[[str, object], None], already_open: int
):
    with database(demo.folder):
        ehein = Audience(neighbourhoods=("Ehein",))
        alerts = [order(utc_now(), by="Benoît", audience=ehein, again=True).id for _ in range(already_open)]
        eventually("all are open", lambda: all(_went_out(number) for number in alerts), within_s=60)
    # 200 % zoom: half as many CSS pixels
    context = chromium.new_context(viewport={"width": 720, "height": 450}, device_scale_factor=2, locale="fr-BE")
    page = context.new_page()
    hand = Hand(page)
    page.goto(f"{demo.url}/login")
    expect(page.locator("#name")).to_be_focused()
    hand.type(NAME)
    hand.key("Tab")
    hand.type(PASSWORD)
    hand.key("Enter")
    page.wait_for_url(f"{demo.url}/")
    hand.tab_to(page.locator(".plp-skip"))
    hand.key("Enter")
    hand.tab_to(page.locator(".home-tile", has_text="Cambriolage en cours"))
    hand.key("Enter")
    expect(page.locator("#answer_lieu")).to_be_focused()
    hand.type(f"{BY_KEYBOARD} {already_open}", field=True)
    ticked(page)
    hand.key("Enter")
    expect(page.locator("#typed")).to_be_focused()
    hand.type(PEOPLE, field=True)
    hand.key("Enter")
    sent(page)
    print("keyboard:", hand.presses, "presses,", hand.characters, "characters")
    record_property("keyboard", f"{hand.presses} presses, {hand.characters} characters")
    assert hand.presses <= 12
    context.close()


def _went_out(broadcast_id: int) -> bool:
    alert = progress(broadcast_id, utc_now())
    return alert is not None and alert.went_out


def test_on_a_phone(chromium: Browser, demo: Demonstration, record_property: Callable[[str, object], None]):
    context = chromium.new_context(viewport=NARROW, has_touch=True, is_mobile=True, locale="fr-BE")  # type: ignore[arg-type]
    page = context.new_page()
    hand = Hand(page)
    first_sms(page, hand, demo, ON_A_PHONE, taps=True)
    # A telephone that shows its keyboard only after a tap wants one more, in the first field of all.
    told = f"{hand.presses} taps, {hand.fields} fields, {hand.characters} characters"
    print("phone:", told)
    record_property("phone", told)
    assert (hand.presses, hand.fields) <= (7, 2)
    context.close()
