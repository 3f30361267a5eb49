"""Plan B as the admin finds it: when, and on paper, and who took it."""

import re
from dataclasses import replace

import pytest

from base.settings.values import PlanBSettings
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal.audit import entries
from db.models.zone import Modem
from db.operations.incidents import open_incident
from db.operations.plan_b import archive_folder
from db.operations.runs import claim_run, mark_run_done, run_of
from db.people.members.listing import neighbourhoods
from plp.services.forgetting import forget_member
from rules.numbers import shown
from rules.sentences import coded
from tests.console.alerts.scene import TEXT, modem_does, sent
from tests.console.conftest import words
from tests.support.people import mobile, person


@pytest.fixture
def people(app):
    now = utc_now()
    with connected():
        person(1, now, role="coordinator")
        person(2, now)
        person(3, now, sms=False)


@pytest.mark.usefixtures("people")
def test_the_sheets_are_handed_out_and_the_journal_knows(admin):
    page = words(admin.get("/plan-b"))
    assert "Aucun export : indiquez un mot de passe, [plan_b] password_file dans config.ini, puis tapez" in page
    assert "Plainevaux Prénom1 Nom001 1" in page
    assert (
        "Une personne n'a consenti ni aux SMS ni au groupe e-mail : elle ne figure ni sur les feuilles ni dans l'export"
        in page
    )
    with connected():
        (place,) = neighbourhoods()
    whole, police, sheet = (words(admin.get(f"/plan-b/{name}")) for name in ("sheets", "police", place.id))
    assert "la police commence ici" in whole
    assert "la police commence ici" in police
    assert (shown(mobile(1)) in police, shown(mobile(2)) in police) == (True, False)
    assert f"Prénom1 Nom001, coordinateur ({shown(mobile(1))}), appelle 1 personne :" in sheet.replace("\xa0", " ")
    for page in (whole, sheet):
        assert shown(mobile(2)) in page
        assert shown(mobile(3)) not in page
        assert "imprimé par Test admin" in page.replace("\xa0", " ")
    assert admin.get("/plan-b/99").status_code == 404
    with connected():
        taken = [entry for entry in entries() if entry.action == "plan_b_taken"]
    assert [entry.subject for entry in taken] == ["Plainevaux", "police", "Police locale Seraing/Neupré"]
    assert mobile(1)[-6:] not in words(admin.get("/journal"))
    assert "plan de secours téléchargé : Plainevaux" in words(admin.get("/journal"))


@pytest.mark.usefixtures("people")
def test_a_sheet_runs_nothing_loads_nothing_and_is_in_no_cache(admin):
    with connected():
        (place,) = neighbourhoods()
        person(4, utc_now(), last_name="<script>alert(1)</script>")
    answer = admin.get(f"/plan-b/{place.id}")
    assert answer.mimetype == "text/html"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "&lt;script&gt;" in answer.text
    assert not re.search(r"<script|<link|<img|https?:|url\(", answer.text)


@pytest.mark.usefixtures("people")
def test_who_is_erased_is_on_no_sheet(admin):
    with connected():
        gone = person(4, utc_now())
    assert shown(mobile(4)) in words(admin.get("/plan-b/sheets"))
    with connected():
        forget_member(gone, "test", utc_now())
    assert shown(mobile(4)) not in words(admin.get("/plan-b/sheets"))


def test_a_plan_that_cannot_be_made_is_said(admin, settings):
    why = coded("plan_b_missed", why="No space left on device").stored
    with connected():
        open_incident("plan_b", settings.host, why, utc_now())
    assert "L'export du plan de secours a échoué cette nuit : No space left on device" in words(admin.get("/plan-b"))


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


def test_an_empty_house_has_pages_too(admin):
    assert "Aucun quartier." in words(admin.get("/plan-b"))
    assert "personne à appeler" in words(admin.get("/plan-b/sheets"))


@pytest.mark.usefixtures("people")
def test_an_officer_finds_the_sheets_when_no_modem_sends_and_never_the_export(sign_in):
    officer = sign_in("officer")
    assert 'href="/plan-b"' in officer.get("/").text.split("<main")[1]
    page = officer.get("/plan-b")
    assert "Export de la nuit" not in words(page)
    assert officer.get("/plan-b/archive").status_code == 403
    assert shown(mobile(1)) in words(officer.get("/plan-b/police"))
    with connected():
        [entry] = [entry for entry in entries() if entry.action == "plan_b_taken"]
    assert (entry.subject, entry.actor) == ("police", "Test officer")


def test_with_a_modem_ready_the_first_page_speaks_of_sms_only(sign_in, ready_modem):
    ready_modem()
    ready = sign_in("officer").get("/").text
    assert 'href="/plan-b"' not in ready.split("<main")[1]
    assert ready.count('<li class="plp-menu-sub"><a href="/plan-b"') == 2, "in the menu, of the drawer and at the side"


def test_the_sheets_of_an_alert_have_its_text_and_only_those_whom_it_did_not_reach(sign_in, ready_modem):
    ready_modem()
    now = utc_now()
    with connected():
        for number in range(4):
            person(number, now, role="coordinator" if number == 1 else "member")
    officer = sign_in("officer")
    alert = sent(officer, typed=4)
    modem_does(["sent", "sent", "CMS 1"])
    sheet = words(officer.get(f"/plan-b/alert/{alert}"))
    assert f"« {TEXT} »" in sheet
    for number in (2, 3):
        assert shown(mobile(number)) in sheet, "refused, and waiting"
    assert shown(mobile(0)) not in sheet, "who has it is not called"
    assert shown(mobile(1)) in sheet, "the coordinator calls"
    assert "Feuilles d'appel de cette alerte" not in words(officer.get(f"/alerts/{alert}"))
    with connected():
        Modem.update(state="absent").execute()
    page = words(officer.get(f"/alerts/{alert}"))
    assert "Feuilles d'appel de cette alerte" in page
    assert f"Plainevaux (2) : Prénom1 Nom001 {shown(mobile(1))}" in page.replace("\xa0", " ")
    assert "Feuilles d'appel" not in words(sign_in("technician").get(f"/alerts/{alert}"))
    assert officer.get("/plan-b/alert/99").status_code == 404
