"""`make screenshots`: every page at 1440 and 390 px into screenshots/, and once more in German into screenshots/de/."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser import demonstration as house
from tests.browser import trouble
from tests.browser.languages import speaking, switch
from tests.browser.pages import PAGES

FOLDER = Path("screenshots")
# Long words: what fits in German fits in the others.
GERMAN = FOLDER / "de"
TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"
COSTLY = "Fenêtre forcée rue de la Station, l’auteur est parti vers le bois…"


def shoot(page: Page, name: str, folder: Path = FOLDER) -> None:
    """The page as it is now, in both widths."""
    for window in (house.WIDE, house.NARROW):
        page.set_viewport_size(window)
        page.screenshot(path=folder / f"{name}-{window['width']}.png", full_page=True)


def shoot_all(page: Page, url: str, pages: Mapping[str, str], folder: Path = FOLDER) -> None:
    """Each of `pages`, by name and path."""
    for name, path in pages.items():
        page.set_viewport_size(house.WIDE)
        page.goto(url + path.format(id=1))
        if name == "rediger":
            page.locator("#text").fill(COSTLY)
            page.wait_for_timeout(800)
        shoot(page, name, folder)


def shoot_an_evening(browser: Browser, demo: house.Demonstration) -> None:
    """From the first visit to an alert that was sent, then every page in French and in German."""
    page = browser.new_page(viewport=house.WIDE, locale="fr-BE")
    page.goto(demo.link)
    shoot(page, "premiere-visite")
    house.first_admin(page, demo)
    page.context.clear_cookies()
    page.goto(f"{demo.url}/login")
    shoot(page, "connexion")
    house.sign_in(page, demo)
    house.write_alert(page, demo, TEXT)
    shoot(page, "confirmer")
    house.confirm_alert(page)
    shoot(page, "suivre-annuler")
    page.locator(".alert-undo").wait_for(state="detached")
    page.wait_for_timeout(4000)
    shoot_all(page, demo.url, PAGES)
    house.write_alert(page, demo, TEXT)
    shoot(page, "confirmer-deux-fois")
    shoot_all(speaking(browser, page, demo, "de").new_page(), demo.url, PAGES, GERMAN)


def main() -> None:
    """A demonstration on an evening, then a house in trouble."""
    if house.CHROMIUM is None:
        raise SystemExit("make screenshots needs Chromium: apt-get install chromium")
    GERMAN.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        house.demonstration(Path(folder)) as demo,
        house.browser() as browser,
    ):
        shoot_an_evening(browser, demo)
    with (
        tempfile.TemporaryDirectory() as folder,
        trouble.troubled_house(Path(folder)) as url,
        house.browser() as browser,
    ):
        page = browser.new_page(viewport=house.WIDE, locale="fr-BE")
        trouble.sign_in(page, url)
        shoot_all(page, url, trouble.PAGES)
        page.set_viewport_size(house.WIDE)
        switch(page, "de")
        shoot_all(page, url, trouble.PAGES, GERMAN)
    print(f"{len(list(FOLDER.rglob('*.png')))} pictures in {FOLDER}/")


if __name__ == "__main__":
    main()
