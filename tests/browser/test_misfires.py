"""What goes wrong under stress: reload, back, two tabs, the wrong kind of text, an ended session. Nothing twice."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as PlaywrightError

from tests.browser.demonstration import NAME, PASSWORD, WIDE, Demonstration, confirm_alert, sign_in, write_alert

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SEND = re.compile("^Envoyer à")


def times_sent(page: Page, demo: Demonstration, text: str) -> int:
    page.goto(f"{demo.url}/alerts/")
    page.locator("h1").wait_for()
    return page.get_by_role("link", name=re.compile(re.escape(text))).count()


def stop(page: Page, demo: Demonstration, broadcast: int) -> None:
    """The next test's alert should not wait behind this one."""
    page.goto(f"{demo.url}/alerts/{broadcast}")
    page.get_by_role("button", name=re.compile("Annuler|Arrêter")).first.click()
    page.get_by_role("status").first.wait_for()


def test_a_reload_of_the_alert_sends_nothing_again(page: Page, demo: Demonstration):
    text = "Rechargé rue Haute, 21h40"
    write_alert(page, demo, text)
    number = confirm_alert(page)
    page.reload()
    page.reload()
    assert page.url.endswith(f"/alerts/{number}")
    stop(page, demo, number)
    assert times_sent(page, demo, text) == 1


def test_back_and_send_again_leads_to_the_same_alert(page: Page, demo: Demonstration):
    text = "Retour rue Haute, 21h41"
    write_alert(page, demo, text)
    number = confirm_alert(page)
    with suppress(PlaywrightError):  # a browser that did not keep the page asks before it posts a form again
        page.go_back()
    if page.locator("#typed").count():
        page.locator("#typed").fill("45")
        page.get_by_role("button", name=SEND).click()
        page.wait_for_url(f"{demo.url}/alerts/{number}")
    after = page.context.new_page()
    stop(after, demo, number)
    assert times_sent(after, demo, text) == 1
    after.close()


def test_two_tabs_send_once_and_the_second_is_asked(page: Page, demo: Demonstration):
    text = "Deux fenêtres rue Haute, 21h42".replace("ê", "e")
    other = page.context.new_page()
    write_alert(page, demo, text)
    write_alert(other, demo, text)
    number = confirm_alert(page)
    other.locator("#typed").fill("45")
    other.get_by_role("button", name=SEND).click()
    expect(other.get_by_role("alert")).to_contain_text("). Confirmez pour l'envoyer une deuxième fois")
    expect(other.get_by_label("Envoyer une deuxième fois le même texte aux mêmes personnes")).not_to_be_checked()
    other.close()
    stop(page, demo, number)
    assert times_sent(page, demo, text) == 1


def test_words_of_a_drill_ask_for_a_reason_and_lead_to_the_drills(page: Page, demo: Demonstration):
    page.goto(f"{demo.url}/alerts/new")
    page.locator("#text").fill("Ceci est un exercice rue Haute")
    page.locator("input[name=audience][value=all]").check()
    page.get_by_role("button", name="Vérifier avant l'envoi").click()
    page.get_by_role("button", name="Envoyer en français à tous").click()
    expect(page.get_by_text("Alerte contenant le mot « exercice »")).to_be_visible()
    page.locator("input[name=guarded]").check()
    page.locator("#typed").fill("45")
    page.get_by_role("button", name=SEND).click()
    expect(page.locator("#guard_reason")).to_be_focused()  # the browser asks for it
    page.get_by_role("button", name="Ceci est un exercice").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Préparer un exercice")
    expect(page.locator("#text")).to_have_value("Ceci est un exercice rue Haute")
    expect(page.locator("input[name=audience][value=all]")).not_to_be_checked()
    assert times_sent(page, demo, "Ceci est un exercice") == 0


def test_a_drill_that_says_that_it_is_real_is_stopped(page: Page, demo: Demonstration):
    page.goto(f"{demo.url}/drills/new")
    page.locator("#text").fill("Ceci n'est pas un exercice, rue Haute, 21h44")
    page.locator("input[name=audience][value=all]").check()
    page.get_by_role("button", name="Vérifier l'exercice").click()
    expect(page.get_by_role("alert")).to_contain_text("Exercice présenté comme réel")
    assert times_sent(page, demo, "pas un exercice") == 0


def test_an_ended_session_keeps_the_draft_and_sends_nothing(chromium: Browser, demo: Demonstration):
    text = "Session finie rue Haute, 21h45"
    context = chromium.new_context(viewport=WIDE, locale="fr-BE")
    page = context.new_page()
    sign_in(page, demo)
    write_alert(page, demo, text)
    context.clear_cookies()
    page.locator("#typed").fill("45")
    page.get_by_role("button", name=SEND).click()
    page.get_by_label("Nom d'utilisateur").fill(NAME)
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter et reprendre le texte").click()
    page.get_by_role("button", name="Reprendre le texte").click()
    expect(page.locator("#text")).to_have_value(text)
    expect(page.locator("input[name=audience][value=all]")).to_be_checked()
    assert times_sent(page, demo, text) == 0
    context.close()


def test_what_is_over_becomes_a_bulletin_with_the_same_words(page: Page, demo: Demonstration):
    page.goto(f"{demo.url}/alerts/new")
    page.locator("#text").fill("Vol cette nuit rue Haute. Fermez vos portes.")
    page.get_by_role("button", name="Envoyer plutôt un bulletin").click()
    page.wait_for_url(re.compile("/bulletins/"))
    expect(page.locator("textarea").first).to_have_value(re.compile("Vol cette nuit rue Haute"))
