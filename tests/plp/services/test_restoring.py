"""A backup is put back: nothing goes out twice, who was forgotten stays forgotten, and the journal goes on."""

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from base.settings.values import MailSettings
from db.alerts.orders.holding import hold_of
from db.alerts.planned import DatedOrder, due, missed, planned
from db.alerts.progress.progress import progress
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.engine.copies import copy_database
from db.journal import audit
from db.journal.chain import head, seal_entries
from db.journal.verification import Tail, note_head, noted_heads, verify
from db.mail.enqueue import enqueue_letter, send_as
from db.mail.values import Copy, Letter
from db.models.accounts import Account, AccountRole, AccountSession
from db.models.mail import Mail
from db.models.people import Forgotten, Member
from db.models.zone import AuditEntry
from db.operations.lineage import Sent, hold_after_restore, position, recent_copy
from plp.jobs.backup import keep_forgotten
from plp.jobs.journal import seal_journal
from plp.services.accounts.rights import account_card
from plp.services.accounts.signing_in import open_session
from plp.services.backup import archive
from plp.services.backup.archive import back_up, own_identity
from plp.services.backup.restoring import restore, try_backup
from plp.services.drills import plan_for
from plp.services.forgetting import forget_member
from rules.sentences import CodedRefusal
from tests.support.backups import house_with_backups, let_go, on_another_box, put_back
from tests.support.journal import take_guards_away
from tests.support.people import later, order, person, ready_modem

pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("database")]


@pytest.fixture
def house(database):
    return house_with_backups(database.parent)


@pytest.mark.slow
def test_what_waits_is_held_and_who_may_have_it_is_asked_for(house, now):
    for number in range(6):
        person(number, now)
    modem, alert = ready_modem("a", now), order(now)
    mark_sent(claim_part(modem, now), 1, modem, now)
    name = back_up(house, "test", now)
    for reference in range(2, 5):  # what the copy does not know
        mark_sent(claim_part(modem, now), reference, modem, now)
    done = put_back(house, name, now)
    assert done.held == 1
    assert progress(alert.id, now).state == "held"
    assert claim_part(modem, now) is None
    assert (hold_of(alert.id).may_have, hold_of(alert.id).nothing) == (5, 0)


def test_what_was_planned_for_a_moment_ago_is_not_sent_a_second_time(house, now):
    plan_for(DatedOrder("drill", later(now, 60), text="Essai.", monthly=True), "anne", now)
    plan_for(DatedOrder("drill", later(now, 7200), text="Essai."), "anne", now)
    name = back_up(house, "test", now)
    put_back(house, name, later(now, 600))
    assert due(later(now, 600)) == []
    assert [(card.state, card.due_at > now) for card in missed(later(now, 600))] == [("missed", True)]
    assert len([card for card in planned() if card.state == "waiting"]) == 2, "the next month's, and the later one"


@pytest.mark.slow
def test_who_was_forgotten_after_the_backup_is_forgotten_again(house, now):
    gone, stays = person(1, now, email="odile@example.org"), person(2, now)
    name = back_up(house, "test", now)
    forget_member(gone, "test", now)
    keep_forgotten(house, now)
    done = put_back(house, name, later(now, 60))
    assert done.forgotten == 1
    assert [row.id for row in Member.select()] == [stays]
    assert Forgotten.select().count() == 3  # number, address, row
    assert verify().faults == ()


def test_what_is_sealed_while_a_backup_is_made_does_not_make_it_seem_cut_off(house, now, monkeypatch):
    """An alert asks for a backup, and writes into the journal meanwhile."""

    def copy_while_entries_come(settings, to):
        copy_database(settings, to)
        audit.record(now, "test", "zone_saved")
        seal_journal(now)

    audit.record(now, "test", "zone_saved")
    seal_journal(now)
    monkeypatch.setattr(archive, "copy_database", copy_while_entries_come)
    name = back_up(house, "test", now)
    with let_go(house):
        _manifest, journal = try_backup(house, house.folder / "kept" / name, own_identity(house), now)
    assert journal.faults == ()


def test_the_list_beside_the_backups_serves_a_box_that_lost_its_disk(house, now, tmp_path):
    gone = person(1, now)
    old = back_up(house, "test", now)
    forget_member(gone, "test", now)
    back_up(house, "test", later(now, 86_400))
    new_box = on_another_box(house, tmp_path / "new")
    done = put_back(new_box, old, later(now, 90_000), identity=house.folder / "far.key")
    assert (done.forgotten, done.kept) == (1, "")
    assert Member.select().count() == 0
    assert verify(noted_heads()).faults == ()  # signed with the key that came with it


def test_the_journal_goes_on_where_the_copy_ended_and_says_so(house, now):
    person(1, now)
    seal_entries()
    note_head(now)
    name = back_up(house, "test", now)
    person(2, now)
    seal_entries()
    note_head(now)
    lost = head()
    put_back(house, name, later(now, 60))
    entry = audit.newest("backup_restored")
    assert (entry.actor.name, entry.subject, entry.detail["made_at"]) == ("test", name, now.isoformat())
    assert verify(noted_heads()).faults == ()
    aside = next(house.folder.glob("journal.heads.before-restore-*"))
    assert str(lost) in aside.read_text()


