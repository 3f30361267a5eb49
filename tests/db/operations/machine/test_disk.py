"""What fills the disk is measured once a day, and when it will be full is said from a week of days on."""

from datetime import date, timedelta

import pytest

from base.settings.values import BackupSettings, DatabaseSettings, Settings
from db.models.incidents import DiskDay
from db.operations.machine import disk_cards, full_after, measure_disk

GB = 1024**3
TODAY = date(2026, 11, 24)


def free_by_day(*gigabytes):
    first = TODAY - timedelta(days=len(gigabytes) - 1)
    return [(first + timedelta(days=number), int(free * GB)) for number, free in enumerate(gigabytes)]


@pytest.mark.parametrize(
    ("free", "told"),
    [
        ((20,), "Date de remplissage : pas encore assez de mesures (1 jours sur 7)."),
        (range(20, 14, -1), "Date de remplissage : pas encore assez de mesures (6 jours sur 7)."),
        (range(20, 13, -1), "Au rythme actuel, il sera plein vers le 08/12/2026."),
        ((20, 19.9, 19.8, 19.7, 19.6, 19.5, 19.4), "Au rythme actuel, il sera plein vers 06/2027."),
        ((20, 20, 20, 20, 20, 20, 20), "Au rythme actuel, il ne sera pas plein avant 5 ans."),
        ((20, 20.1, 20.2, 20.3, 20.4, 20.5, 21), "Au rythme actuel, il ne sera pas plein avant 5 ans."),
        ((20, 19.999, 19.998, 19.997, 19.996, 19.995, 19.994), "Au rythme actuel, il ne sera pas plein avant 5 ans."),
        # a large file that came and went
        ((20, 20, 20, 5, 5, 20, 20, 20), "Au rythme actuel, il ne sera pas plein avant 5 ans."),
    ],
)
def test_the_date_is_said_from_a_week_of_days_on(free, told):
    assert str(full_after(free_by_day(*free), TODAY).words) == told


def test_the_days_are_counted_from_today_and_not_from_the_last_measure():
    found = full_after(free_by_day(*range(20, 13, -1)), TODAY + timedelta(days=4))
    assert (found.days, found.full_on) == (10, date(2026, 12, 8))
    assert found.is_soon


@pytest.fixture
def house(database):
    folder = database.parent
    place = BackupSettings("age1…", "kept", same_disk=True)
    return Settings(folder / "config.ini", folder, database=DatabaseSettings("sqlite:///plp.db", "box"), backup=place)


@pytest.mark.sqlite
def test_what_takes_the_room_is_told_apart(house, now):
    sizes = {
        "plp.db.before-restore-1": 5,
        "plp.db-wal.damaged": 1,
        "plan-b/night.zip": 7,
        "kept/plp-box-2026-11-24-023000.age": 9,
        "secret.key": 1,
    }
    for name, blocks in sizes.items():
        path = house.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * blocks * 4096)
    assert measure_disk(house, now)
    card = disk_cards(now)[0]
    taken = dict(card.largest)
    assert (card.host, card.measured_at) == ("box", now)
    assert taken["kept"] == 6 * 4096
    assert taken["plan_b"] == 7 * 4096
    assert taken["backups"] == 9 * 4096
    assert taken["database"] >= (house.folder / "plp.db").stat().st_size > 0
    assert taken["wal"] > 0
    assert sum(taken.values()) == card.total_bytes - card.free_bytes


@pytest.mark.tuesday
def test_once_a_day_is_enough_and_old_days_go(house, now):
    long_ago = now - timedelta(days=500)
    DiskDay.create(host="box", day="2025-07-01", measured_at=long_ago, total_bytes=GB, free_bytes=GB)
    assert measure_disk(house, now)
    assert not measure_disk(house, now + timedelta(hours=1))
    assert measure_disk(house, now + timedelta(days=1))
    assert [row.day for row in DiskDay.select().order_by(DiskDay.day)] == ["2026-11-24", "2026-11-25"]


@pytest.mark.tuesday
def test_each_host_has_its_own_rate(house, now):
    for number in range(7):
        day = now - timedelta(days=6 - number)
        for host, free in (("a", 20 - number), ("b", 20)):
            DiskDay.create(host=host, day=f"{day:%Y-%m-%d}", measured_at=day, total_bytes=32 * GB, free_bytes=free * GB)
    assert [(card.host, card.forecast.days) for card in disk_cards(now)] == [("a", 14), ("b", None)]
