"""What is printed, as Chromium prints it: A4, each caller's sheet on paper of its own, forms on one page."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest

from console.guide.pages import CARDS, GUIDE_LANGUAGES, card
from db.operations.plan_b import Person, Place
from db.people.zone import ZoneCard
from plp.letters.letters import contact_qr, phone_tree
from plp.letters.rendering import KNOWN_NUMBER, paper, registration_words
from tests.support.people import mobile

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ZONE = ZoneCard("Police locale de la zone Condroz-Famenne et des communes voisines", "5278", "101", "04/330 40 00")
NIGHT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
NAMES = ("Łukasz", "Şimşek", "Ångström", "Đorđević", "Φωτεινή", "Анна", "O’Neill", "Ẽwẽ")


@pytest.fixture
def printed(chromium):
    """`printed(page)`: the text of each sheet of paper."""
    context = chromium.new_context(java_script_enabled=False, offline=True)

    def text(page: str) -> list[str]:
        tab = context.new_page()
        tab.set_content(page)
        pages = pypdfium2.PdfDocument(io.BytesIO(tab.pdf(prefer_css_page_size=True)))
        assert {tuple(round(side) for side in page.get_size()) for page in pages} == {(595, 842)}
        return [" ".join(page.get_textpage().get_text_range().split()).replace("\xa0", " ") for page in pages]

    yield text
    context.close()


@pytest.mark.usefixtures("database")
def test_each_caller_has_sheets_of_their_own_with_every_name_of_belgium(printed):
    caller = Person("Łukasz", "x" * 60, mobile(99), None, "fr", "Ehein", "coordinator")
    called = [
        replace(caller, first_name=NAMES[n % len(NAMES)], last_name=f"Nom{n}", mobile=mobile(n), role="member")
        for n in range(60)
    ]
    alone = replace(called[0], neighbourhood="Plainevaux")
    places = [Place(1, "Ehein", (caller,), 60), Place(2, "Plainevaux", (), 1)]
    police, *ehein, plainevaux = printed(phone_tree(places, [caller, *called, alone], NIGHT, "Anne"))
    assert "la police commence ici" in police
    assert "Nom1 " not in police
    assert len(ehein) in (2, 3)
    assert all(name in ehein[0] for name in NAMES)
    assert "Nom59" in ehein[-1]
    assert "La police (ce quartier n'a aucun coordinateur joignable) appelle 1 personne" in plainevaux
    for page in (police, *ehein, plainevaux):
        assert "PLP · plan de secours" in page
        assert "imprimé par Anne · détruisez la feuille précédente" in page


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_the_registration_form_is_one_page(printed, language):
    words = registration_words(language, ZONE)
    qr, save = contact_qr(ZONE, ("+32470000901", "+32470000902")), KNOWN_NUMBER[language]["title"]
    (page,) = printed(paper("registration.html", language, ZONE, NIGHT, words=words, qr=qr, save=save))
    assert words["signature"] in page


@pytest.mark.parametrize("language", GUIDE_LANGUAGES)
@pytest.mark.parametrize("name", CARDS)
def test_a_card_of_the_guide_is_one_page(printed, name, language):
    (page,) = printed(card(name, language, ZONE, NIGHT))
    assert "101" in page
