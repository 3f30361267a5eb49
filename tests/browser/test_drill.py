"""A drill has its own pages: another colour, another word to type, and a report at the end."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.demonstration import Demonstration

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_from_the_group_to_the_report(page: Page, demo: Demonstration):
    page.goto(f"{demo.url}/settings/drill-group?search=Collard")
    if page.locator(".plp-picks button").count():
        with page.expect_navigation():
            page.locator(".plp-picks button").first.click()
    page.goto(f"{demo.url}/drills")
    page.get_by_role("link", name="Préparer un exercice").click()
    expect(page.locator("body")).to_have_class(re.compile("alert-drill"))
    page.locator("#text").fill("Essai du vendredi")
    page.get_by_role("button", name="Vérifier l'exercice").click()
    expect(page.locator(".alert-bubble")).to_have_text("EXERCICE. Essai du vendredi EXERCICE.")
    expect(page.locator(".alert-facts").get_by_text("le groupe d'exercice")).to_be_visible()
    assert violations(page) == []
    people = page.locator(".alert-fact-main").first.inner_text().split()[0]
    # an alert's confirmation does not open a drill's door
    page.locator("#typed").fill(people)
    page.get_by_role("button", name=re.compile("^Lancer")).click()
    expect(page.get_by_role("alert")).to_contain_text("Aucun SMS n'a été envoyé")
    page.locator("#typed").fill("exercice")
    page.get_by_role("button", name=re.compile("^Lancer")).click()
    page.wait_for_url(re.compile(r"/alerts/\d+$"))
    expect(page.locator("#live")).to_contain_text(re.compile(r"[1-9]\d* reçus? sur"), timeout=30_000)
    page.get_by_role("link", name="Rapport de l'exercice").click()
    expect(page.get_by_text("Tous les destinataires l'ont reçu")).to_be_visible()
    assert violations(page) == []
    expect(page.locator(".plp-huge").first).to_have_text(re.compile(r"^\d+ s$"))


def test_no_page_of_an_alert_has_a_tick_that_makes_it_a_drill(page: Page, demo: Demonstration):
    page.goto(f"{demo.url}/alerts/new")
    expect(page.locator("input[type=checkbox][name=drill]")).to_have_count(0)
    expect(page.locator("body")).not_to_have_class(re.compile("alert-drill"))
