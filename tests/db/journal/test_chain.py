"""The chain over the audit: every way of falsifying it shows, forgetting in due time does not."""

import pytest
from peewee import fn

from db.journal import audit
from db.journal.chain import forget_seals, last_seal, seal_entries, verify
from db.models.journal_chain import AuditSeal
from db.models.zone import AuditEntry

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def chain(now):
    """Six entries, sealed."""
    for number in range(6):
        audit.record(now, "anne", "sign_in", str(number), number=number)
    assert seal_entries() is False
    return [row.id for row in AuditEntry.select().order_by(AuditEntry.id)]


def faults():
    return " ".join(verify().faults)


def test_a_whole_chain_holds_and_ends_in_a_hash(chain, now):
    verdict = verify()
    assert (verdict.sealed, verdict.waiting, verdict.faults) == (6, 0, ())
    assert verdict.last_hash == last_seal()
    assert len(verdict.last_hash) == 64
    audit.record(now, "anne", "sign_in")
    assert verify().waiting == 1
    seal_entries()
    assert (verify().sealed, verify().waiting) == (7, 0)
    assert last_seal() != verdict.last_hash


def test_an_empty_audit_holds(now):
    assert seal_entries() is False
    assert verify().faults == ()
    assert last_seal() == ""


@pytest.mark.parametrize("field", ["actor", "action", "subject", "detail"])
def test_a_changed_entry_shows(chain, field):
    AuditEntry.update({field: "x"}).where(AuditEntry.id == chain[2]).execute()
    assert f"L'entrée {chain[2]}" in faults()
    assert "a été changée" in faults()


def test_a_changed_time_shows(chain, now):
    AuditEntry.update(at=now.replace(year=2025)).where(AuditEntry.id == chain[5]).execute()
    assert f"L'entrée {chain[5]}" in faults()


def test_a_removed_entry_shows_with_or_without_its_seal(chain):
    AuditEntry.delete().where(AuditEntry.id == chain[3]).execute()
    assert f"L'entrée {chain[3]} a été enlevée" in faults()
    AuditSeal.delete().where(AuditSeal.entry == chain[3]).execute()
    assert f"Avant l'entrée {chain[4]}" in faults()


def test_a_change_with_a_new_seal_of_its_own_shows(chain):
    AuditEntry.update(actor="x").where(AuditEntry.id == chain[1]).execute()
    AuditSeal.update(hash="0" * 64).where(AuditSeal.entry == chain[1]).execute()
    assert f"L'entrée {chain[1]}" in faults()
    assert f"Avant l'entrée {chain[2]}" in faults()


def test_a_chain_made_anew_does_not_end_in_the_noted_hash(chain):
    noted = last_seal()
    AuditEntry.update(actor="x").where(AuditEntry.id == chain[1]).execute()
    AuditSeal.delete().execute()
    seal_entries()
    assert verify().faults == ()
    assert last_seal() != noted


def test_what_is_forgotten_in_due_time_leaves_a_chain_that_holds(chain):
    AuditEntry.delete().where(AuditEntry.id <= chain[2]).execute()
    forget_seals()
    assert (verify().sealed, verify().faults) == (3, ())
    AuditEntry.delete().execute()
    forget_seals()
    assert AuditSeal.select(fn.COUNT(AuditSeal.id)).scalar() == 0


def test_a_hole_in_the_middle_is_not_forgotten(chain):
    AuditEntry.delete().where(AuditEntry.id.in_([chain[0], chain[3]])).execute()
    forget_seals()
    assert f"L'entrée {chain[3]} a été enlevée" in faults()
