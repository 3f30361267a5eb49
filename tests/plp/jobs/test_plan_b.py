"""Plan B: an archive that only its password opens, whole or not at all, and paper that can be read."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pyzipper

from db.engine import files
from db.operations.incidents import open_incidents
from db.operations.plan_b import Person, Roll, archive_folder, roll
from db.people.zone import ZoneCard
from db.settings.values import DatabaseSettings, PlanBSettings, Settings
from plp.jobs.plan_b.nightly import KEPT, archive, export, export_nightly, members_csv, slug
from plp.jobs.plan_b.phone_tree import pdf, sheets_of
from plp.services.forgetting import forget_member
from rules.refusals import Refusal
from tests.support.people import mobile, person, place

PASSWORD = "correct horse battery"
HOUSE = ZoneCard("Police locale Seraing/Neupré", "5278", "101", "04/330 40 00")
NIGHT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


def one(number, place="Plainevaux", role="member", **changes):
    values = {"first_name": f"Prénom{number}", "last_name": f"Nom{number}", "mobile": mobile(number), "email": None}
    return Person(**{**values, "language": "fr", "neighbourhood": place, "role": role, **changes})


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
def test_only_the_password_opens_it_and_the_names_of_its_files_name_nobody():
    people = Roll((one(1, "Rotheux-Rimière", role="coordinator"), one(2, "Rotheux-Rimière")), 3)
    content = archive(people, HOUSE, PASSWORD, NIGHT)
    with opened(content) as packed:
        names = [info.filename for info in packed.infolist()]
        assert names == ["LISEZMOI.txt", "members.csv", "arbre-police.pdf", "arbre-01-rotheux-rimiere.pdf"]
        assert all(info.flag_bits & 1 for info in packed.infolist())
        assert packed.read("arbre-police.pdf").startswith(b"%PDF")
        readme = packed.read("LISEZMOI.txt").decode("utf-8-sig")
    assert "(2 numéros)" in readme
    assert "3 membres n'ont dit oui" in readme
    assert "Urgence : 101 ou 04/330 40 00." in readme
    assert mobile(1).encode() not in content
    assert b"Nom1" not in content
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
    [(None, "ne peut pas être lu"), ("", "moins de 12"), ("short\n", "moins de 12"), ("é" * 12, None)],
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


def test_coordinators_share_their_neighbourhood_and_a_phone_rings_once():
    coordinators = [one(90 + n, role="coordinator") for n in range(2)]
    shared = one(1, first_name="Luc", last_name="Peeters")
    people = Roll(
        (*coordinators, *(one(n) for n in range(1, 6)), shared, one(7, mobile=None, email="a@example.org")), 0
    )
    first, second = sheets_of(people, "Plainevaux")
    assert (first.caller, second.caller) == tuple(coordinators)
    assert [each.name for each in first.people] == ["Prénom1 Nom1 / Luc Peeters", "Prénom2 Nom2", "Prénom3 Nom3"]
    assert [each.mobile for each in second.people] == [mobile(4), mobile(5)]
    assert (first.unreached, second.unreached) == (1, 1)


def test_without_a_coordinator_the_police_call():
    (sheet,) = sheets_of(
        Roll((one(1), one(2, role="coordinator", mobile=None, email="a@example.org")), 0), "Plainevaux"
    )
    assert (sheet.caller, [each.mobile for each in sheet.people]) == (None, [mobile(1)])


@pytest.mark.slow
def test_every_name_of_belgium_is_on_paper(caplog):
    names = ("Łukasz", "Şimşek", "Ångström", "Đorđević", "Φωτεινή", "Анна", "O’Neill", "Ẽwẽ")
    people = [one(n, first_name=name, last_name="x" * 60) for n, name in enumerate(names)]
    people += [one(n) for n in range(10, 70)]
    pages = pdf(HOUSE, NIGHT, "tree", sheets_of(Roll(tuple(people), 0), "Plainevaux"))
    assert pages.count(b"/Type /Page\n") == 3
    assert pdf(HOUSE, NIGHT, "trunk", []).startswith(b"%PDF")
    assert "missing" not in caplog.text.lower()


@pytest.mark.parametrize(
    ("name", "expected"), [("Rotheux-Rimière", "rotheux-rimiere"), ("../../etc", "etc"), ("中", "quartier")]
)
def test_a_neighbourhood_s_name_as_a_file_s(name, expected):
    assert slug(name) == expected


@pytest.mark.slow
def test_hundreds_of_members_take_no_minute(house, now):
    place("Plainevaux", now)
    people = Roll(tuple(one(n, f"Quartier {n % 10}", "coordinator" if n < 10 else "member") for n in range(300)), 0)
    with opened(archive(people, HOUSE, PASSWORD, NIGHT)) as packed:
        assert len(packed.namelist()) == 13
