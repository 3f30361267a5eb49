"""Plan B: an archive that only its password opens, whole or not at all."""

import csv
import errno
import io
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pyzipper

from base.settings.values import DatabaseSettings, PlanBSettings, Settings
from db.engine import files
from db.operations.incidents import open_incidents
from db.operations.plan_b import archive_folder, roll
from plp.jobs.backup import KEPT, archive, export, export_nightly, members_csv
from plp.services.forgetting import forget_member
from rules.numbers import shown
from rules.refusals import Refusal
from tests.support.people import mobile, people, person, place

PASSWORD = "correct horse battery"
NIGHT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


@pytest.fixture
def house(database):
    (database.parent / "secret").write_text(PASSWORD + "\n", encoding="utf-8")
    return Settings(
        path=database.parent / "config.ini",
        folder=database.parent,
        database=DatabaseSettings("sqlite:///plp.db", host="box"),
        plan_b=PlanBSettings(password_file=database.parent / "secret"),
    )


def opened(content, password=PASSWORD):
    packed = pyzipper.AESZipFile(io.BytesIO(content))
    packed.setpassword(password.encode())
    return packed


@pytest.mark.slow
def test_only_the_password_opens_it_and_the_names_of_its_files_name_nobody(house):
    there = place("Rotheux-Rimière", NIGHT)
    person(1, NIGHT, neighbourhood_id=there, role="coordinator")
    person(2, NIGHT, neighbourhood_id=there)
    person(3, NIGHT, neighbourhood_id=there, sms=False)
    content = archive(PASSWORD, NIGHT)
    with opened(content) as packed:
        names = [info.filename for info in packed.infolist()]
        assert names == ["LISEZMOI.txt", "members.csv", "plan-b.html"]
        assert all(info.flag_bits & 1 for info in packed.infolist())
        page = packed.read("plan-b.html").decode("utf-8")
        readme = packed.read("LISEZMOI.txt").decode("utf-8-sig").replace("\xa0", " ")
    assert page.index("la police commence ici") < page.index(shown(mobile(1))) < page.index(shown(mobile(2)))
    assert "http" not in page
    assert "État du 24/11/2026 à 03:30" in readme
    assert "(2 numéros)" in readme
    assert "1 membres sans consentement" in readme
    assert "Urgence : 101 ou 04/330 40 00." in readme
    assert mobile(1).encode() not in content
    assert b"Nom001" not in content
    with opened(content, "a wrong password") as packed, pytest.raises(RuntimeError, match="Bad password"):
        packed.read("members.csv")


def test_the_list_can_be_imported_again(house, now):
    from tests.support.rosters import import_members

    person(1, now, email="m1@example.org", mail_group=True, role="coordinator")
    person(2, now, email="m2@example.org", last_name="Şimşek; « Łuk »")
    person(3, now, first_name="=cmd()", email="m3@example.org", mobile="", mail_group=True)
    content = members_csv(roll())
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0]["mobile"] == mobile(1)
    assert (rows[0]["consent_mail_group"], rows[0]["role"]) == ("yes", "coordinator")
    assert [row["email"] for row in rows] == ["m1@example.org", "m3@example.org", ""]
    assert rows[1]["first_name"] == "'=cmd()"
    report = import_members(content, "members.csv", "test", now, dry_run=True)
    assert (report.read, report.refused) == (3, [])


@pytest.mark.slow
def test_once_a_night_at_its_hour_for_its_owner_alone(house):
    assert not export_nightly(house, NIGHT - timedelta(seconds=1))
    assert export_nightly(house, NIGHT)
    assert not export_nightly(house, NIGHT + timedelta(hours=2))
    (path,) = archive_folder(house).iterdir()
    assert path.name == "plan-b-2026-11-24-0330.zip"
    assert path.stat().st_mode & 0o777 == 0o600
    assert archive_folder(house).stat().st_mode & 0o777 == 0o700
    other = replace(house, database=DatabaseSettings("sqlite:///plp.db", host="other"))
    assert export_nightly(other, NIGHT + timedelta(hours=3))
    assert open_incidents() == []


@pytest.mark.slow
def test_the_newest_seven_stay(house):
    for night in range(9):
        assert export_nightly(house, NIGHT + timedelta(days=night))
    kept = sorted(path.name for path in archive_folder(house).iterdir())
    assert (len(kept), kept[0]) == (KEPT, "plan-b-2026-11-26-0330.zip")


@pytest.mark.slow
def test_archives_that_name_somebody_who_was_forgotten_go(house):
    gone = person(7, NIGHT)
    for night in range(2):
        assert export_nightly(house, NIGHT + timedelta(days=night))
    at = NIGHT + timedelta(days=1, hours=9)
    forget_member(gone, "anne", at)
    assert export_nightly(house, at + timedelta(minutes=1))
    assert not export_nightly(house, at + timedelta(minutes=2))
    (path,) = archive_folder(house).iterdir()
    assert path.name == "plan-b-2026-11-25-1231.zip"
    assert export_nightly(house, NIGHT + timedelta(days=2))


def test_without_a_password_there_is_none(house):
    off = replace(house, plan_b=PlanBSettings())
    assert not export_nightly(off, NIGHT)
    with pytest.raises(Refusal, match="password_file est vide"):
        export(off, NIGHT)
    assert open_incidents() == []


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "impossible de lire"), ("", "moins de 12"), ("short\n", "moins de 12"), ("é" * 12, None)],
)
def test_a_password_that_is_none_is_an_incident_until_it_is_one(house, content, words):
    secret = house.plan_b.password_file
    secret.unlink()
    if content is not None:
        secret.write_text(content, encoding="utf-8")
    assert export_nightly(house, NIGHT) is (words is None)
    assert [words in card.sentence for card in open_incidents()] == ([True] if words else [])
    secret.write_text(PASSWORD, encoding="utf-8")
    assert not export_nightly(house, NIGHT + timedelta(minutes=29))
    assert export_nightly(house, NIGHT + timedelta(minutes=31)) is (words is not None)
    assert open_incidents() == []


@pytest.mark.slow
def test_a_full_disk_leaves_the_archive_of_the_night_before(house, monkeypatch):
    assert export_nightly(house, NIGHT)
    (kept,) = archive_folder(house).iterdir()

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    assert not export_nightly(house, NIGHT + timedelta(days=1))
    assert list(archive_folder(house).iterdir()) == [kept]
    (incident,) = open_incidents()
    assert incident.sentence == "L'export du plan de secours a échoué cette nuit : No space left on device"


@pytest.mark.slow
def test_it_is_made_by_a_unit_that_may_not_ask_for_setgid(house, monkeypatch):
    """As systemd's RestrictSUIDSGID does it, in a folder that three users share."""
    house.folder.chmod(0o2770)
    for name in ("chmod", "fchmod", "mkdir"):
        monkeypatch.setattr(os, name, unless_setgid(getattr(os, name)))
    path = export(house, NIGHT)
    assert (archive_folder(house).stat().st_mode & 0o7777, path.stat().st_mode & 0o777) == (0o2750, 0o640)


def unless_setgid(call):
    def refusing(path, mode=0o777, **options):
        if mode & 0o6000:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), path)
        return call(path, mode, **options)

    return refusing


@pytest.mark.slow
def test_hundreds_of_members_are_in_it(house):
    people(300, NIGHT)
    with opened(archive(PASSWORD, NIGHT)) as packed:
        assert packed.read("plan-b.html").count(b"___") == 600
