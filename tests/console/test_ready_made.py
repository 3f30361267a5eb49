"""The admin keeps the ready-made alerts: list, change, add, delete, order, look at them filled in."""

import pytest

from db.alerts.templates import templates, wordings
from db.engine.connection import connected
from tests.console.conftest import words

FORM = {
    "title": "Coupure d'eau",
    "icon": "ripple",
    "kind": "alert",
    "field_name_0": "lieu",
    "field_label_0": "Où ?",
    "field_kind_0": "text",
    "field_name_1": "cause",
    "field_label_1": "Pourquoi ?",
    "field_kind_1": "choice",
    "field_choices_1": "fuite | lek | Leck | leak\r\n\r\ngel |  | Frost",
    "field_name_2": "fin",
    "field_label_2": "Jusqu'à ?",
    "field_kind_2": "time",
    "field_optional_2": "yes",
    "text_fr": "Plus d'eau {lieu}: {cause}.[ Retour à {fin}.]",
    "text_nl": "Geen water {lieu}: {cause}.[ Terug om {fin}.]",
}


def kept():
    with connected():
        return templates()


def newest():
    return kept()[-1]


def test_every_template_is_listed_with_what_it_lacks(admin):
    page = admin.get("/ready-made")
    for card in kept():
        assert card.title in words(page)
    assert "manque" not in words(page)
    admin.post("/ready-made/add", FORM)
    assert "texte manquant : DE, EN" in words(admin.get("/ready-made"))


def test_one_is_added_with_its_fields_and_each_language(admin):
    assert admin.post("/ready-made/add", FORM).status_code == 303
    card = newest()
    assert (card.title, card.icon, card.kind) == ("Coupure d'eau", "ripple", "alert")
    assert [(each.name, each.kind, each.optional) for each in card.fields] == [
        ("lieu", "text", False),
        ("cause", "choice", False),
        ("fin", "time", True),
    ]
    assert card.fields[1].choices[1].words == (("fr", "gel"), ("de", "Frost"))
    assert set(card.texts) == {"fr", "nl"}
    assert "modèle d'alerte enregistré : n°" in words(admin.get("/journal"))


def test_what_is_shown_for_change_is_saved_unchanged(admin):
    admin.post("/ready-made/add", FORM)
    before = newest()
    page = admin.get(f"/ready-made/{before.id}")
    assert "gel |  | Frost | \n" in page.text
    shown = {**FORM, "field_choices_1": "fuite | lek | Leck | leak\ngel |  | Frost | "}
    assert admin.post(f"/ready-made/{before.id}", shown).status_code == 303
    assert newest() == before


def test_a_preview_is_filled_in_counted_and_keeps_nothing(admin):
    before = kept()
    page = admin.post("/ready-made/add", {**FORM, "text_de": "Kein Wasser ê", "do": "preview"})
    assert "Police Seraing/Neupré: Plus d'eau rue de la Station 12: fuite. Retour à 21h40. Urgence: 101" in words(page)
    assert "Politie Seraing/Neupré: Geen water rue de la Station 12: lek. Terug om 21:40. Noodgeval: 101" in words(page)
    assert "caractères spéciaux : ê" in words(page)
    assert kept() == before


def test_what_is_unsound_is_refused_with_everything_kept(admin):
    page = admin.post("/ready-made/add", {**FORM, "text_nl": "{plaats}"})
    assert page.status_code == 400
    assert "Le texte (nl) cite {plaats}, qui n'est pas un champ. Champs : lieu, cause, fin." in words(page)
    assert FORM["title"] in kept_words(page)
    assert newest().title != FORM["title"]


def kept_words(page):
    return page.text.replace("&#39;", "'")


def test_one_is_deleted_and_its_page_says_what_that_means(admin):
    card = kept()[0]
    assert "disparaît de l'accueil" in words(admin.get(f"/ready-made/{card.id}"))
    assert admin.post(f"/ready-made/{card.id}/delete").status_code == 303
    assert card.id not in [each.id for each in kept()]
    assert admin.get(f"/ready-made/{card.id}").status_code == 404
    assert admin.post(f"/ready-made/{card.id}/delete").status_code == 404


def test_tiles_change_places(admin):
    first, second = kept()[:2]
    admin.post(f"/ready-made/{first.id}/move", {"do": "down"})
    assert [each.id for each in kept()[:2]] == [second.id, first.id]
    admin.post(f"/ready-made/{first.id}/move", {"do": "up"})
    assert [each.id for each in kept()[:2]] == [first.id, second.id]


def test_the_words_of_every_alert_are_kept(admin):
    form = {"prefix_fr": "Police X:", "closing_fr": "Urgence: 101", "prefix_nl": "Politie X:", "required_nl": "yes"}
    assert admin.post("/ready-made/words", form).status_code == 303
    with connected():
        found = wordings()
    assert (found["fr"].prefix, found["nl"].prefix, found["de"].prefix) == ("Police X:", "Politie X:", "")
    assert (found["nl"].required, found["de"].required) == (True, False)
    assert "début et fin des alertes enregistrés" in words(admin.get("/journal"))


@pytest.mark.parametrize("role", ["officer", "technician", "coordinator"])
def test_nobody_else_keeps_them(sign_in, role):
    assert sign_in(role).get("/ready-made").status_code == 403
