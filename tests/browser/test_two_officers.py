"""Where the zone wants a second person: one officer writes, another one decides, nobody alone but for a reason."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.demonstration import NARROW, PASSWORD, Demonstration, agree_by, settle, write_alert
from tests.browser.shifts import shifted, watch

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OTHER = "Benoît"


def sign_in_as_other(page: Page, demo: Demonstration) -> None:
    page.goto(f"{demo.url}/login")
    page.get_by_label("Nom d'utilisateur").fill(OTHER)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(f"{demo.url}/")


@pytest.fixture
def other(chromium: Browser, demo: Demonstration, page: Page) -> Iterator[Page]:
    """A second officer, on a phone; the policy that wants one, for the length of the test."""
    context = chromium.new_context(viewport=NARROW, locale="fr-BE")
    second = context.new_page()
    page.goto(f"{demo.url}/accounts")
    if not page.get_by_role("link", name=OTHER).count():
        page.goto(f"{demo.url}/accounts/add")
        page.locator("#name").fill(OTHER)
        page.locator("input[name=role][value=officer]").check()
        page.locator("main form button[type=submit]").last.click()
        second.goto(page.locator(".plp-once").first.inner_text())
        for field in second.locator("input[type=password]").all():
            field.fill(PASSWORD)
        second.locator("main button[type=submit]").first.click()
        second.wait_for_url(re.compile("/$"))
        settle(demo, OTHER)
    agree_by(demo, "second")
    context.clear_cookies()
    sign_in_as_other(second, demo)
    yield second
    agree_by(demo, "typed")
    context.close()


def ask(page: Page, demo: Demonstration, text: str) -> str:
    """Write an alert and ask for the second person; its address."""
    write_alert(page, demo, text)
    page.locator("#typed").fill(page.locator(".alert-fact-main").first.inner_text().split()[0])
    page.get_by_role("button", name="Demander la validation d'un collègue").click()
    page.wait_for_url(re.compile(r"/alerts/\d+$"))
    return page.url


def test_the_second_officer_sees_it_by_themselves_and_lets_it_go(page: Page, other: Page, demo: Demonstration):
    address = ask(page, demo, "À deux, relu avant de partir")
    expect(page.locator("#live")).to_contain_text("Aucun SMS n'a encore été envoyé")
    # the other one did nothing: the header of the open page asks
    request = other.get_by_role("link", name="Relire et décider").first
    expect(request).to_be_visible(timeout=8000)
    watch(other)
    request.click()
    expect(other.locator(".alert-bubble")).to_have_text("À deux, relu avant de partir")
    assert violations(other) == []
    assert shifted(other) == []
    other.locator("#typed").fill("44")
    other.get_by_role("button", name=re.compile("^Valider et envoyer")).click()
    expect(other.get_by_role("alert")).to_contain_text("Aucun SMS n'a été envoyé")
    assert shifted(other) == []
    # the one who wrote it cannot
    page.goto(f"{address}/approve")
    expect(page.locator("#typed")).to_have_count(0)
    other.locator("#typed").fill("45")
    other.locator("#typed").press("Enter")
    other.wait_for_url(address)
    expect(other.locator("#live")).to_contain_text("Validée par Benoît")
    page.goto(address)
    expect(page.locator("#live")).to_contain_text("Validée par Benoît")


def test_alone_needs_a_reason_and_shows_it(page: Page, other: Page, demo: Demonstration):
    write_alert(page, demo, "Seule cette nuit")
    page.locator("#typed").fill("45")
    page.get_by_text("Aucun collègue joignable").click()
    assert violations(page) == []
    page.get_by_role("button", name=re.compile("^Envoyer sans validation")).click()
    expect(page.get_by_role("alert").first).to_contain_text("Indiquez un motif : il reste dans l'historique")
    page.locator("#typed").fill("45")
    page.locator("#alone_because").fill("Personne ne répond au téléphone")
    page.get_by_role("button", name=re.compile("^Envoyer sans validation")).click()
    page.wait_for_url(re.compile(r"/alerts/\d+$"))
    expect(page.locator("#live")).to_contain_text("Envoyée sans validation par Dominique")
    expect(page.locator("#live")).to_contain_text("Personne ne répond au téléphone")
