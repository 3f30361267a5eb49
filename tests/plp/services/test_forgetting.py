"""Who is forgotten is forgotten everywhere at once: nothing of them stays in any file, and no list brings them back."""

from datetime import timedelta
from pathlib import Path

import pytest

from base.settings.values import MailSettings
from db.alerts.progress.progress import progress, recipients
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_sent
from db.alerts.queue.reports import NetworkReport, apply_report
from db.engine.health import empty_wal
from db.inbound.received import apply_inbound, apply_unreadable
from db.journal import audit
from db.journal.verification import verify
from db.mail.enqueue import enqueue_letter, send_as
from db.mail.values import Copy, Letter
from db.models.broadcasts import Broadcast, Message, Part, Report
from db.models.modem_records import SimRecipient
from db.models.people import Forgotten, Member
from db.operations import retention
from db.operations.retention import clean_files
from db.people.members.listing import Filter, member, members, neighbourhoods
from plp.services.forgetting import forget_member
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from rules.states import PartState, Stage
from tests.browser.trouble import Delivered
from tests.support.inbox import mail, replied
from tests.support.people import later, mobile, order, person, ready_modem
from tests.support.rosters import import_members

pytestmark = pytest.mark.usefixtures("database")

NUMBER, SECOND, ADDRESS = mobile(7), "+32470998877", "odile.quadflieg@example.org"
TRACES = [
    NUMBER[3:],
    SECOND[3:],
    "43721177",
    "04 372 11 77",
    "Zwingelberg",
    "0470 00 00 07",
    "quadflieg",
    "Quadflieg",
    "QUADFLIEG",
    "2374000000F7",
]


@pytest.fixture
def odile(now):
    send_as(MailSettings(sender="plp@example.be"))
    person(1, now)
    yield save_member(None, draft(now), "test", now)
    send_as(None)


def draft(now, **changes):
    values = {"first_name": "Odile", "last_name": "Quadflieg", "mobile": NUMBER, "email": ADDRESS, "language": "fr"}
    values |= {"landline": "04 372 11 77", "second_number": SECOND, "street": "Clos Zwingelberg", "house_number": "7"}
    return MemberDraft(**{**values, "neighbourhood_id": neighbourhoods()[0].id, **changes})


def lived(now, odile):
    """An alert, a welcome, texts, mails, a report that fits nothing, and a reason that names her."""
    modem = ready_modem("a", now)
    alert = order(now)
    for reference in range(2):
        mark_sent(claim_part(modem, now), reference, modem, now)
    welcome = order(now, kind="welcome", priority="normal")
    Part.update(state=PartState.DELIVERED).where(Part.broadcast == welcome.id).execute()
    Broadcast.update(stage=Stage.FINISHED).execute()
    apply_inbound(modem.imsi, Delivered(NUMBER, "Ici Odile Quadflieg", now), False, now)
    apply_inbound(modem.imsi, Delivered(SECOND, "Mon autre gsm", now), False, now)
    apply_unreadable(modem.imsi, "07910B9123" + "2374000000F7" + "FFFF", now)
    apply_report(NetworkReport("999", 9, NUMBER, now, 0, "delivered"), now)
    copies = [Copy("1", ADDRESS, "Odile Quadflieg", "Bonjour Odile Quadflieg", member_id=odile)]
    enqueue_letter(Letter("answer", "Re: Quadflieg"), copies, now)
    replied(mail(now, ADDRESS, sender_name="Odile Quadflieg"), "Bonjour Quadflieg", "nonce", "Anne", now)
    audit.record(now, "anne", "approval_alone", "1", reason=f"Odile Quadflieg ({NUMBER}) appelle")
    audit.record(now, "anne", "approval_alone", "2", reason="04 372 11 77 appelle")
    return alert


def traces(folder: Path) -> set[str]:
    found = set()
    for path in folder.rglob("*"):
        if path.is_file():
            whole = path.read_bytes().decode("latin-1")
            found |= {f"{path.name}: {trace}" for trace in TRACES if trace in whole}
    return found


@pytest.mark.slow
@pytest.mark.sqlite
def test_nothing_of_a_forgotten_person_stays_in_any_file(now, odile, database):
    alert = lived(now, odile)
    in_the_wal = traces(database.parent)
    assert empty_wal()
    for number in range(20, 80):  # rows move from page to page
        person(number, now)
    assert len(in_the_wal) == len(traces(database.parent) - in_the_wal) == 8
    before = progress(alert.id, now)
    forget_member(odile, "anne", later(now, 1))
    assert clean_files(later(now, 2))
    assert traces(database.parent) == set()
    assert not clean_files(later(now, 3))
    after = progress(alert.id, now)
    assert (after.counts, after.recipients) == (before.counts, before.recipients)
    assert len(recipients(alert.id).rows) == 2
    assert verify().faults == ()


def test_no_table_keeps_the_number(now, odile):
    lived(now, odile)
    forget_member(odile, "anne", later(now, 1))
    assert clean_files(later(now, 2))
    for table in (Message, Report, SimRecipient):
        assert NUMBER not in str(list(table.select().tuples()))
    assert verify().faults == ()


@pytest.mark.tuesday
def test_a_list_does_not_bring_them_back_and_a_hand_does(now, odile):
    forget_member(odile, "anne", later(now, 1))
    content = "first_name,last_name,mobile,email,neighbourhood\n"
    row = f"Odile,Quadflieg,{NUMBER},,Plainevaux\nO.,Q.,,{ADDRESS},Plainevaux\nLuc,Dupont,0470000009,,Plainevaux\n"
    for dry_run in (True, False):
        report = import_members((content + row).encode(), "list.csv", "anne", later(now, 2), dry_run=dry_run)
        assert (report.read, report.added, [refused.line for refused in report.refused]) == (3, 1, [2, 3])
        assert "supprimée le 24/11/2026" in str(report.refused[0].reason)
    assert members(Filter("Quadflieg")).total == 0
    save_member(None, draft(now), "anne", later(now, 3))
    report = import_members((content + row).encode(), "list.csv", "anne", later(now, 4))
    assert [str(refused.reason) for refused in report.refused] == ["cette personne est déjà à la ligne 2"]


