"""`make pictures`: the guide's pictures, from a demonstration, into console/static/guide/."""

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.browser import demonstration as house
from tests.browser import trouble

FOLDER = Path(__file__).parents[2] / "console/static/guide"
WINDOW = {"width": 1280, "height": 800}
TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"
# What is seen while nothing is wrong, and what only a house with troubles has.
PAGES = {"accueil": "/", "membres": "/members", "modems": "/modems/", "mise-en-service": "/first-steps"}
TROUBLED = {"file-attente": "/queue"}


def take(page: Page, name: str) -> None:
    """What a window shows at first, as WebP."""
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").save(FOLDER / f"{name}.webp", "WEBP", quality=70, method=6)


def main() -> None:
    """A demonstration in which an alert is sent, then a house in trouble."""
    if house.CHROMIUM is None:
        raise SystemExit("make pictures needs Chromium: apt-get install chromium")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, house.demonstration(Path(folder)) as demo, house.browser() as browser:
        page = browser.new_page(viewport=WINDOW, locale="fr-BE")
        house.first_admin(page, demo)
        house.write_alert(page, demo, TEXT)
        take(page, "confirmer")
        house.confirm_alert(page)
        page.locator(".alert-undo").wait_for(state="detached")
        page.wait_for_timeout(4000)
        take(page, "suivre")
        for name, path in PAGES.items():
            page.goto(demo.url + path)
            take(page, name)
    with (
        tempfile.TemporaryDirectory() as folder,
        trouble.troubled_house(Path(folder)) as url,
        house.browser() as browser,
    ):
        page = browser.new_page(viewport=WINDOW, locale="fr-BE")
        trouble.sign_in(page, url)
        for name, path in TROUBLED.items():
            page.goto(url + path)
            take(page, name)
    for picture in sorted(FOLDER.glob("*.webp")):
        print(f"{picture.name}: {picture.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
