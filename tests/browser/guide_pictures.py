"""`make pictures`: the guide's pictures in each of its languages, from a demonstration, into console/static/guide/.

Beside them lies `pages.json`: for each picture the hash of the templates and styles that it was taken with.
"""

import hashlib
import io
import json
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from jinja2 import Environment, meta
from PIL import Image
from playwright.sync_api import Browser, Page

from console.guide.pages import GUIDE_LANGUAGES
from tests.browser import demonstration as house
from tests.browser import trouble
from tests.browser.languages import speaking, switch

STATIC = Path(__file__).parents[2] / "console/static"
TEMPLATES = STATIC.parent / "templates"
FOLDER = STATIC / "guide"
HASHES = FOLDER / "pages.json"
WINDOW = {"width": 1280, "height": 800}
TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"
# What is seen while nothing is wrong, after the alert, and what only a house with troubles has.
PAGES = {
    "suivre": "/alerts/1",
    "accueil": "/",
    "membres": "/members",
    "modems": "/modems/",
    "mise-en-service": "/first-steps",
}
TROUBLED = {"file-attente": "/queue"}
# The template of each picture's page.
SHOWN = {
    "confirmer": "alerts/confirm.html",
    "suivre": "alerts/progress.html",
    "accueil": "home/home.html",
    "membres": "people/members/members.html",
    "modems": "hardware/modems/modems.html",
    "mise-en-service": "admin/first_steps.html",
    "file-attente": "hardware/queue/queue.html",
}


def page_hash(picture: str) -> str:
    """The templates of this picture's page, and every style of ours."""
    names = _with_what_it_uses([SHOWN[picture]])
    digest = hashlib.sha256()
    for path in (*(TEMPLATES / name for name in sorted(names)), *sorted(STATIC.glob("*.css"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def take(page: Page, name: str, language: str) -> None:
    """What a window shows at first, as WebP."""
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").save(FOLDER / language / f"{name}.webp", "WEBP", quality=70, method=6)


def take_demonstration(browser: Browser, demo: house.Demonstration) -> None:
    """Confirm pages first: nothing may have been sent then. The alert goes out once; every language shows it."""
    admin = browser.new_page(viewport=WINDOW, locale="fr-BE")
    house.first_admin(admin, demo)
    pages = {language: speaking(browser, admin, demo, language).new_page() for language in GUIDE_LANGUAGES}
    for language, page in pages.items():
        page.set_viewport_size(WINDOW)
        house.write_alert(page, demo, TEXT, language)
        take(page, "confirmer", language)
    house.write_alert(admin, demo, TEXT)
    house.confirm_alert(admin)
    admin.locator(".alert-undo").wait_for(state="detached")
    admin.wait_for_timeout(4000)
    for language, page in pages.items():
        take_all(page, demo.url, PAGES, language)


def take_all(page: Page, url: str, paths: dict[str, str], language: str) -> None:
    for name, path in paths.items():
        page.goto(url + path)
        take(page, name, language)


def main() -> None:
    """A demonstration in which an alert is sent, then a house in trouble."""
    if house.CHROMIUM is None:
        raise SystemExit("make pictures needs Chromium: apt-get install chromium")
    for language in GUIDE_LANGUAGES:
        (FOLDER / language).mkdir(parents=True, exist_ok=True)
    hashes = {picture: page_hash(picture) for picture in SHOWN}
    with tempfile.TemporaryDirectory() as folder, house.demonstration(Path(folder)) as demo, house.browser() as browser:
        take_demonstration(browser, demo)
    with (
        tempfile.TemporaryDirectory() as folder,
        trouble.troubled_house(Path(folder)) as url,
        house.browser() as browser,
    ):
        page = browser.new_page(viewport=WINDOW, locale="fr-BE")
        trouble.sign_in(page, url)
        for language in GUIDE_LANGUAGES:
            switch(page, language)
            take_all(page, url, TROUBLED, language)
    HASHES.write_text(json.dumps(hashes, indent=1) + "\n")
    for picture in sorted(FOLDER.rglob("*.webp")):
        print(f"{picture.relative_to(FOLDER)}: {picture.stat().st_size / 1024:.0f} KB")


def _with_what_it_uses(names: Iterable[str]) -> set[str]:
    found = set(names)
    return found | _with_what_it_uses(new) if (new := set().union(*map(_used, found)) - found) else found


@cache
def _used(name: str) -> frozenset[str]:
    parsed = Environment(autoescape=True).parse((TEMPLATES / name).read_text(encoding="utf-8"))
    return frozenset(used for used in meta.find_referenced_templates(parsed) if used)


if __name__ == "__main__":
    main()
