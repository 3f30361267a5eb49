"""Each night a backup, each month a trial of one, and people are told when there was none for 36 hours."""

import sys
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from base.settings.values import BackupSettings
from db.journal import audit
from db.models.broadcasts import Broadcast
from db.operations.incidents import open_incidents
from db.operations.runs import last_run, run_of
from plp.jobs import backup as module
from plp.jobs.alarms.trouble import AT_ONCE
from plp.jobs.alarms.trouble import findings as found
from plp.jobs.backup import back_up_when_due, keep_forgotten, try_monthly, try_requested
from plp.services.backup.archive import back_up, request_trial
from plp.services.backup.places import kept_backups
from plp.services.forgetting import forget_member
from plp.services.machine import LATE, LATE_HOURLY
from rules.states import LANE_URGENT, Stage
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
    assert not back_up_when_due(house, NIGHT - timedelta(minutes=2))
    assert back_up_when_due(house, NIGHT)
    assert not back_up_when_due(house, NIGHT + timedelta(hours=1))
    assert back_up_when_due(house, NIGHT + timedelta(days=1))
    kept = sorted(path.name for path in (house.folder / "kept").iterdir())
    assert kept == ["forgotten.list", "plp-box-2026-11-24-023100.age", "plp-box-2026-11-25-023100.age"]
    assert audit.newest("backup_made").subject == last_run(run_of("backup", house)).outcome == kept[-1]


def copies(house):
    return sorted(path.name[8:-4] for path in (house.folder / "kept").glob("plp-*"))


def test_where_it_is_asked_for_one_an_hour_and_one_when_an_alert_is_ordered_and_over(house):
    hourly = replace(house, backup=replace(house.backup, hourly=True))
    noon, made = NIGHT.replace(hour=12, minute=10), []

    def looked(minutes):
        """Whether a look made one, and its moment."""
        at = noon + timedelta(minutes=minutes)
        was_made = back_up_when_due(hourly, at)
        made.extend([minutes] if was_made else [])

    back_up_when_due(hourly, noon)  # the night's, which was missed
    for minutes in (1, 2, 49, 50, 51):
        looked(minutes)
    assert made == [1, 50]
    number = alert(noon + timedelta(minutes=52))
    for minutes in (52, 53):
        looked(minutes)
    Broadcast.update(stage=Stage.FINISHED).where(Broadcast.id == number).execute()
    for minutes in (54, 55):
        looked(minutes)
    assert made == [1, 50, 52, 54]
    assert copies(house) == [f"2026-11-24-13{minute}00" for minute in ("00", "02", "04")], "the day's last three stay"


def alert(now):
    """An alert that is on its way."""
    return Broadcast.create(
        kind="alert", lane=LANE_URGENT, stage=Stage.QUEUED, audience="{}", fingerprint="", ordered_by="jan",
        created_at=now, deadline_at=now + timedelta(hours=4),
    ).id  # fmt: skip


def test_where_there_is_one_an_hour_three_hours_without_are_told(house):
    hourly = replace(house, backup=replace(house.backup, hourly=True))
    back_up_when_due(hourly, NIGHT)
    assert late(hourly, NIGHT + LATE_HOURLY) == []
    ((_lasting, told),) = late(hourly, NIGHT + LATE_HOURLY + timedelta(minutes=1))
    assert "depuis 3 heures" in told


def test_none_for_36_hours_is_told_with_the_reason(house):
    back_up_when_due(house, NIGHT)
    assert late(house, NIGHT + LATE) == []
    unplugged = replace(house, backup=replace(house.backup, same_disk=False))
    assert not back_up_when_due(unplugged, NIGHT + timedelta(days=1))
    ((lasting, told),) = late(unplugged, NIGHT + LATE + timedelta(minutes=1))
    assert lasting == AT_ONCE
    assert told.startswith("Aucune sauvegarde n'a réussi depuis 36 heures : ")
    assert "n'est pas branchée" in told
    assert back_up_when_due(house, NIGHT + timedelta(days=1, minutes=31))  # the stick is back: the same night again
    assert late(house, NIGHT + LATE + timedelta(minutes=1)) == []


def test_a_box_that_never_made_one_has_36_hours_too(house):
    assert late(house, NIGHT) == [(LATE, "Aucune sauvegarde n'a réussi depuis 36 heures : aucun essai n'a été fait")]
    assert late(replace(house, backup=BackupSettings()), NIGHT) == []


def test_a_stick_that_is_full_of_other_things_keeps_them(house):
    (house.folder / "kept").mkdir()
    (house.folder / "kept/holiday.jpg").write_bytes(b"x")
    for day in range(14, 24):
        (house.folder / f"kept/plp-box-2026-11-{day}-023100.age").touch()
    back_up_when_due(house, NIGHT)
    days = {int(path.name[16:18]) for path in (house.folder / "kept").glob("plp-*")}
    assert days == {*range(18, 25), 15}  # the 15th was a Sunday
    assert (house.folder / "kept/holiday.jpg").exists()


def test_one_whose_place_a_newer_one_takes_while_it_is_tried_is_no_incident(house, monkeypatch):
    class Gone:
        returncode, stderr = 1, "cette sauvegarde n'existe pas\n"

    def run(*_args, **_options):
        back_up(house, "anne", NIGHT + timedelta(seconds=1))
        return Gone

    back_up_when_due(house, NIGHT)
    monkeypatch.setattr(module.subprocess, "run", run)
    assert not try_monthly(house, NIGHT)
    assert open_incidents() == []


def test_once_a_month_one_is_tried_in_a_process_of_its_own(house, monkeypatch):
    asked = []

    class Done:
        returncode, stderr = 1, "plp-box ne peut pas être ouvert\n"

    monkeypatch.setattr(module.subprocess, "run", lambda command, **_: asked.append(command) or Done)
    assert not try_monthly(house, NIGHT)  # there is none yet
    back_up_when_due(house, NIGHT)
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


def test_what_was_made_before_the_data_moved_into_this_database_is_not_tried(house, monkeypatch):
    def run(*_, **__):
        raise AssertionError("a backup of the other kind was tried")

    back_up_when_due(house, NIGHT)
    audit.record(NIGHT + timedelta(hours=1), "root", "database_moved", to="postgresql", held=0)
    monkeypatch.setattr(module.subprocess, "run", run)
    later = NIGHT + timedelta(hours=2)
    assert not try_monthly(house, later)
    assert open_incidents() == []
    assert kept_backups(house, later) == []
    monkeypatch.undo()
    assert back_up_when_due(house, NIGHT + timedelta(days=1))
    assert len(kept_backups(house, NIGHT + timedelta(days=1))) == 1


def test_one_that_somebody_asks_to_try_is_tried_once(house, monkeypatch):
    class Done:
        returncode, stderr = 1, "damaged"

    asked = []
    monkeypatch.setattr(module.subprocess, "run", lambda command, **_: asked.append(command[-1]) or Done)
    assert not try_requested(house, NIGHT)
    back_up_when_due(house, NIGHT)
    (card,) = kept_backups(house, NIGHT)
    for returncode, trial, incidents in ((1, "failed", ["backup_drill"]), (0, "held", [])):
        Done.returncode = returncode
        request_trial(house, card.name, "jan", NIGHT)
        assert kept_backups(house, NIGHT)[0].trial == "waiting"
        assert try_requested(house, NIGHT + timedelta(minutes=1))
        assert not try_requested(house, NIGHT + timedelta(minutes=2))
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
