"""The page of the disk and of the backups: what takes room, until when, what is kept, tried and handed out."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from base.settings.values import BackupSettings
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal import audit
from db.models.incidents import DiskDay
from db.operations.machine import behind, note_time
from db.operations.runs import claim_run, mark_run_done, mark_run_failed, requested_trial, run_of
from plp.services.backup.places import kept_backups
from plp.services.forgetting import forget_member
from rules.sentences import coded
from tests.console.conftest import words
from tests.support.people import person

GB = 1024**3


@pytest.fixture
def house(app, settings):
    """A box whose backups go to a folder beside the database."""
    kept = replace(settings, backup=BackupSettings("age1…", str(settings.folder / "kept"), same_disk=True))
    app.config["PLP_SETTINGS"] = kept
    return kept


@pytest.fixture
def made(house):
    """Write a backup of so many days ago into the journal; returns its name."""

    def made(days_ago, **detail):
        at = utc_now() - timedelta(days=days_ago)
        name = f"plp-{house.host}-{at:%Y-%m-%d-%H%M%S}.age"
        with connected():
            audit.record(at, "plp", "backup_made", name, **{"bytes": 3 * 1024**2, "left_out": ""} | detail)
        return name

    return made


def measured(house, free_each_day):
    with connected():
        for number, free in enumerate(reversed(free_each_day)):
            at = utc_now() - timedelta(days=number)
            taken = json.dumps({"database": GB, "logs": 300 * 1024**2})
            DiskDay.create(
                host=house.host, day=f"{at:%Y-%m-%d}", measured_at=at, total_bytes=32 * GB, free_bytes=int(free * GB),
                taken=taken,
            )  # fmt: skip


def test_the_page_says_what_takes_room_and_until_when(sign_in, house):
    technician = sign_in("technician")
    assert "Disque pas encore mesuré" in words(technician.get("/upkeep"))
    measured(house, [12.5])
    told = words(technician.get("/upkeep")).replace("\xa0", " ")
    assert "12,5 Go libres sur 32 Go." in told
    assert "Base de données 1 Go Journaux du système 300 Mo" in told
    assert "pas encore assez de mesures (1 jours sur 7)" in told


@pytest.mark.tuesday
def test_the_page_says_when_the_last_backup_was_and_why_one_failed(sign_in, app, house, settings, now):
    admin = sign_in("admin")
    app.config["PLP_SETTINGS"] = settings
    assert "Aucune sauvegarde : une panne de disque ferait tout perdre." in words(admin.get("/upkeep"))
    app.config["PLP_SETTINGS"] = house
    assert "Aucune sauvegarde effectuée." in words(admin.get("/upkeep"))
    with connected():
        claim_run(run_of("backup", house), "2026-11-24", "box", now)
        mark_run_done(run_of("backup", house), "2026-11-24", "plp-box.age", now)
        claim_run(run_of("backup", house), "2026-11-25", "box", now)
        mark_run_failed(run_of("backup", house), "2026-11-25", coded("backup_server", why="away").stored)
    told = words(admin.get("/upkeep"))
    assert "Dernière sauvegarde : 24 nov. 2026, 21:40" in told
    assert "PostgreSQL : away." in told


def test_what_is_kept_is_listed_with_what_it_lacks_and_how_it_is_put_back(sign_in, house, made):
    gone, older, newest = made(60), made(1, left_out="secret.key"), made(0)
    page = words(sign_in("admin").get("/upkeep"))
    assert "3 Mo secret.key pas encore" in page.replace("\xa0", " ")
    assert f"sudo plp restore {newest} --yes" in page
    assert older in page
    assert gone not in page
    assert "les envois bloqués y figurent" in page


def test_a_trial_is_asked_of_the_jobs_once_and_its_outcome_is_shown(sign_in, house, made, now):
    name = made(0)
    technician = sign_in("technician")
    technician.post(f"/upkeep/backups/{name}/trial", page="/upkeep")
    page = technician.get("/upkeep")
    assert "en cours" in words(page)
    assert f"/upkeep/backups/{name}/trial" not in page.text
    with connected():
        assert requested_trial(house) == name
        mark_run_done(run_of("backup_trial", house), name, "failed", now)
        assert requested_trial(house) is None
    assert "échoué" in words(technician.get("/upkeep"))
    with connected():
        assert [card.trial for card in kept_backups(house, utc_now())] == ["failed"]
    assert technician.post("/upkeep/backups/plp-x.age/trial").status_code == 404


def test_an_admin_takes_a_backup_out_and_the_journal_says_so(sign_in, house, made):
    name, gone = made(0), made(1)
    (house.folder / "kept").mkdir()
    (house.folder / "kept" / name).write_bytes(b"age-encryption.org/v1\n")
    (house.folder / "kept" / "holiday.jpg").write_bytes(b"x")
    admin = sign_in("admin")
    answer = admin.get(f"/upkeep/backups/{name}")
    assert answer.data == b"age-encryption.org/v1\n"
    answer.close()
    assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
    with connected():
        assert audit.newest("backup_handed_out").subject == name
    for other in (gone, "holiday.jpg", "..%2Fplp.db"):
        assert admin.get(f"/upkeep/backups/{other}").data != b"x"
    assert f"La sauvegarde {gone} n'est plus dans le dossier des sauvegardes." in words(
        admin.get(f"/upkeep/backups/{gone}", follow_redirects=True)
    )


def test_backups_on_another_machine_are_taken_there(sign_in, app, house, made):
    name = made(0)
    app.config["PLP_SETTINGS"] = replace(house, backup=replace(house.backup, to="sftp://plp@far.example/backups"))
    told = words(sign_in("admin").get(f"/upkeep/backups/{name}", follow_redirects=True))
    assert "Les sauvegardes se trouvent sur un autre serveur (sftp://plp@far.example/backups)" in told


def test_a_person_may_say_that_the_clock_is_right(sign_in, house):
    technician = sign_in("technician")
    assert "Confirmer l'heure affichée" not in words(technician.get("/upkeep"))
    with connected():
        note_time(utc_now() + timedelta(days=3))
    assert "Confirmer l'heure affichée" in words(technician.get("/upkeep"))
    technician.post("/upkeep/clock", page="/upkeep")
    with connected():
        assert behind(utc_now()) is None
    assert "Horloge" not in words(technician.get("/upkeep"))


def test_backups_are_listed_whoever_was_forgotten_since(sign_in, house, made, now):
    name = made(1)
    with connected():
        forget_member(person(40, now, first_name='":', last_name='"'), "anne", now)
    assert name in words(sign_in("technician").get("/upkeep"))