def test_a_report_that_comes_later_brings_no_number_back(now, odile):
    modem = ready_modem("a", now)
    alert = order(now)
    claims = [claim_part(modem, now), claim_part(modem, now)]
    forget_member(odile, "anne", later(now, 1))
    for reference, claim in enumerate(claims):
        mark_sent(claim, reference, modem, later(now, 2))
    (theirs,) = [reference for reference, claim in enumerate(claims) if claim.msisdn == NUMBER]
    apply_report(NetworkReport(modem.imsi, theirs, NUMBER, later(now, 3), 0, "delivered"), later(now, 3))
    assert Report.select().count() == 0
    assert progress(alert.id, now).counts["sent"] == 2
    assert SimRecipient.select().where(SimRecipient.msisdn == NUMBER).count() == 1
    assert not clean_files(later(now, 4))
    Broadcast.update(stage=Stage.FINISHED).execute()
    assert clean_files(later(now, 4))
    assert SimRecipient.select().where(SimRecipient.msisdn == NUMBER).count() == 0


def test_what_somebody_shares_stays_theirs(now, odile):
    save_member(None, draft(now, first_name="Zoé"), "test", now, number_shared=True)
    alert = lived(now, odile)
    forget_member(odile, "anne", later(now, 1))
    assert NUMBER in {row.msisdn for row in recipients(alert.id).rows}
    assert Forgotten.select().count() == 1  # the row in older copies; no number, no address
    assert member(odile) is None


@pytest.mark.tuesday
@pytest.mark.sqlite
def test_a_copy_in_an_unused_part_of_a_page_goes_too(now, odile, database, monkeypatch):
    opened = Forgotten._meta.database.obj
    opened.execute_sql("PRAGMA secure_delete = 0")
    other = person(30, now, last_name="Quadflieg")
    Member.delete().where(Member.id == other).execute()
    opened.execute_sql("PRAGMA secure_delete = 1")
    forget_member(odile, "anne", later(now, 1))
    assert any("Quadflieg" in trace for trace in traces(database.parent))
    monkeypatch.setattr(retention, "_LARGE_BYTES", 0)
    assert not clean_files(later(now, 2))
    assert clean_files(later(now, 6 * 3600))
    assert traces(database.parent) == set()


def test_the_files_wait_while_an_alert_is_open(now, odile):
    ready_modem("a", now)
    order(now)
    forget_member(odile, "anne", later(now, 1))
    assert not clean_files(later(now, 2))
    Broadcast.update(stage=Stage.FINISHED).execute()
    assert clean_files(later(now, 2) + timedelta(minutes=1))


FACTS = {
    "roles_changed": {"roles": ["admin", "officer"], "lost": ["e"]},
    "policy_changed": {"changed": {"approval_from": [50, 0], "admin officer": []}},
    "broadcast_approved": {},
    "backup_made": {"bytes": 3, "left_out": ""},
    "approval_alone": {"reason": 'seule de garde, l\'admin officier est en route : { "reason": 1 }'},
}


@pytest.mark.parametrize(
    ("first_name", "last_name"),
    [
        ('":', '"'),
        ("e", "e"),
        ("-", "."),
        ("admin", "officer"),
        ('{"roles":', '["admin",'),
        ("%", "_"),
        ("reason", "1"),
    ],
)
def test_a_name_erases_nothing_that_is_not_its_member_s(now, first_name, last_name):
    for action, detail in FACTS.items():
        audit.record(now, "anne", action, "1", **detail)
    hostile = person(40, later(now, 1), first_name=first_name, last_name=last_name)
    for action, detail in FACTS.items():
        audit.record(later(now, 2), "anne", action, "1", **detail)
    forget_member(hostile, "eve", later(now, 3))
    for action, detail in FACTS.items():
        told = [entry for entry in audit.entries() if entry.action == action]
        assert [(entry.detail, entry.erased) for entry in told] == [(detail, False)] * 2
    assert (verify().faults, verify().erasures) == ((), ())


@pytest.mark.parametrize("field", audit.TYPED)
def test_whatever_somebody_typed_is_looked_at(now, odile, field):
    audit.record(now, "anne", "broadcast_ordered", "1", **{"kind": "alert", field: "Odile Quadflieg appelle"})
    forget_member(odile, "anne", later(now, 1))
    entry = audit.newest("broadcast_ordered")
    assert (entry.detail, entry.erased) == ({"kind": "alert"}, True)


def test_what_is_erased_is_told_with_who_asked_for_it(now, odile):
    audit.record(now, "anne", "approval_alone", "1", reason="QUADFLIEG Odile appelle")
    audit.record(now, "anne", "broadcast_ordered", "2", kind="alert", override="odile.quadflieg@example.org le demande")
    audit.record(now - timedelta(days=1), "anne", "approval_alone", "3", reason="Odile Quadflieg")  # no member yet
    forget_member(odile, "anne", later(now, 1), requester="relative")
    (erasure,) = verify().erasures
    assert (erasure.entries, str(erasure.forgotten.actor), erasure.forgotten.subject) == (2, "anne", str(odile))
    assert erasure.forgotten.detail["asked"] == "relative"
    assert {entry.subject: entry.detail for entry in audit.entries() if entry.erased} == {
        "1": {},
        "2": {"kind": "alert"},
    }
