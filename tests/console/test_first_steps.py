"""What a new box lacks is told on the first page, each with its link, and never « Prêt » without members."""

from dataclasses import replace

import pytest

from db.engine.connection import connected
from db.operations.runs import backup_run, claim_run, mark_run_done, mark_run_failed
from db.settings.values import BackupSettings
from plp.rules.sentences import coded
from tests.console.conftest import words
from tests.support.people import person


def test_a_new_box_lists_what_it_lacks_each_with_a_link(sign_in):
    page = sign_in("admin").get("/")
    told = words(page)
    for what in (
        "un administrateur",
        "un modem",
        "un SMS",
        "des membres",
        "une sauvegarde",
    ):
        assert f"Mise en service : {what}" in told
    for address in ("/account", "/modems/", "/members", "/first-steps"):
        assert f'href="{address}"' in page.text


def test_an_officer_is_not_asked_for_what_they_may_not_do(sign_in):
    assert "Mise en service" not in words(sign_in("officer").get("/"))


def test_what_is_done_is_not_asked_for_again(sign_in, ready_modem, now):
    admin = sign_in("admin")
    with connected():
        person(1, now)
    ready_modem()
    told = words(admin.get("/"))
    assert "des membres à alerter" not in told
    assert "un modem prêt" not in told


@pytest.mark.parametrize("role", ["officer", "technician", "admin", "coordinator"])
def test_a_modem_without_members_is_not_ready(sign_in, ready_modem, role, now):
    ready_modem()
    client = sign_in(role)
    page = words(client.get("/"))
    assert "Pas encore prêt : aucun membre à alerter." in page
    assert "Prêt : 1 modem" not in page
    with connected():
        person(1, now)
    assert "Prêt : 1 modem." in words(client.get("/"))


def test_the_page_says_when_the_last_backup_was_and_why_one_failed(sign_in, app, settings, now):
    admin = sign_in("admin")
    assert "Aucune sauvegarde : une panne de disque ferait tout perdre." in words(admin.get("/first-steps"))
    kept = replace(settings, backup=BackupSettings("age1…", "/media/backup"))
    app.config["PLP_SETTINGS"] = kept
    assert "Aucune sauvegarde effectuée." in words(admin.get("/first-steps"))
    with connected():
        claim_run(backup_run(kept), "2026-11-24", "box", now)
        mark_run_done(backup_run(kept), "2026-11-24", "plp-box.age", now)
        claim_run(backup_run(kept), "2026-11-25", "box", now)
        mark_run_failed(backup_run(kept), "2026-11-25", coded("backup_server", why="away").stored)
    told = words(admin.get("/first-steps"))
    assert "Dernière sauvegarde : 24 nov. 2026, 21:40" in told
    assert "PostgreSQL : away." in told
