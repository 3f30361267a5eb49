"""The journal of a version that signed nothing is taken over once; what did not fit its chain is said for ever."""

import hashlib
import json

import pytest

from db.journal import audit
from db.journal.chain import begin_chain, seal_entries
from db.journal.verification import verify
from db.models.zone import AuditAnchor, AuditEntry, AuditSeal
from tests.support.journal import take_guards_away
from tests.support.people import later

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def older(now):
    """Three entries and their seals, as the version before wrote them."""
    take_guards_away()
    for table in (AuditAnchor, AuditSeal, AuditEntry):
        table.delete().execute()
    previous = "plp-alerte"
    for number in range(1, 4):
        row = AuditEntry.create(at=later(now, number), actor="anne", action="sign_in")
        whole = [previous, row.id, row.at.isoformat(), row.actor, row.action, row.subject, row.detail]
        digest = hashlib.sha256(json.dumps(whole, ensure_ascii=False).encode()).hexdigest()
        AuditSeal.create(id=number * 2, entry=row.id, previous=previous, hash=digest)
        previous = digest
    return previous


def test_it_is_signed_once_and_its_last_hash_stays(older, now):
    begin_chain(now)
    begin_chain(now)
    seal_entries()
    assert (verify().sealed, verify().waiting, verify().faults) == (4, 0, ())
    (told,) = [entry for entry in audit.entries() if entry.action == "journal_signed"]
    assert told.detail == {"entries": 3, "head": older, "faults": 0}


def test_what_did_not_fit_is_counted(older, now):
    AuditEntry.update(actor="luc").where(AuditEntry.at == later(now, 2)).execute()
    AuditSeal.update(previous="0" * 64).where(AuditSeal.id == 6).execute()
    begin_chain(now)
    assert audit.newest("journal_signed").detail["faults"] == 3


def test_an_unsigned_entry_that_comes_later_is_not_signed(older, now):
    begin_chain(now)
    AuditEntry.create(at=now, actor="luc", action="sign_in")
    begin_chain(now)
    seal_entries()
    assert "n'a pas été écrite par plp-alerte" in " ".join(verify().faults)
