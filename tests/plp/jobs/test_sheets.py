"""The phone tree's files: drawn when what stands on them changed, and only then."""

import errno
import os
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from db.engine import files
from db.models.people import Member, Neighbourhood
from db.operations.incidents import open_incidents
from db.operations.plan_b import DUTY_CARD, POLICE, archive_folder, sheet_folder, sheets
from db.people.members.listing import neighbourhoods
from db.settings.values import DatabaseSettings, PlanBSettings, Settings
from plp.jobs.plan_b import sheets as keeping
from plp.jobs.plan_b.nightly import export
from plp.jobs.plan_b.sheets import keep_sheets
from plp.services.forgetting import forget_member
from plp.services.people.neighbourhoods import delete_neighbourhood
from tests.support.people import mobile, person, place


@pytest.fixture
def house(database):
    return Settings(
        path=database.parent / "config.ini",
        folder=database.parent,
        database=DatabaseSettings("sqlite:///plp.db", host="box"),
    )


@pytest.fixture
def drawn(house):
    """`drawn(now)`: the names of the files that one look drew."""

    def look(now: datetime) -> set[str]:
        before = {path.stem: path.stat().st_ino for path in sheet_folder(house).glob("*.pdf")}
        keep_sheets(house, now)
        return {path.stem for path in sheet_folder(house).glob("*.pdf") if before.get(path.stem) != path.stat().st_ino}

    return look


def minutes(now: datetime, count: int) -> datetime:
    return now + timedelta(minutes=count)


@pytest.mark.slow
def test_each_sheet_follows_its_own_neighbourhood(house, drawn, now):
    ehein, plainevaux = place("Ehein", now), place("Plainevaux", now)
    person(1, now, neighbourhood_id=ehein, role="coordinator")
    person(2, now, neighbourhood_id=plainevaux)
    assert drawn(now) == {POLICE, DUTY_CARD, str(ehein), str(plainevaux)}
    assert drawn(minutes(now, 1)) == set()
    assert sheets(house).as_of == minutes(now, 1)
    Member.update(last_name="Autre").where(Member.neighbourhood == plainevaux).execute()
    assert drawn(minutes(now, 2)) == {str(plainevaux)}
    Member.update(last_name="Autre").where(Member.neighbourhood == ehein).execute()
    assert drawn(minutes(now, 3)) == {POLICE, str(ehein)}, "a coordinator stands on the police's sheet too"


@pytest.mark.slow
def test_who_is_erased_is_on_no_sheet_a_minute_later(house, drawn, now):
    ehein = place("Ehein", now)
    gone = person(1, now, neighbourhood_id=ehein)
    drawn(now)
    before = (sheet_folder(house) / f"{ehein}.pdf").read_bytes()
    forget_member(gone, "test", now)
    assert drawn(minutes(now, 1)) == {POLICE, str(ehein)}
    assert (sheet_folder(house) / f"{ehein}.pdf").read_bytes() != before
    delete_neighbourhood(ehein, "test", now)
    drawn(minutes(now, 2))
    assert str(ehein) not in {path.stem for path in sheet_folder(house).glob("*.pdf")} | set(sheets(house).drawn)


@pytest.mark.slow
def test_the_page_can_tell_in_short_what_the_sheets_say(house, drawn, now):
    ehein = place("Ehein", now)
    person(1, now, role="coordinator", last_name="Zoé")
    person(2, now, role="coordinator", last_name="Émile")
    person(3, now, role="coordinator", sms=False)
    person(4, now)
    person(5, now)
    Member.update(mobile=mobile(4)).where(Member.mobile == mobile(5)).execute()
    drawn(now)
    short = {
        name: (sheet.callers, sheet.to_call)
        for name, sheet in sheets(house).drawn.items()
        if name not in (POLICE, DUTY_CARD)
    }
    assert short == {str(ehein): ((), 0), str(place("Plainevaux", now)): (("Prénom2 Émile", "Prénom1 Zoé"), 1)}
    assert sheets(house).left_out == 1


