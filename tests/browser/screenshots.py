"""`make screenshots`: every page at 1440 and 390 px, into screenshots/."""

import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.browser import demonstration as house
from tests.browser import trouble
from tests.browser.pages import PAGES

FOLDER = Path("screenshots")
TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"


def shoot(page: Page, name: str) -> None:
    """The page as it is now, in both widths."""
    for window in (house.WIDE, house.NARROW):
        page.set_viewport_size(window)
        page.screenshot(path=FOLDER / f"{name}-{window['width']}.png", full_page=True)


def main() -> None:
    """Start a demonstration, send an alert, and take every page; then the pages of a house in trouble."""
    if house.CHROMIUM is None:
        raise SystemExit("make screenshots needs Chromium: apt-get install chromium")
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        house.demonstration(Path(folder)) as demo,
        house.browser() as browser,
    ):
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
        page.get_by_role("button", name="Arrêter").wait_for()
        page.wait_for_timeout(4000)
        for name, path in PAGES.items():
            page.set_viewport_size(house.WIDE)
            page.goto(demo.url + path.format(id=1))
            if name == "rediger":
                page.locator("#text").fill("Fenêtre forcée rue de la Station, l’auteur est parti vers le bois…")
                page.wait_for_timeout(800)
            shoot(page, name)
        house.write_alert(page, demo, TEXT)
        shoot(page, "confirmer-deux-fois")
    with (
        tempfile.TemporaryDirectory() as folder,
        trouble.troubled_house(Path(folder)) as url,
        house.browser() as browser,
    ):
        page = browser.new_page(viewport=house.WIDE, locale="fr-BE")
        trouble.sign_in(page, url)
        for name, path in trouble.PAGES.items():
            page.goto(url + path)
            shoot(page, name)
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}/")


if __name__ == "__main__":
    main()
