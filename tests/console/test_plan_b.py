"""Plan B as the admin finds it: when, and on paper, and who took it."""

from dataclasses import replace

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal.audit import entries
from db.operations.incidents import open_incident
from db.operations.plan_b import archive_folder
from db.operations.runs import claim_run, mark_run_done, run_of
from db.people.members.listing import neighbourhoods
from db.settings.values import PlanBSettings
from plp.jobs.plan_b.sheets import keep_sheets
from rules.sentences import coded
from tests.console.conftest import words
from tests.support.people import mobile, person


@pytest.fixture
def people(app, settings):
    now = utc_now()
    with connected():
        person(1, now, role="coordinator")
        person(2, now)
        person(3, now, sms=False)
        keep_sheets(settings, now)


@pytest.mark.usefixtures("people")
def test_the_sheets_are_handed_out_and_the_journal_knows(admin):
    page = words(admin.get("/plan-b"))
    assert "Aucun export : indiquez un mot de passe, [plan_b] password_file dans config.ini, puis redémarrez" in page
    assert "Plainevaux Prénom1 Nom001 1" in page
    assert (
        "Une personne n'a consenti ni aux SMS ni au groupe e-mail : elle ne figure ni sur les feuilles ni dans l'export"
        in page
    )
    assert "Feuilles à jour au" in page
    with connected():
        (place,) = neighbourhoods()
    for path in ("/plan-b/police.pdf", f"/plan-b/{place.id}.pdf"):
        answer = admin.get(path, buffered=True)
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        assert answer.data.startswith(b"%PDF")
        assert (answer.headers["Cache-Control"], answer.headers["Content-Disposition"]) == ("no-store", "inline")
    assert admin.get("/plan-b/99.pdf").status_code == 404
    with connected():
        taken = [entry for entry in entries() if entry.action == "plan_b_taken"]
    assert [entry.subject for entry in taken] == ["Plainevaux", "police"]
    assert mobile(1)[-6:] not in words(admin.get("/journal"))
    assert "plan de secours téléchargé : Plainevaux" in words(admin.get("/journal"))


def test_a_sheet_that_is_not_drawn_yet_is_no_link(admin):
    with connected():
        person(1, utc_now())
        (place,) = neighbourhoods()
    page = admin.get("/plan-b")
    assert "Les feuilles sont en préparation" in words(page)
    assert "Plainevaux en préparation" in words(page)
    assert ".pdf" not in page.text
    for path in ("/plan-b/police.pdf", f"/plan-b/{place.id}.pdf"):
        assert admin.get(path).status_code == 404
    with connected():
        assert "plan_b_taken" not in {entry.action for entry in entries()}


def test_sheets_that_cannot_be_drawn_are_said_and_not_promised(admin, settings):
    why = coded("plan_b_sheets_missed", why="No space left on device").stored
    with connected():
        person(1, utc_now())
        open_incident("plan_b", f"{settings.host}/sheets", why, utc_now())
    page = words(admin.get("/plan-b"))
    assert "ne sont plus à jour, ou manquent : No space left on device" in page
    assert "en préparation" not in page


def test_the_last_export_can_be_taken_out(app, admin, settings):
    app.config["PLP_SETTINGS"] = configured = replace(settings, plan_b=PlanBSettings(settings.folder / "secret"))
    assert "Aucun export effectué. Prochain export cette nuit à 03:30." in words(admin.get("/plan-b"))
    assert admin.get("/plan-b/archive").status_code == 404
    folder = archive_folder(configured)
    folder.mkdir(parents=True)
    for name in ("plan-b-2026-11-23-0330.zip", "plan-b-2026-11-24-0330.zip"):
        (folder / name).write_bytes(name.encode())
    with connected():
        claim_run(run_of("plan_b", configured), "2026-11-24", configured.host, utc_now())
        mark_run_done(run_of("plan_b", configured), "2026-11-24", name, utc_now())
    page = admin.get("/plan-b")
    assert "Export du" in words(page)
    assert 'href="/plan-b/archive"' in page.text
    answer = admin.get("/plan-b/archive")
    assert answer.data == b"plan-b-2026-11-24-0330.zip"
    assert "plan-b-2026-11-24-0330.zip" in answer.headers["Content-Disposition"]
    answer.close()


def test_an_empty_house_has_a_page_too(admin):
    assert "Aucun quartier." in words(admin.get("/plan-b"))


@pytest.mark.usefixtures("people")
def test_an_officer_finds_the_sheets_when_no_modem_sends_and_never_the_export(sign_in):
    officer = sign_in("officer")
    assert 'href="/plan-b"' in officer.get("/").text.split("<main")[1]
    page = officer.get("/plan-b")
    assert "Export de la nuit" not in words(page)
    assert officer.get("/plan-b/archive").status_code == 403
    assert officer.get("/plan-b/police.pdf", buffered=True).data.startswith(b"%PDF")
    with connected():
        [entry] = [entry for entry in entries() if entry.action == "plan_b_taken"]
    assert (entry.subject, entry.actor) == ("police", "Test officer")


def test_with_a_modem_ready_the_first_page_speaks_of_sms_only(sign_in, ready_modem):
    ready_modem()
    assert 'href="/plan-b"' not in sign_in("officer").get("/").text.split("<main")[1]
