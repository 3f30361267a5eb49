"""Nothing moves under a pointer: layout shift on every page of an alert, after each press and each live update."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from db.engine.connection import writing
from db.models.broadcasts import Part
from rules.states import PartState
from tests.browser.demonstration import NARROW, WIDE, Demonstration, database, let_the_modem_finish, sign_in
from tests.browser.pages import PAGES
from tests.browser.shifts import shifted, watch
from tests.support.sampling import left_to_soak

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ALERT_PAGES = (
    "accueil",
    "rediger",
    "rediger-modele",
    "suivre",
    "reponses",
    "historique",
    "corriger",
    "personnes",
    "mur",
    "dossier",
    "exercice-rediger",
    "incidents",
)
END = "/alerts/{id}/follow-up?kind=end"


def live_updates(page: Page) -> None:
    """Ask for each live part of the page at once, twice."""
    page.wait_for_load_state("load")  # the script that asks has come
    for _ in range(2):
        with page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true"):
            page.evaluate(
                "document.querySelectorAll('[hx-get][hx-trigger*=every]').forEach(each =>"
                " htmx.ajax('GET', each.getAttribute('hx-get'), {target: each, swap: 'outerMorph'}))"
            )


@pytest.fixture
def refused(demo: Demonstration, sent: int) -> Iterator[int]:
    """The alert that was sent, while the network is taken to have refused one of its SMS."""
    let_the_modem_finish(demo)
    with database(demo.folder), writing():
        part = Part.select().where(Part.broadcast == sent).order_by(Part.id.desc()).first()
        before = part.state
        Part.update(state=PartState.FAILED).where(Part.id == part.id).execute()
    yield sent
    with database(demo.folder), writing():
        Part.update(state=before).where(Part.id == part.id).execute()


@pytest.mark.parametrize("window", [left_to_soak(WIDE, id="1440"), pytest.param(NARROW, id="390")])
def test_nothing_moves_where_it_is_sent_again(
    chromium: Browser, demo: Demonstration, refused: int, window: dict[str, int]
):
    context = chromium.new_context(viewport=window, locale="fr-BE")  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, demo)
    watch(page)
    page.goto(f"{demo.url}/alerts/{refused}")
    page.get_by_role("link", name="Renvoyer aux refusés (1)").click()
    expect(page.get_by_role("button", name="Renvoyer à 1 personne")).to_be_visible()
    live_updates(page)
    moved = shifted(page)
    page.get_by_role("link", name="Annuler").click()
    page.wait_for_url(f"{demo.url}/alerts/{refused}")
    live_updates(page)
    moved += shifted(page)
    context.close()
    assert moved == []


@pytest.mark.parametrize("window", [pytest.param(WIDE, id="1440"), left_to_soak(NARROW, id="390")])
def test_nothing_moves_when_a_page_renews_itself(
    chromium: Browser, demo: Demonstration, sent: int, window: dict[str, int]
):
    context = chromium.new_context(viewport=window, locale="fr-BE")  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, demo)
    watch(page)
    moved = {}
    for name, path in {**{name: PAGES[name] for name in ALERT_PAGES}, "terminer": END}.items():
        page.goto(demo.url + path.format(id=sent))
        page.wait_for_load_state("networkidle")
        if found := shifted(page):
            moved[f"{name}, loading"] = found
        live_updates(page)
        if found := shifted(page):
            moved[f"{name}, renewed"] = found
    context.close()
    assert moved == {}


@pytest.mark.parametrize("window", [left_to_soak(WIDE, id="1440"), pytest.param(NARROW, id="390")])
def test_nothing_moves_from_writing_to_the_end(chromium: Browser, demo: Demonstration, window: dict[str, int]):
    context = chromium.new_context(viewport=window, locale="fr-BE")  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, demo)
    watch(page)
    moved, home = {}, context.new_page()
    watch(home)
    home.goto(demo.url)
    shifted(home)

    def look(after: str) -> None:
        if found := shifted(page):
            moved[after] = found

    page.goto(f"{demo.url}/alerts/new?template=1")
    look("the form")
    page.locator(".alert-fields input[type=text]").first.fill(f"rue Basse {window['width']}, Plainevaux")
    expect(page.locator("#measure")).to_contain_text("rue Basse")
    look("typing the place")
    for each in page.locator("input[name=neighbourhood]").all()[:3]:
        each.click()
        look("a tick")
    page.locator("input[name=audience][value=all]").check()
    expect(page.locator("#reach")).to_contain_text("45 personnes")
    look("everybody")
    page.get_by_role("button", name="Vérifier avant l'envoi").click()
    page.locator("#typed").wait_for()
    look("the confirm page")
    page.locator("#typed").fill("45")
    page.get_by_role("button", name=re.compile("^Envoyer à 45")).click()
    page.wait_for_url(re.compile(r"/alerts/\d+$"))
    for second in range(6):
        page.wait_for_timeout(900)
        look(f"following, {second}")
    live_updates(home)
    expect(home.locator(".home-open")).to_contain_text("rue Basse")
    if found := shifted(home):
        moved["the first page, where the alert appears"] = found
    page.get_by_role("button", name=re.compile("corriger")).click()
    page.wait_for_url(re.compile("follow-up"))
    look("the correction")
    page.locator(".alert-fields input[type=text]").first.fill("rue Haute, Plainevaux")
    expect(page.locator("#measure")).to_contain_text("rue Haute")
    look("typing the correction")
    context.close()
    assert moved == {}
