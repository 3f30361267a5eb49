"""Ready-made alerts: a fresh database has them, and nothing unsound is kept."""

import dataclasses

import pytest

from base.settings.values import ZoneSettings
from db.alerts.templates import SEEDS, template, templates, wordings
from db.models.broadcasts import AlertTemplate, AlertWording
from db.models.zone import AuditEntry, Zone
from plp.services.machine import seed as zone_seed
from plp.services.texts import delete_template, move_template, save_template, save_wordings
from rules.orders.warning import Choice, Field, TemplateDraft, Wording, filled, framed, unfilled
from rules.refusals import Refusal

WHERE = Field("lieu", "Où ?")
WHEN = Field("heure", "Quand ?", "time", optional=True)
WHO = Field("qui", "Qui ?", "choice", choices=(Choice((("fr", "un enfant"), ("nl", "een kind"))),))
DRAFT = TemplateDraft(
    "Vol", "car", "alert", (WHERE, WHEN, WHO), {"fr": "Vol {lieu}[, {heure}], {qui}.", "nl": "{lieu}"}
)


def test_a_fresh_database_has_them_and_one_that_was_emptied_stays_empty(database, now):
    assert [card.title for card in templates()] == [seed.title for seed in SEEDS]
    assert all(card.missing == () for card in templates())
    assert wordings()["de"].prefix == "Polizei Seraing/Neupré:"
    for card in templates():
        delete_template(card.id, "test", now)
    zone_seed(ZoneSettings())
    assert templates() == []


def test_a_database_of_before_gets_them_with_its_own_name(database, now):
    AlertTemplate.delete().execute()
    AlertWording.delete().execute()
    zone_seed(ZoneSettings(name="Police locale Ailleurs"))
    assert len(templates()) == len(SEEDS)
    assert wordings()["fr"].prefix == "Police Seraing/Neupré:"


def test_a_name_with_a_letter_that_no_sms_has_begins_alerts_without_it(database, now):
    AlertWording.delete().execute()
    Zone.update(name="Zone de police Fleurus/Châtelet").execute()
    zone_seed(ZoneSettings())
    assert wordings()["fr"].prefix == "Police Fleurus/Chatelet:"


def test_a_template_is_kept_changed_and_deleted(database, now):
    number = save_template(None, DRAFT, "Ada", now)
    card = template(number)
    assert card is not None
    assert (card.title, card.fields, card.texts) == ("Vol", DRAFT.fields, DRAFT.texts)
    assert card.missing == ("de", "en")
    save_template(number, dataclasses.replace(DRAFT, title="Autre", fields=(), texts={"fr": "Rien."}), "Ada", now)
    assert template(number).texts == {"fr": "Rien."}
    delete_template(number, "Ada", now)
    delete_template(number, "Ada", now)
    assert template(number) is None
    with pytest.raises(Refusal, match="n'existe plus"):
        save_template(number, DRAFT, "Ada", now)
    deeds = [row.action for row in AuditEntry.select().where(AuditEntry.actor == "Ada").order_by(AuditEntry.id)]
    assert deeds == ["template_saved"] * 2 + ["template_deleted"] * 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": "  "}, "titre"),
        ({"title": "x" * 41}, "40 caractères"),
        ({"texts": {"fr": " "}}, "texte français"),
        ({"texts": {"fr": "{lieux}"}}, "lieux.*Champs : lieu, heure, qui"),
        ({"texts": {"fr": "{lieu} {"}}, "accolade"),
        ({"texts": {"fr": "[{lieu}"}}, "crochet"),
        ({"texts": {"fr": "{lieu} {heure}"}}, "facultatif"),
        ({"texts": {"fr": "x", "nl": "{0}"}}, "nl"),
        ({"texts": {"fr": "x" * 601}}, "600"),
        ({"fields": (WHERE, WHERE)}, "Deux champs"),
        ({"fields": (Field("Où", "x"),)}, "nom de champ"),
        ({"fields": (Field("lieu", ""),)}, "Indiquez l'intitulé du champ «"),
        ({"fields": (Field("qui", "Qui ?", "choice"),)}, "choix"),
        ({"fields": (Field("qui", "Qui ?", "choice", choices=(Choice((("fr", "{lieu}"),)),)),)}, "accolades"),
        ({"fields": tuple(Field(f"f{n}", "x") for n in range(7)), "texts": {"fr": "x"}}, "6 champs"),
    ],
)
def test_what_is_unsound_is_refused_in_words_and_nothing_is_kept(database, now, changes, sentence):
    before = templates()
    with pytest.raises(Refusal, match=sentence):
        save_template(None, dataclasses.replace(DRAFT, **changes), "test", now)
    assert templates() == before


def test_what_is_typed_opens_no_field_of_its_own():
    values = {"lieu": "{qui} [ici] {0} %s", "qui": "un enfant", "heure": "21:40"}
    assert filled(DRAFT.texts["fr"], DRAFT.fields, values, "fr") == "Vol qui ici 0 %s, 21h40, un enfant."


def test_what_is_left_empty_goes_away_or_is_named(database):
    assert filled("Vol {lieu}[, {heure}].", DRAFT.fields, {"lieu": "ici"}, "fr") == "Vol ici."
    labelled = (Field("genre", "Véhicule"), Field("lieu", "Lieu (rue, quartier)"))
    assert filled("{genre}: {lieu}", labelled, {}, "fr") == "(véhicule): (lieu)"
    assert filled("Vol {lieu}.", DRAFT.fields, {"lieu": "  "}, "fr") == "Vol (où ?)."
    assert unfilled(DRAFT.fields, {"qui": "x"}) == [WHERE]
    assert unfilled(DRAFT.fields, {"qui": "x", "lieu": "y"}) == []


def test_a_choice_speaks_each_language_and_an_invented_answer_is_none():
    fields = DRAFT.fields
    assert filled("{qui}", fields, {"qui": "un enfant"}, "nl") == "een kind"
    assert filled("{qui}", fields, {"qui": "un enfant"}, "de") == "un enfant"
    assert filled("{qui}", fields, {"qui": "un loup"}, "fr") == "(qui ?)"
    assert filled("{heure}", (Field("heure", "?", "time"),), {"heure": "21:40"}, "de") == "21:40"


def test_the_zone_s_words_stand_once():
    words = Wording("fr", "Police X:", "Urgence: 101", True)
    once = framed("Vol.", words)
    assert once == "Police X: Vol. Urgence: 101"
    assert framed(once, words) == once
    assert framed("Vol.", Wording("fr", "", "", True)) == "Vol."


def test_the_words_are_kept_per_language(database, now):
    save_wordings([Wording("nl", " Politie Y: ", "", False)], "Ada", now)
    kept = wordings()
    assert (kept["nl"].prefix, kept["nl"].closing, kept["nl"].required) == ("Politie Y:", "", False)
    assert kept["fr"].required
    with pytest.raises(Refusal, match="60"):
        save_wordings([Wording("nl", "x" * 61, "", True)], "Ada", now)


def test_tiles_are_moved_and_stay_in_the_row(database):
    ids = [card.id for card in templates()]
    move_template(ids[0], 1)
    assert [card.id for card in templates()][:3] == [ids[1], ids[0], ids[2]]
    move_template(ids[1], -1)
    move_template(99999, 1)
    assert [card.id for card in templates()][:2] == [ids[1], ids[0]]
