"""Erased at once, everywhere: what was never sent, numbers of before, exports made afterwards, and older backups."""

import pytest
import pyzipper

from db.alerts.queue.claim import claim_part
from db.engine.health import empty_wal
from db.journal import audit
from db.models.broadcasts import Message, Part
from db.models.people import Member
from db.operations.plan_b import roll
from db.operations.retention import clean_files
from db.people.members.erasure import forgotten, uncleaned_since
from db.people.members.listing import member
from plp.jobs.backup import archive, keep_forgotten, members_csv
from plp.services.backup.archive import back_up
from plp.services.forgetting import forget_member
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from rules.states import PartState
from tests.support.backups import house_with_backups, put_back
from tests.support.people import later, mobile, person, place, ready_modem
from tests.support.people import order as placed
from tests.support.rosters import import_members

pytestmark = pytest.mark.usefixtures("database")

TRACES = (
    *("Quadflieg", "quadflieg", "470000007", "470000008", "0470 00 00 07", "0470 00 00 08"),
    *("Zwingelberg", "4070000070", "4070000080"),
)


def odile(now, number=7, member_id=None):
    draft = MemberDraft(
        "Odile",
        "Quadflieg",
        mobile(number),
        "odile.quadflieg@example.org",
        "fr",
        place("Plainevaux", now),
        mail_group=True,
        street="Clos Zwingelberg",
    )
    return save_member(member_id, draft, "test", now)


def order(now, **changes):
    """It waits: the modem that is ready takes nothing by itself."""
    ready_modem("a", now)
    return placed(now, **changes)


def traces(folder):
    """The files with something of her, among their own bytes and those within archives."""
    whole = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".age"}
    return {name: trace for name, content in whole.items() for trace in TRACES if trace.encode() in content}


def test_the_number_of_an_sms_that_was_never_sent_goes_too(now):
    person(1, now)
    her = odile(now)
    order(now)  # no modem: it waits
    odile(later(now, 1), 8, her)
    assert {row.msisdn for row in Message.select()} == {mobile(1), mobile(7)}
    forget_member(her, "anne", later(now, 2))
    assert {row.msisdn for row in Message.select()} == {mobile(1), ""}
    assert Part.select().where(Part.state == PartState.CANCELLED).count() == 1
    assert claim_part(ready_modem("a", now), later(now, 3)).msisdn == mobile(1)
    assert set(forgotten([mobile(7), mobile(8)])) == {mobile(7), mobile(8)}


def test_a_number_of_before_that_is_somebody_else_s_now_stays_theirs(now):
    her = odile(now)
    order(now)
    odile(later(now, 1), 8, her)
    person(7, later(now, 2))
    forget_member(her, "anne", later(now, 3))
    assert {row.msisdn for row in Message.select()} == {mobile(7)}
    assert set(forgotten([mobile(7), mobile(8)])) == {mobile(8)}


def test_the_files_do_not_wait_for_a_welcome_that_no_modem_sends(now):
    her = odile(now)
    order(now, kind="welcome", priority="normal")
    forget_member(her, "anne", later(now, 1))
    assert uncleaned_since() == later(now, 1)
    assert clean_files(later(now, 2))
    assert uncleaned_since() is None


@pytest.mark.slow
@pytest.mark.sqlite
def test_nothing_of_her_is_in_any_file_nor_comes_back_with_an_older_backup(now, database):
    house = house_with_backups(database.parent)
    person(1, now)
    her = odile(now)
    order(now)
    kept = back_up(house, "test", now)
    odile(later(now, 1), 8, her)
    order(later(now, 700), again=True)
    assert empty_wal()
    assert traces(database.parent)
    forget_member(her, "anne", later(now, 800), requester="person")
    Part.update(state=PartState.DELIVERED).execute()
    keep_forgotten(house, now)
    Part._meta.database.execute_sql("UPDATE broadcast SET stage = 'finished'")
    assert clean_files(later(now, 801))
    assert traces(database.parent) == {}

    # An export and an archive of plan B that are made now.
    content = members_csv(roll())
    (database.parent / "plan-b.zip").write_bytes(archive("long enough a password", later(now, 802)))
    with pyzipper.AESZipFile(database.parent / "plan-b.zip") as packed:
        packed.setpassword(b"long enough a password")
        content += b"".join(packed.read(name) for name in packed.namelist())
    assert b"Nom001" in content
    assert not [trace for trace in TRACES if trace.encode() in content]

    # The backup knows her by another number.
    assert put_back(house, kept, later(now, 900)).forgotten == 1
    Part._meta.database.execute_sql("UPDATE broadcast SET stage = 'finished'")
    assert clean_files(later(now, 901))
    assert traces(database.parent) == {}
    assert [row.last_name for row in Member.select()] == ["Nom001"]


@pytest.mark.sqlite
def test_an_older_backup_knows_her_by_her_row(now, database):
    house = house_with_backups(database.parent)
    draft = MemberDraft("Odile", "Quadflieg", mobile(7), "", "fr", place("Plainevaux", now))
    her = save_member(None, draft, "test", now)
    kept = back_up(house, "test", now)
    odile(later(now, 1), 8, her)  # nothing was ever sent to the first number
    forget_member(her, "anne", later(now, 2))
    keep_forgotten(house, now)
    assert put_back(house, kept, later(now, 3)).forgotten == 1
    assert member(her) is None


def test_the_journal_says_who_asked_and_how_much_is_gone(now):
    her = odile(now)
    order(now)
    audit.record(now, "anne", "approval_alone", "1", reason="Odile Quadflieg appelle")
    forget_member(her, "anne", later(now, 1), requester="relative")
    entry = audit.newest("member_deleted")
    assert (entry.actor, entry.detail) == (
        "anne",
        {"asked": "relative", "messages": 1, "mails": 0, "came": 0, "entries": 1},
    )


def test_a_list_knows_the_number_of_before(now):
    her = odile(now)
    order(now)
    odile(later(now, 1), 8, her)
    forget_member(her, "anne", later(now, 2))
    row = f"prénom;nom;gsm;quartier\nOdile;Quadflieg;{mobile(7)};Plainevaux\n"
    assert import_members(row.encode(), "list.csv", "anne", later(now, 3)).added == 0
