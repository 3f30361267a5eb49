"""Where backups are kept: which stay, and that an empty mount point is no stick."""

import os
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from plp.services.backup import places
from plp.services.backup.places import Sftp, backups_in, folder_at, lapsed, overdue
from rules.sentences import CodedRefusal

pytestmark = pytest.mark.processes


def named(day, time="023000", host="box"):
    return f"plp-{host}-{day.isoformat()}-{time}.age"


def test_the_last_of_seven_days_and_of_four_weeks_stay():
    today = date(2026, 11, 26)  # a Thursday
    all_days = [named(today - timedelta(days=back)) for back in range(60)]
    left = [name for name in all_days if name not in overdue(all_days)]
    days = [today - timedelta(days=back) for back in range(7)]
    sundays = [date(2026, 11, 22), date(2026, 11, 15), date(2026, 11, 8)]
    assert left == [named(day) for day in sorted({*days, *sundays}, reverse=True)]


def test_of_several_in_a_day_the_last_stays_and_days_without_one_do_not_count():
    day = date(2026, 11, 25)
    kept = [named(date(2026, 11, 26)), named(day, "120000"), named(day, "023000"), named(date(2026, 1, 2))]
    assert overdue(kept) == [kept[2]]


def test_of_today_the_last_three_stay_so_that_one_made_in_a_panic_takes_no_good_one_s_place():
    today = date(2026, 11, 26)
    made = [named(today, f"{hour:02}0000") for hour in (15, 14, 11, 2)]
    assert overdue([*made, named(today - timedelta(days=1))]) == made[3:]
    assert overdue([named(today + timedelta(days=1)), *made]) == made[1:]


def test_only_this_host_s_backups_are_counted_and_nothing_else_that_lies_there():
    day = date(2026, 11, 26)
    there = [named(day), named(day, host="north"), "holiday.jpg", f".{named(day)}.part", "forgotten.list"]
    assert backups_in(there, "box") == [named(day)]


def test_copies_of_a_machine_of_another_name_go_when_all_that_this_one_keeps_is_younger():
    today = date(2026, 11, 26)
    old, young = today - timedelta(days=36), today - timedelta(days=35)
    others = [named(old, host="north")]
    there = [*others, named(young, host="north"), named(today), "holiday.jpg", "forgotten.list"]
    assert lapsed(there, "box") == others
    assert lapsed(there[:2], "box") == []  # none of its own yet
    assert lapsed([*there, named(old)], "box") == []
    ahead = [named(date(2041, 1, 1)), named(young), named(young, host="north")]
    assert lapsed(ahead, "box") == []


def test_an_empty_mount_point_is_refused_before_it_fills_the_card(tmp_path, monkeypatch):
    stick, data = tmp_path / "stick", tmp_path / "var"
    data.mkdir()
    stick.mkdir()
    with pytest.raises(CodedRefusal, match="n'est pas branchée"):
        folder_at(stick / "plp", data, same_disk=False)
    assert not (stick / "plp").exists()
    ismount, stat = os.path.ismount, Path.stat
    monkeypatch.setattr(places.os.path, "ismount", lambda path: Path(path) == stick or ismount(path))

    def on_a_disk_of_its_own(self, **how):
        found = stat(self, **how)
        return os.stat_result([*found[:2], found.st_dev + 1, *found[3:]]) if self == stick else found

    monkeypatch.setattr(Path, "stat", on_a_disk_of_its_own)
    assert folder_at(stick / "plp", data, same_disk=False).path == stick / "plp"


def test_a_full_stick_is_a_sentence_and_leaves_no_half_file(tmp_path, monkeypatch):
    place = folder_at(tmp_path / "kept", tmp_path, same_disk=True)
    (tmp_path / "file").write_bytes(b"x")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(places.shutil, "copyfileobj", full)
    with pytest.raises(CodedRefusal, match="No space left"):
        place.store(tmp_path / "file", "plp.age")
    assert place.names() == []


SERVER = next((path for path in ("/usr/lib/openssh/sftp-server", "/usr/lib/sftp-server") if Path(path).exists()), "")


@pytest.mark.client
@pytest.mark.skipif(not (SERVER and shutil.which("sftp")), reason="needs openssh-client and openssh-sftp-server")
def test_the_system_s_sftp_stores_lists_fetches_and_removes(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "SFTP", (*places.SFTP, "-D", SERVER))
    place = Sftp(f"sftp://plp@server.example{tmp_path}/there with space", None)
    (tmp_path / "file").write_bytes(b"whole")
    assert place.names() == []
    place.store(tmp_path / "file", "one.age")
    place.store(tmp_path / "file", "one.age")  # the list of who was forgotten is replaced each night
    assert place.names() == ["one.age"]
    place.fetch(["one.age"], tmp_path)
    assert (tmp_path / "one.age").read_bytes() == b"whole"
    place.remove(["one.age"])
    assert place.names() == []


def test_a_list_without_end_does_not_fill_the_memory(monkeypatch):
    much = ("python3", "-c", "print(len(b'x' * 2_000_000_000))")
    monkeypatch.setattr(places, "SFTP", (*places.SFTP[:-1], *much))
    with pytest.raises(CodedRefusal, match="MemoryError"):
        Sftp("sftp://plp@server.example/plp", None).names()


def test_a_server_that_refuses_is_a_sentence_with_its_last_word(tmp_path, monkeypatch):
    refusing = tmp_path / "sftp"
    refusing.write_text("#!/bin/sh\necho 'plp@server.example: Permission denied (publickey).' >&2\nexit 255\n")
    refusing.chmod(0o700)
    monkeypatch.setattr(places, "SFTP", (str(refusing),))
    with pytest.raises(CodedRefusal, match=r"SFTP vers plp@server\.example : plp@server\.example: Permission denied"):
        Sftp("sftp://plp@server.example/plp", None).names()
