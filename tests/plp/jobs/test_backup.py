"""Each night a backup, each month a trial of one, and people are told when there was none for 36 hours."""

import sys
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from db.journal import audit
from db.operations.backup.places import ask_trial, kept_backups
from db.operations.incidents import open_incidents
from db.operations.runs import last_run, run_of
from db.settings.values import BackupSettings
from plp.jobs import backup as module
from plp.jobs.alarms.trouble import AT_ONCE
from plp.jobs.alarms.trouble import findings as found
from plp.jobs.backup import back_up_nightly, keep_forgotten, try_asked, try_monthly
from plp.services.backup.making import LATE
from plp.services.forgetting import forget_member
from tests.support.backups import house_with_backups
from tests.support.people import person

pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("database")]

NIGHT = datetime(2026, 11, 24, 2, 31, tzinfo=ZoneInfo("Europe/Brussels"))


@pytest.fixture
def house(database):
    return house_with_backups(database.parent)


def late(house, now):
    return [(each.lasting, str(each.sentence)) for each in found(house, now) if each.kind == "backup"]


def test_once_a_night_from_its_hour_on(house):
    assert not back_up_nightly(house, NIGHT - timedelta(minutes=2))
    assert back_up_nightly(house, NIGHT)
    assert not back_up_nightly(house, NIGHT + timedelta(hours=1))
    assert back_up_nightly(house, NIGHT + timedelta(days=1))
    kept = sorted(path.name for path in (house.folder / "kept").iterdir())
    assert kept == ["forgotten.list", "plp-box-2026-11-24-023100.age", "plp-box-2026-11-25-023100.age"]
    assert audit.newest("backup_made").subject == last_run(run_of("backup", house)).outcome == kept[-1]


def test_none_for_36_hours_is_told_with_the_reason(house):
    back_up_nightly(house, NIGHT)
    assert late(house, NIGHT + LATE) == []
    unplugged = replace(house, backup=replace(house.backup, same_disk=False))
    assert not back_up_nightly(unplugged, NIGHT + timedelta(days=1))
    ((lasting, told),) = late(unplugged, NIGHT + LATE + timedelta(minutes=1))
    assert lasting == AT_ONCE
    assert told.startswith("Aucune sauvegarde n'a réussi depuis 36 heures : ")
    assert "n'est pas branchée" in told
    assert back_up_nightly(house, NIGHT + timedelta(days=1, minutes=31))  # the stick is back: the same night again
    assert late(house, NIGHT + LATE + timedelta(minutes=1)) == []


def test_a_box_that_never_made_one_has_36_hours_too(house):
    assert late(house, NIGHT) == [(LATE, "Aucune sauvegarde n'a réussi depuis 36 heures : aucun essai n'a été fait")]
    assert late(replace(house, backup=BackupSettings()), NIGHT) == []


def test_a_stick_that_is_full_of_other_things_keeps_them(house):
    (house.folder / "kept").mkdir()
    (house.folder / "kept/holiday.jpg").write_bytes(b"x")
    for day in range(14, 24):
        (house.folder / f"kept/plp-box-2026-11-{day}-023100.age").touch()
    back_up_nightly(house, NIGHT)
    days = {int(path.name[16:18]) for path in (house.folder / "kept").glob("plp-*")}
    assert days == {*range(18, 25), 15}  # the 15th was a Sunday
    assert (house.folder / "kept/holiday.jpg").exists()


def test_once_a_month_one_is_tried_in_a_process_of_its_own(house, monkeypatch):
    asked = []

    class Done:
        returncode, stderr = 1, "plp-box ne peut pas être ouvert\n"

    monkeypatch.setattr(module.subprocess, "run", lambda command, **_: asked.append(command) or Done)
    assert not try_monthly(house, NIGHT)  # there is none yet
    back_up_nightly(house, NIGHT)
    assert not try_monthly(house, NIGHT)
    name = last_run(run_of("backup", house)).outcome
    assert asked == [[sys.executable, "-m", "plp", "--config", str(house.path), "restore", name]]
    ((kind, told),) = [(each.kind, each.sentence) for each in open_incidents()]
    assert kind == "backup_drill"
    assert f"« plp restore {name} »" in told
    Done.returncode = 0
    assert not try_monthly(house, NIGHT + timedelta(minutes=20))
    assert try_monthly(house, NIGHT + timedelta(minutes=31))
    assert last_run(run_of("backup_drill", house)).outcome == name
    assert open_incidents() == []
    assert not try_monthly(house, NIGHT + timedelta(days=3))
    assert try_monthly(house, NIGHT + timedelta(days=8))  # December


def test_one_that_somebody_asks_to_try_is_tried_once(house, monkeypatch):
    class Done:
        returncode, stderr = 1, "damaged"

    asked = []
    monkeypatch.setattr(module.subprocess, "run", lambda command, **_: asked.append(command[-1]) or Done)
    assert not try_asked(house, NIGHT)
    back_up_nightly(house, NIGHT)
    (card,) = kept_backups(house, NIGHT)
    for returncode, trial, incidents in ((1, "failed", ["backup_drill"]), (0, "held", [])):
        Done.returncode = returncode
        ask_trial(house, card.name, "jan", NIGHT)
        assert kept_backups(house, NIGHT)[0].trial == "waiting"
        assert try_asked(house, NIGHT + timedelta(minutes=1))
        assert not try_asked(house, NIGHT + timedelta(minutes=2))
        assert kept_backups(house, NIGHT)[0].trial == trial
        assert [each.kind for each in open_incidents()] == incidents
    assert asked == [card.name] * 2


def test_the_list_of_who_was_forgotten_follows_the_database(house, now):
    listed = house.folder / "forgotten.list"
    keep_forgotten(house, now)
    assert not listed.exists()
    forget_member(person(1, now, email="odile@example.org"), "test", now)
    keep_forgotten(house, now)
    assert len(listed.read_text().splitlines()) == 3  # number, address, row
    assert "odile" not in listed.read_text()
