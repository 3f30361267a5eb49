"""The same officer in four languages: an account each, because an account has one language."""

import re

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.demonstration import PASSWORD, WIDE, Demonstration, settle

LANGUAGES = ("fr", "nl", "de", "en")
NAMES = {"fr": "Léa", "nl": "Lotte", "de": "Greta", "en": "Emily"}


def speaking(
    browser: Browser, admin: Page, demo: Demonstration, language: str, colours: str = "light", **options: object
) -> BrowserContext:
    """A signed-in officer, technician and admin of her own, whose console speaks `language`.

    `admin` is a page of somebody who may add users. `options` are Playwright's for a context.
    """
    context = browser.new_context(viewport=WIDE, locale="fr-BE", color_scheme=colours, **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(_link(admin, demo, f"{NAMES[language]} {colours}"))
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(f"{demo.url}/")
    settle(demo, f"{NAMES[language]} {colours}")
    switch(page, language)
    page.close()
    return context


def switch(page: Page, language: str) -> None:
    """By the menu of the header, as a person does it."""
    page.locator(".plp-languages summary").click()
    page.locator(f".plp-languages button[value={language}]").click()
    page.locator(f"html[lang={language}]").wait_for(state="attached")


def _link(admin: Page, demo: Demonstration, name: str) -> str:
    admin.goto(f"{demo.url}/accounts/add")
    admin.locator("#name").fill(name)
    for role in ("officer", "technician", "admin"):
        admin.locator(f"input[type=checkbox][value={role}]").check()
    admin.locator("main form button[type=submit]").last.click()
    found = re.search(r"https?://\S+/setup/\S+", admin.locator(".plp-once").inner_text())
    assert found
    return found[0]
