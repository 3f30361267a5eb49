"""Each minute what changed: a backup with its changes is the database of a minute ago, and a gap ends it there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from db.engine.base import database as opened
from db.models.people import Member
from db.operations.incidents import open_incidents
from plp.jobs import backup as jobs
from plp.services.backup.making import MinuteCopies, back_up
from rules.sentences import CodedRefusal
from tests.support.backups import house_with_backups, put_back
from tests.support.people import later, person

pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("database")]

MINUTE = 60


@pytest.fixture
def house(database):
    return house_with_backups(database.parent)


def kept(house):
    names = [path.name for path in (house.folder / "kept").glob("plp-*")]
    return sorted(names, key=lambda name: (len(name), name))


def four_minutes(house, now):
    """A backup, and a member more in each of three minutes; the fourth has nothing new."""
    copies = MinuteCopies()
    assert copies.step(house, now)
    for minute in range(1, 4):
        person(minute, now)
        assert copies.step(house, later(now, minute * MINUTE))
    assert not copies.step(house, later(now, 4 * MINUTE))
    return copies


@pytest.mark.slow
def test_a_dead_disk_costs_a_minute(house, now):
    four_minutes(house, now)
    base, *changes = kept(house)
    stem = base.removesuffix(".age")
    assert changes == [f"{stem}+00001.age", f"{stem}+00002.age", f"{stem}+00003.age"]
    assert all(path.stat().st_size < 60_000 for path in (house.folder / "kept").glob("*+*"))
    done = put_back(house, base, later(now, 600))
    assert done.manifest.made_at == later(now, 3 * MINUTE).isoformat()
    assert Member.select().count() == 3


@pytest.mark.slow
def test_a_missing_minute_ends_it_there_and_a_damaged_one_is_named(house, now):
    four_minutes(house, now)
    base, _first, second, third = kept(house)
    whole = (house.folder / "kept" / third).read_bytes()
    (house.folder / "kept" / third).write_bytes(whole[:-1])
    with pytest.raises(CodedRefusal, match=r"\+00003\.age ne peut pas être ouvert"):
        put_back(house, base, later(now, 600))
    (house.folder / "kept" / third).write_bytes(whole)
    (house.folder / "kept" / second).unlink()
    put_back(house, base, later(now, 601))
    assert Member.select().count() == 1


@pytest.mark.slow
def test_another_backup_or_a_restart_begins_anew_and_what_is_no_use_goes(house, now):
    copies = four_minutes(house, now)
    back_up(house, "test", later(now, 5 * MINUTE))
    assert copies.step(house, later(now, 6 * MINUTE))
    person(9, now)
    assert copies.step(house, later(now, 7 * MINUTE))
    assert len(kept(house)) == 2
    assert MinuteCopies().step(house, later(now, 8 * MINUTE))
    (base,) = kept(house)
    put_back(house, base, later(now, 600))
    assert Member.select().count() == 4


@pytest.mark.slow
def test_a_file_that_became_smaller_is_smaller_there_too(house, now):
    for number in range(60):
        person(number, now)
    copies = MinuteCopies()
    copies.step(house, now)
    Member.delete().execute()
    opened.obj.execute_sql("VACUUM")
    copies.step(house, later(now, MINUTE))
    put_back(house, kept(house)[0], later(now, 600))
    assert Member.select().count() == 0


def test_it_is_asked_for_and_ten_minutes_without_a_stick_are_told(house, now, monkeypatch):
    monkeypatch.setattr(jobs, "_minute_copies", MinuteCopies())
    assert not jobs.keep_minute(house, now)
    assert not (house.folder / "kept").exists()
    asked = replace(house, backup=replace(house.backup, each_minute=True))
    unplugged = replace(asked, backup=replace(asked.backup, same_disk=False))
    for minute in range(12):
        jobs.keep_minute(unplugged, now + timedelta(minutes=minute))
    ((kind, told),) = [(each.kind, each.sentence) for each in open_incidents()]
    assert kind == "backup_minute"
    assert "n'est pas branchée" in told
    jobs.keep_minute(house, now + timedelta(minutes=12))  # it is not asked for any more
    assert open_incidents() == []
    jobs.keep_minute(asked, now + timedelta(minutes=13))
    assert len(kept(house)) == 1
