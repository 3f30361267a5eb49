"""Ready-made alerts of an older box: what it left alone is put anew, what it wrote or deleted stays so."""

import json
import runpy

import pytest

from db.alerts.templates.kept import Field, TemplateDraft, delete_template, require_fillable, save_template, templates
from db.alerts.templates.seeds import SEEDS
from db.engine import schema
from db.models.broadcasts import AlertTemplate, AlertTemplateText, AlertWording


class NoColumns:
    """The column is there already."""

    def add_column(self, *_column):
        return None

    def migrate(self, *_steps):
        return None


def upgrade():
    runpy.run_path(str(schema.MIGRATIONS / "0041_ready_made.py"))["up"](NoColumns(), AlertTemplate._meta.database.obj)


def old(title, now, changed_by="plp", text="Vol {lieu}."):
    """One of the first ten, as a box had it."""
    last = AlertTemplate.select().count()
    fields = json.dumps([{"name": "lieu", "label": "Où ?", "kind": "text", "optional": False, "choices": []}])
    row = AlertTemplate.create(
        title=title, icon="car", position=last, fields=fields, changed_by=changed_by, changed_at=now
    )
    AlertTemplateText.create(template=row, language="fr", body=text)
    return row.id


@pytest.fixture
def box(database, now):
    """A box of before, with three of the first ten alerts: one that an admin wrote, and seven deleted."""
    AlertTemplate.delete().execute()
    return old("Cambriolage en cours", now), old("C'est fini", now), old("Inondation", now, "Ada", "Eau {lieu}!")


def test_what_was_left_alone_is_put_anew_and_the_new_ones_follow(box):
    upgrade()
    burglary, end, flood = templates()[:3]
    assert [burglary.id, end.id, flood.id] == list(box)
    assert (end.title, end.texts["de"]) == (
        "Fin d'alerte",
        "Die Lage ist wieder normal: {lieu}, {heure}. Danke für Ihre Hilfe.",
    )
    assert (flood.texts, flood.fields[0].label) == ({"fr": "Eau {lieu}!"}, "Où ?")
    new = [card.title for card in templates()[3:]]
    assert new[0] == "Vol avec violence"
    assert len(new) == len(SEEDS) - 10
    assert not {"Véhicule suspect", "Exercice d'alerte"} & set(new)


def test_each_is_as_a_fresh_box_has_it(box):
    upgrade()
    fresh = {seed.title: (seed.icon, seed.kind, seed.fields, seed.texts) for seed in SEEDS}
    for card in templates():
        for language, text in card.texts.items():
            require_fillable(text, card.fields, language)
        if card.title != "Inondation":
            assert (card.icon, card.kind, card.fields, card.texts) == fresh[card.title]


def test_done_twice_it_adds_nothing(box):
    upgrade()
    there = len(templates())
    upgrade()
    assert len(templates()) == there


def test_an_alert_that_a_box_calls_the_same_stays_its_own(box, now):
    own = TemplateDraft("Fuite de gaz", "flame", "alert", (Field("lieu", "Où"),), {"fr": "Gaz {lieu}."})
    number = save_template(None, own, "Ada", now)
    upgrade()
    assert [(card.id, card.texts) for card in templates() if card.title == own.title] == [(number, own.texts)]


def test_a_database_that_never_had_any_gets_them_at_its_first_start(database, now):
    for card in templates():
        delete_template(card.id, "test", now)
    AlertWording.delete().execute()
    upgrade()
    assert templates() == []
