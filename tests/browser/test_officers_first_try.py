"""What a new officer found by trying, line by line, in the browser: each must not happen again."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from db.engine.connection import writing
from db.models.people import Consent
from tests.browser.demonstration import NARROW, WIDE, Demonstration, close, database, let_the_modem_finish
from tests.support.sampling import left_to_soak

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NEXT = "Vérifier avant l'envoi"


def tile(page: Page, demo: Demonstration, name: str) -> None:
    page.goto(demo.url)
    page.locator(".home-tile", has_text=name).click()


def alert(page: Page, demo: Demonstration, place: str, *neighbourhoods: str) -> int:
    """A burglary at `place`, whose neighbourhood is ticked by its name, and to these."""
    tile(page, demo, "Cambriolage en cours")
    page.locator("#answer_lieu").fill(place)
    expect(page.locator("#reach")).to_contain_text("personnes ·")
    for name in neighbourhoods:
        page.locator(f"input[name=neighbourhood][value='{name}']").check()
    page.get_by_role("button", name=NEXT).click()
    page.locator("#typed").fill(page.locator(".alert-fact-main").first.inner_text().split()[0])
    page.get_by_role("button", name=re.compile("^Envoyer à")).click()
    page.wait_for_url(re.compile(r"/alerts/\d+$"))
    return int(page.url.rsplit("/", 1)[1])


@pytest.fixture(scope="module")
def two(signed_in: BrowserContext, demo: Demonstration) -> Iterator[tuple[int, int]]:
    """Two alerts of the last minutes, at the same time: the second one goes to two neighbourhoods."""
    let_the_modem_finish(demo)
    page = signed_in.new_page()
    first = alert(page, demo, "rue Une, Plainevaux")
    with page.expect_navigation():
        page.get_by_role("button", name="Envoyer maintenant").click()
    second = alert(page, demo, "rue Deux, Ehein", "Plainevaux")
    with page.expect_navigation():
        page.get_by_role("button", name="Envoyer maintenant").click()
    page.goto(demo.url)
    for place in ("rue Une", "rue Deux"):
        expect(page.locator(".home-open")).to_contain_text(place)
    page.close()
    let_the_modem_finish(demo)
    yield first, second
    close(demo, [first, second])


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("window", [left_to_soak(WIDE), NARROW], ids=["1440", "390"])
def test_who_ends_an_alert_is_shown_the_open_ones_and_no_new_message(
    page: Page, demo: Demonstration, window: dict[str, int]
):
    page.set_viewport_size(window)  # type: ignore[arg-type]
    tile(page, demo, "Fin d'alerte")
    expect(page.get_by_role("heading", name="Quelle alerte clôturer ?")).to_be_in_viewport()
    expect(page.locator(".alert-ending li").first).to_be_in_viewport()
    assert page.evaluate("scrollY") == 0
    for place in ("rue Une", "rue Deux"):
        expect(page.locator(".alert-ending")).to_contain_text(place)
    expect(page.locator("#text, .alert-fields")).to_have_count(0)


@pytest.mark.usefixtures("two")
def test_another_alert_of_this_place_is_shown_while_writing(page: Page, demo: Demonstration):
    tile(page, demo, "Cambriolage en cours")
    page.locator("#answer_lieu").fill("rue Deux")
    notice = page.locator("#readers .plp-notice", has_text="alerte envoyée par")
    expect(notice).to_have_count(1)
    expect(notice).to_contain_text("rue Deux")


def test_on_a_disk_that_takes_nothing_one_thing_is_said_and_the_text_is_kept(
    signed_in: BrowserContext, demo: Demonstration
):
    page = signed_in.new_page()
    tile(page, demo, "Cambriolage en cours")
    page.locator("#answer_lieu").fill("rue Pleine, Plainevaux")
    expect(page.locator("#reach")).to_contain_text("12 personnes")
    page.get_by_role("button", name=NEXT).click()
    page.locator("#typed").fill("12")
    with closing(sqlite3.connect(demo.folder / "var" / "demo" / "plp.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        page.get_by_role("button", name="Envoyer à 12").click()
        expect(page.locator("main")).to_contain_text("Demande non exécutée", timeout=30_000)
        expect(page.locator("main")).not_to_contain_text("perdu")
        other.execute("ROLLBACK")
    page.get_by_role("button", name="Reprendre le texte").click()
    expect(page.locator("#answer_lieu")).to_have_value("rue Pleine, Plainevaux")
    page.goto(f"{demo.url}/alerts/")
    expect(page.locator("main")).not_to_contain_text("rue Pleine")
    page.close()


def test_back_from_confirming_the_place_is_there(page: Page, demo: Demonstration):
    tile(page, demo, "Cambriolage en cours")
    page.locator("#answer_lieu").fill("rue Une, Ehein")
    expect(page.locator("#place-found")).to_contain_text("Ehein est alerté en premier")
    page.get_by_role("button", name=NEXT).click()
    page.get_by_role("button", name="Retour au texte").click()
    expect(page.locator("#answer_lieu")).to_have_value("rue Une, Ehein")
    expect(page.locator("#place-found")).to_contain_text("Ehein est alerté en premier")
    assert [each.input_value() for each in page.locator("input[name=neighbourhood]:checked").all()] == ["Ehein"]


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("window", [WIDE, NARROW], ids=["1440", "390"])
def test_what_is_to_do_pushes_no_tile(page: Page, demo: Demonstration, window: dict[str, int]):
    page.set_viewport_size(window)  # type: ignore[arg-type]
    page.goto(demo.url)
    tiles, tasks = page.locator(".home-tiles").first.bounding_box(), page.locator(".home-tasks").bounding_box()
    assert tiles is not None
    assert tasks is not None
    if window is WIDE:
        assert tasks["x"] >= tiles["x"] + tiles["width"], "beside them"
    else:
        assert tasks["y"] >= tiles["y"] + tiles["height"], "below them"


def test_a_letter_that_doubles_an_end_is_replaced_by_a_press(page: Page, demo: Demonstration, two):
    page.goto(f"{demo.url}/alerts/{two[0]}/follow-up?kind=end")
    page.locator("#text").fill("L'auteur a été arrêté. Vous pouvez ressortir, merci de votre aide à tous. " * 2)
    expect(page.locator("#measure")).to_contain_text("3 SMS")
    page.get_by_role("button", name=re.compile("Remplacer")).first.click()
    expect(page.locator("#text")).to_have_value(re.compile("arreté"))
    expect(page.locator("#measure")).to_contain_text(re.compile(r"\b2 SMS"))


def test_a_french_text_changed_by_hand_leaves_no_old_dutch_one(page: Page, demo: Demonstration):
    tile(page, demo, "Cambriolage en cours")
    page.locator("#answer_lieu").fill("rue Une")
    page.locator("input[name=audience][value=all]").check()
    page.get_by_role("button", name="Modifier le texte à la main").click()
    page.locator("#text").fill("Incendie rue Trois, 21h40. Rentrez et fermez tout. Urgence: 101")
    page.locator("input[name=when][value=now]").check() if page.locator("input[name=when]").count() else None
    page.get_by_role("button", name=NEXT).click()
    expect(page.locator("main")).to_contain_text(re.compile("néerlandais"))
    expect(page.locator("#typed")).to_have_count(0)


def test_a_correction_shows_what_people_had_last(page: Page, demo: Demonstration):
    let_the_modem_finish(demo)
    first = alert(page, demo, "rue Trois, Plainevaux")
    page.get_by_role("button", name="Envoyer maintenant").click()
    let_the_modem_finish(demo)
    for place in ("rue Quatre, Plainevaux", "rue Cinq, Plainevaux"):
        page.goto(f"{demo.url}/alerts/{first}/follow-up?kind=correction")
        expect(page.locator("#answer_lieu")).to_be_focused()
        expect(page.locator("#answer_lieu")).to_be_in_viewport()
        if "Cinq" in place:
            expect(page.locator(".alert-bubble", has_text="CORRECTION").last).to_contain_text("rue Quatre")
            expect(page.locator("#answer_lieu")).to_have_value("rue Quatre, Plainevaux")
            return
        page.locator("#answer_lieu").fill(place)
        page.get_by_role("button", name=re.compile("^Envoyer la correction")).click()
        page.wait_for_url(re.compile(r"/alerts/\d+$"))
        let_the_modem_finish(demo)


def test_a_drill_names_the_police(page: Page, demo: Demonstration):
    tile(page, demo, "Exercice d'alerte")
    expect(page.locator("#text")).to_have_value(re.compile("^Police Seraing/Neupré: "))


def test_who_has_no_mobile_is_named_for_a_call(page: Page, demo: Demonstration, two):
    page.goto(f"{demo.url}/alerts/{two[1]}")
    expect(page.locator("#left-out")).to_contain_text("1 personne à appeler")
    expect(page.locator("#left-out li strong")).to_have_count(1)
    expect(page.locator("#left-out").get_by_role("button", name="Noter comme appelé")).to_have_count(1)


def test_feedback_goes_to_every_neighbourhood_of_the_alert(page: Page, demo: Demonstration, two):
    page.goto(f"{demo.url}/alerts/{two[1]}")
    page.get_by_role("link", name="Envoyer un feedback aux coordinateurs").click()
    ticked = page.locator("input[name=neighbourhood]:checked")
    expect(ticked).to_have_count(2)
    assert {
        each.evaluate("each => each.closest('label').innerText.split('\\n')[0].trim()") for each in ticked.all()
    } == {
        "Ehein",
        "Plainevaux",
    }


def test_without_members_it_is_never_ready(page: Page, demo: Demonstration):
    page.goto(demo.url)
    expect(page.locator(".plp-header")).to_contain_text("Prêt : 1 modem.")
    with database(demo.folder), writing():
        before = [each.id for each in Consent.select().where(Consent.given)]
        Consent.update(given=False).where(Consent.id.in_(before)).execute()
    try:
        page.reload()
        for where in (".plp-ready", ".plp-header"):
            expect(page.locator(where)).to_contain_text("Pas encore prêt : aucun membre à alerter.")
    finally:
        with database(demo.folder), writing():
            Consent.update(given=True).where(Consent.id.in_(before)).execute()


@pytest.mark.parametrize("window", [WIDE, NARROW, {"width": 720, "height": 450}], ids=["1440", "390", "200 %"])
def test_the_button_that_stops_is_in_view_from_the_first_second(
    page: Page, demo: Demonstration, window: dict[str, int]
):
    page.set_viewport_size(window)  # type: ignore[arg-type]
    alert(page, demo, f"rue {window['width']}, Ehein", "Plainevaux", "Rotheux-Rimière")
    for name in ("Annuler", "Envoyer maintenant"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Envoyer maintenant").click()
    for name in ("Arrêter l'envoi", "Arrêter et corriger…"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Arrêter l'envoi").click()
    correct = page.get_by_role("link", name="Envoyer une correction…")
    expect(correct).to_be_in_viewport(ratio=1 if window["height"] > 450 else 0.1)
    expect(correct).to_have_class(re.compile("plp-button-primary"))


def test_a_choice_that_comes_first_has_the_focus(page: Page, demo: Demonstration):
    tile(page, demo, "Véhicule suspect")
    expect(page.get_by_label("Voiture suspecte")).to_be_focused()
    expect(page.locator("#measure")).to_contain_text("(véhicule)")