def test_what_was_ordered_and_sent_since_the_backup_is_counted(house, now):
    person(1, now)
    modem = ready_modem("a", now)
    name = back_up(house, "test", now)
    order(later(now, 10))
    claim = claim_part(modem, later(now, 20))
    mark_pdu_started(claim, later(now, 20))
    mark_sent(claim, 1, modem, later(now, 21))
    done = put_back(house, name, later(now, 60))
    assert done.sent == Sent(1, 1)
    copy = recent_copy(later(now, 60))
    assert (copy.state_of, copy.broadcasts, copy.texts) == (now, 1, 1)
    assert copy.entries >= 1
    hold_after_restore(position()._replace(progress=99), (), {7: 1}, True, later(now, 90))  # the daemon, with its note
    assert recent_copy(later(now, 90)) == copy


def admin(name, now):
    account = Account.create(name=name, email=f"{name}@example.org", created_at=now)
    AccountRole.create(account=account, role="admin")


@pytest.mark.slow
def test_every_admin_is_told_how_much_of_the_journal_went_with_an_older_copy(house, now):
    house = replace(house, mail=MailSettings(sender="plp@example.be"))
    admin("anne", now)
    seal_entries()
    name = back_up(house, "test", now)
    admin("luc", now)  # of the database that is replaced
    for number in range(3):
        person(number, now)
    seal_entries()
    lost = head()
    audit.record(now, "eve", "roles_changed", "luc")  # not sealed yet
    dropped = lost.number + 1
    done = put_back(house, name, later(now, 60))
    assert done.lost == Tail(dropped, lost)
    told = audit.newest("backup_restored").detail
    assert (told["dropped"], told["head"]) == (dropped, str(lost))
    mails = {mail.address: mail for mail in Mail.select()}
    assert set(mails) == {"anne@example.org", "luc@example.org"}
    assert {str(mail.state) for mail in mails.values()} == {"queued"}
    assert all(str(lost) in mail.text.replace("\n", "") for mail in mails.values())
    again = put_back(house, name, later(now, 120))  # the other branch, of the same length or not
    assert again.lost.entries == again.lost.head.number >= 1


def test_a_database_that_cannot_be_read_is_counted_by_the_heads_that_the_machine_noted(house, now):
    name = back_up(house, "test", now)
    person(1, now)
    seal_entries()
    note_head(now)
    lost = head()
    with let_go(house):
        for file in house.folder.glob("plp.db*"):
            file.write_bytes(b"nonsense" * 4096)
        done = restore(house, house.folder / "kept" / name, own_identity(house), "test", later(now, 60), False, "")
    assert done.lost == Tail(lost.number, lost)


def test_mails_and_welcomes_that_may_have_gone_out_wait_for_a_person(house, now):
    send_as(MailSettings(sender="plp@example.be"))
    enqueue_letter(Letter("bulletin", "Sujet"), [Copy("k", "anne@example.org", "Anne", "texte", "")], now)
    Member.update(welcome_requested_at=now).where(Member.id == person(1, now)).execute()
    done = put_back(house, back_up(house, "test", now), later(now, 60))
    assert (done.mails, done.welcomes) == (1, 1)
    mail = Mail.get()
    assert (str(mail.state), mail.perhaps_twice, mail.reason) == ("expired", True, "restored")


def test_no_session_of_then_lasts(house, now):
    Account.create(name="anne", created_at=now)
    open_session(account_card("anne"), "127.0.0.1", now)
    name = back_up(house, "test", now)
    put_back(house, name, later(now, 60))
    assert AccountSession.select().count() == 0


def test_a_try_changes_nothing(house, now):
    person(1, now)
    name = back_up(house, "test", now)
    person(2, now)
    before = sorted(path.name for path in house.folder.iterdir())
    with let_go(house):
        _manifest, journal = try_backup(house, house.folder / "kept" / name, house.folder / "far.key", now)
    assert journal.sealed >= 0
    assert journal.faults == ()
    assert Member.select().count() == 2
    assert sorted(path.name for path in house.folder.iterdir()) == before


def test_a_journal_that_does_not_hold_asks_for_a_reason(house, now):
    person(1, now)
    take_guards_away()
    AuditEntry.update(actor="somebody else").where(AuditEntry.action == "member_added").execute()
    name = back_up(house, "test", now)
    with pytest.raises(CodedRefusal, match="Le journal de cette sauvegarde n'est pas intègre"):
        put_back(house, name, now)
    done = put_back(house, name, now, accepting="le disque est mort")
    assert done.journal.faults
    assert audit.newest("backup_restored").detail["reason"] == "le disque est mort"


def test_a_database_in_use_is_left_alone(house, now):
    person(1, now)
    name = back_up(house, "test", now)
    person(2, now)
    with closing(sqlite3.connect(house.folder / "plp.db")) as other:
        other.execute("SELECT count(*) FROM member").fetchone()
        with pytest.raises(CodedRefusal, match="en cours d'utilisation"):
            put_back(house, name, now + timedelta(seconds=1))
    assert Member.select().count() == 2


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["journal.heads", "forgotten.list", "kept/forgotten.list"])
def test_a_pipe_in_the_place_of_a_file_keeps_nobody_waiting(house, now, name):
    """Whoever may write beside the database could hold up the day on which it is restored."""
    person(1, now)
    seal_entries()
    note_head(now)
    backup = back_up(house, "test", now)
    (house.folder / name).unlink(missing_ok=True)
    os.mkfifo(house.folder / name)
    with let_go(house):
        for file in house.folder.glob("plp.db*"):
            file.write_bytes(b"nonsense" * 4096)
        restore(house, house.folder / "kept" / backup, own_identity(house), "test", later(now, 60), False, "")
    assert (house.folder / "plp.db").stat().st_size