@pytest.mark.slow
def test_for_its_owner_alone(house, drawn, now):
    person(1, now)
    drawn(now)
    assert sheet_folder(house).stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in sheet_folder(house).iterdir()} == {0o600}


@pytest.mark.slow
def test_a_few_at_a_time_the_police_s_first(house, drawn, now, monkeypatch):
    monkeypatch.setattr(keeping, "PEOPLE_AT_ONCE", 1)
    monkeypatch.setattr(keeping, "PEOPLE_PER_SECOND", 0.1)
    names = [str(place(name, now)) for name in ("Ehein", "Plainevaux")]
    for number, name in enumerate(names):
        person(number, now, neighbourhood_id=int(name))
    assert drawn(now) == {POLICE}
    assert drawn(now) == {DUTY_CARD}
    assert sheets(house).as_of is None, "not all say yet what the database says"
    assert drawn(now) == {names[0]}
    assert drawn(now) == {names[1]}
    assert sheets(house).as_of == now
    person(9, now, neighbourhood_id=int(names[0]))
    assert drawn(now + timedelta(seconds=19)) == set(), "the longer the list, the less often it is read"
    assert drawn(now + timedelta(seconds=21)) == {POLICE}


@pytest.mark.slow
def test_what_is_lost_is_drawn_again(house, drawn, now):
    person(1, now)
    drawn(now)
    (sheet_folder(house) / f"{POLICE}.pdf").unlink()
    assert drawn(minutes(now, 1)) == {POLICE}
    (sheet_folder(house) / "sheets.json").write_text("[]")
    assert len(drawn(minutes(now, 2))) == 3


@pytest.mark.slow
def test_a_full_disk_leaves_the_sheets_of_before_and_is_an_incident(house, drawn, now, monkeypatch):
    person(1, now)
    drawn(now)
    Member.update(last_name="Autre").execute()

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(files.os, "fsync", full)
        assert drawn(minutes(now, 1)) == set()
    assert sheets(house).as_of == now
    assert [card.kind for card in open_incidents()] == ["plan_b"]
    assert "No space left on device" in open_incidents()[0].sentence
    assert drawn(minutes(now, 2)) == {str(place("Plainevaux", now))}
    assert open_incidents() == []


def test_drawing_that_fails_is_an_incident(house, drawn, now, monkeypatch):
    def killed(*_work):
        raise subprocess.CalledProcessError(-9, "python")

    monkeypatch.setattr(keeping, "apart", killed)
    assert drawn(now) == set()
    assert [card.subject for card in open_incidents()] == ["box/sheets"]


@pytest.mark.slow
def test_sheets_and_archive_are_made_by_units_that_may_not_ask_for_setgid(house, drawn, now, monkeypatch):
    """As systemd's RestrictSUIDSGID does it, in a folder that three users share."""
    house.folder.chmod(0o2770)
    for name in ("chmod", "fchmod", "mkdir"):
        monkeypatch.setattr(os, name, unless_setgid(getattr(os, name)))
    (house.folder / "secret").write_text("correct horse battery\n")
    assert drawn(now) == {POLICE, DUTY_CARD}
    export(replace(house, plan_b=PlanBSettings(house.folder / "secret")), now)
    assert open_incidents() == []
    folders = (archive_folder(house), sheet_folder(house))
    assert {path.stat().st_mode & 0o7777 for path in folders} == {0o2750}
    assert {path.stat().st_mode & 0o777 for folder in folders for path in folder.glob("*.*")} == {0o640}


def unless_setgid(call):
    def refusing(path, mode=0o777, **options):
        if mode & 0o6000:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), path)
        return call(path, mode, **options)

    return refusing


@pytest.mark.slow
def test_an_empty_house_has_the_police_s_sheet(drawn, now):
    Neighbourhood.delete().execute()
    assert neighbourhoods() == []
    assert drawn(now) == {POLICE, DUTY_CARD}
