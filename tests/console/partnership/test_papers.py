"""Charter, rules, minutes and terms: kept, shown, reminded of and forgotten; no figure of few people."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask_babel import force_locale
from fpdf import FPDF
from pypdfium2 import PdfDocument

from base.settings.values import RetentionSettings
from console.partnership.statistics import kind_words
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.partnership import Mandate, Paper
from db.operations.dossier import dossier
from db.partnership.papers import papers, papers_due, terms
from plp.jobs.morning_mail import reminders
from plp.jobs.retention import forget_nightly
from plp.services.forgetting import forget_member
from plp.services.partnership import TermDraft, save_term
from rules.partnership import FEW, OF_PEOPLE, guarded
from tests.console.conftest import words
from tests.support.bulletins import coordinator

CHARTER = {"kind": "charter", "day": "2024-03-01", "valid_until": "2024-12-31", "people": "Bourgmestre, chef de corps"}


def pdf():
    made = FPDF()
    made.add_page()
    made.set_author("Anne")
    return bytes(made.output())


@pytest.fixture
def elsewhere(app):
    with connected():
        return coordinator(1, utc_now(), "Plainevaux")


def test_a_charter_is_kept_with_its_file_and_reminds_of_its_end(officer, elsewhere):
    answer = officer.post("/partnership", CHARTER | {"file": (io.BytesIO(pdf()), "charte.pdf")})
    assert answer.status_code == 303
    page = officer.get("/partnership")
    assert "Charte (toute la zone) : valable jusqu'au 31 décembre 2024." in words(page)
    assert "Bourgmestre, chef de corps" in words(page)
    assert "01/03/2024 31/12/2024" in words(page)
    assert "Charte (toute la zone)" in words(officer.get("/"))
    with connected():
        (card,) = papers()
        assert any("1 document ou mandat à vérifier" in line for line in reminders(utc_now()))
    file = officer.get(f"/partnership/papers/{card.id}")
    assert file.mimetype == "application/pdf"
    assert b"Anne" not in file.data  # drawn again, as bulletins' files are
    assert officer.post(f"/partnership/papers/{card.id}/delete").status_code == 303
    assert officer.get(f"/partnership/papers/{card.id}").status_code == 404


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": "other"}, "Choisissez le type de document."),
        ({"day": ""}, "Indiquez la date."),
        ({"day": "31/13/2024"}, "n'est pas une date"),
        ({"day": "0001-01-01"}, "n'est pas une date"),
        ({"valid_until": "2023-01-01"}, "La fin de validité précède"),
        ({"neighbourhood": "99"}, "Ce quartier n'existe plus"),
        ({"file": (io.BytesIO(b"<script>"), "x.pdf")}, "n'est ni une image"),
    ],
)
def test_a_paper_that_cannot_be_kept_is_refused_with_a_sentence(officer, changes, sentence):
    answer = officer.post("/partnership", CHARTER | changes)
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert "Bourgmestre, chef de corps" in answer.text


def test_a_newer_charter_ends_the_reminder_of_the_older(officer):
    for values in (CHARTER, CHARTER | {"day": "2025-01-01", "valid_until": ""}):
        assert officer.post("/partnership", values).status_code == 303
    with connected():
        assert papers_due(utc_now()) == []


def test_a_term_is_written_down_and_outlives_the_person_without_their_name(officer, elsewhere):
    now = utc_now()
    term = {"member": elsewhere, "appointed_on": "2024-01-15", "checked_on": "", "ended_on": ""}
    assert officer.post("/partnership/terms", term).status_code == 303
    assert "Coordinateur sans contrôle de la police : Plainevaux." in words(officer.get("/partnership"))
    with connected():
        assert dossier(elsewhere).mandates == (("2024-01-15", "", ""),)
        (kept,) = terms()
        save_term(kept.id, TermDraft(None, "2024-01-15", "2024-01-20"), "anne", now)
        assert papers_due(now) == []
        soon = (now.date() + timedelta(days=30)).isoformat()
        save_term(kept.id, TermDraft(None, "2024-01-15", "2024-01-20", soon), "anne", now)
        assert [(due.what, due.place, due.day) for due in papers_due(now)] == [("ending", "Plainevaux", soon)]
        forget_member(elsewhere, "anne", now)
        (kept,) = terms()
        assert (kept.name, kept.appointed_on, kept.checked_on) == ("", "2024-01-15", "2024-01-20")
    assert "ancien coordinateur" in words(officer.get("/partnership"))


def test_old_minutes_and_terms_are_forgotten_after_their_time(officer, elsewhere, settings):
    for values in (CHARTER, {"kind": "minutes", "day": "2024-05-01"}, {"kind": "rules", "day": "2024-05-01"}):
        assert officer.post("/partnership", values).status_code == 303
    with connected():
        save_term(None, TermDraft(elsewhere, "2024-01-15", "", "2024-06-01"), "anne", utc_now())
        house = replace(settings, retention=RetentionSettings(papers_months=12))
        assert forget_nightly(house, datetime(2026, 6, 1, 4, tzinfo=UTC))
        assert ([row.kind for row in Paper.select()], Mandate.select().count()) == (["rules"], 0)


def test_the_account_prints_what_was_typed_in_four_languages(officer, elsewhere):
    year = utc_now().year
    officer.post("/partnership/plan", {"year": str(year), "text": "Deux réunions par an."})
    assert "Deux réunions par an." in officer.get(f"/partnership?year={year}").text
    sizes = {
        len(officer.get(f"/partnership/account/{year}.pdf?language={code}").data) for code in ("fr", "nl", "de", "en")
    }
    assert min(sizes) > 5_000
    assert officer.get(f"/partnership/account/{year + 1}.pdf").status_code == 404


def test_no_page_of_the_account_ends_with_a_heading(officer, elsewhere):
    year = utc_now().year
    for day in range(1, 9):
        officer.post("/partnership", {"kind": "minutes", "day": f"{year - 1}-05-{day:02}", "people": "Police"})
        account = PdfDocument(officer.get(f"/partnership/account/{year - 1}.pdf").data)
        for page in account:
            *_text, last, _foot = page.get_textpage().get_text_bounded().strip().splitlines()
            assert not re.match(r"\d\. ", last), last


def test_a_ready_made_kind_is_counted_in_the_readers_language(app):
    with app.test_request_context(), force_locale("nl"):
        assert kind_words("Cambriolage en cours") == "Inbraak bezig"
        assert kind_words("Vol de vélos") == "Vol de vélos"


def test_a_strategic_bulletin_begins_with_the_figures(officer, elsewhere):
    page = officer.get("/bulletins/new?category=strategic&year=2025")
    assert "Les chiffres de 2025 : toute la zone" in page.text
    assert "alertes par SMS : 0" in page.text


def test_no_figure_is_about_one_to_four_people():
    values = dict.fromkeys(("alerts", "share", *OF_PEOPLE), 4) | {"lost": 0, "gained": 5}
    assert guarded(values) == {**dict.fromkeys(values, FEW), "alerts": 4, "lost": 0, "gained": 5}
