"""The chain over the audit: every way of falsifying it shows, forgetting in due time does not."""

import pytest
from peewee import DatabaseError

from db.engine.connection import writing
from db.journal import audit
from db.journal.audit import make_key, use_key_file
from db.journal.chain import begin_chain, cut_beginning, erase_typed, head, last_seal, seal_entries
from db.journal.verification import verify
from db.models.zone import AuditAnchor, AuditEntry, AuditSeal
from tests.support.journal import take_guards_away
from tests.support.people import later

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def chain(now):
    """Six entries, a second apart, sealed; and nothing that keeps anybody from changing them."""
    for number in range(6):
        audit.record(later(now, number), "anne", "sign_in", str(number), number=number)
    assert seal_entries() is False
    take_guards_away()
    return [row.id for row in AuditEntry.select().order_by(AuditEntry.id)]


def faults(*heads):
    return " ".join(map(str, verify(heads).faults))


def test_a_whole_chain_holds_and_ends_in_a_hash(chain, now):
    verdict = verify()
    assert (verdict.sealed, verdict.waiting, verdict.faults) == (6, 0, ())
    assert str(verdict.head) == last_seal() == f"6:{verdict.last_hash}"
    assert len(verdict.last_hash) == 64
    audit.record(now, "anne", "sign_in")
    assert verify().waiting == 1
    seal_entries()
    assert (verify().sealed, verify().waiting) == (7, 0)
    assert last_seal() != str(verdict.head)
    assert verify([verdict.head]).heads == 1


def test_an_empty_audit_holds(now):
    assert seal_entries() is False
    assert verify().faults == ()
    assert last_seal() == ""


@pytest.mark.parametrize("field", ["actor", "action", "subject", "detail", "mac", "typed", "typed_mac", "erased"])
def test_a_changed_entry_shows(chain, field):
    AuditEntry.update({field: "x"}).where(AuditEntry.id == chain[2]).execute()
    assert f"L'entrée {chain[2]}" in faults()


def test_a_changed_time_shows(chain, now):
    AuditEntry.update(at=now.replace(year=2025)).where(AuditEntry.id == chain[5]).execute()
    assert f"L'entrée {chain[5]}" in faults()


def test_a_removed_entry_shows_with_or_without_its_seal(chain):
    AuditEntry.delete().where(AuditEntry.id == chain[3]).execute()
    assert f"L'entrée {chain[3]} a été supprimée" in faults()
    AuditSeal.delete().where(AuditSeal.entry == chain[3]).execute()
    assert f"Avant l'entrée {chain[4]}" in faults()


def test_a_beginning_that_somebody_removed_shows(chain):
    AuditEntry.delete().where(AuditEntry.id <= chain[3]).execute()
    AuditSeal.delete().where(AuditSeal.entry <= chain[3]).execute()
    assert f"Avant l'entrée {chain[4]}, la chaîne est rompue" in faults()


def test_an_entry_in_another_s_name_shows_before_and_after_it_is_sealed(chain, now):
    AuditEntry.create(at=now, actor="luc", action="broadcast_approved", subject="1")
    assert "n'a pas été écrite par plp-alerte" in faults()
    seal_entries()
    assert "n'a pas été écrite par plp-alerte" in faults()


def test_an_entry_that_is_copied_shows(chain, now):
    kept = AuditEntry.select().where(AuditEntry.id == chain[1]).dicts().get()
    AuditEntry.insert({**kept, "id": chain[5] + 1}).execute()
    assert f"L'entrée {chain[5] + 1}" in faults()


def test_a_chain_that_is_sealed_anew_does_not_pass_through_the_head(chain):
    noted = head()
    AuditSeal.delete().execute()
    AuditEntry.delete().where(AuditEntry.id == chain[0]).execute()
    seal_entries()
    assert verify().faults == ()
    assert "Le journal s'arrête avant le sceau 6" in faults(noted)
    for _ in range(2):
        audit.record(AuditEntry.get().at, "anne", "sign_in")
    seal_entries()
    assert "Le sceau 6 n'est pas celui indiqué" in faults(noted)


def test_without_its_signed_beginning_nothing_is_sealed(chain, now):
    AuditAnchor.delete().execute()
    AuditSeal.delete().execute()
    begin_chain(now)
    assert seal_entries() is False
    assert "Le journal n'a pas de début signé" in faults()


def test_another_key_signs_nothing_that_holds(chain, tmp_path, now):
    use_key_file(tmp_path / "other.key")
    make_key()
    assert "signé avec une autre clé" in faults()
    assert (tmp_path / "other.key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_cannot_be_read_keeps_nobody_from_acting(tmp_path, now, caplog):
    (tmp_path / "damaged.key").write_text("half", encoding="ascii")
    use_key_file(tmp_path / "damaged.key")
    audit.record(now, "anne", "broadcast_ordered", "1")
    assert "the journal cannot be signed" in caplog.text
    assert AuditEntry.get().mac == ""


@pytest.mark.parametrize("table", [AuditEntry, AuditSeal, AuditAnchor])
def test_the_database_refuses_changes_and_removals(table, now):
    audit.record(now, "anne", "sign_in")
    seal_entries()
    field = {"actor": "luc"} if table is AuditEntry else {"hash": "0" * 64}
    for change in (table.update(field), table.delete()):
        with pytest.raises(DatabaseError, match="the journal is not changed"), writing():
            change.execute()
    assert verify().faults == ()


@pytest.fixture
def typed(chain, now):
    """Two entries in which somebody typed a reason, after the six."""
    ids = [audit.record(now, "anne", "approval_alone", str(number), reason="Odile appelle") for number in (7, 8)]
    seal_entries()
    return ids


def test_what_was_typed_is_erased_with_a_mark_and_the_chain_holds(chain, typed, now):
    told = audit.record(now, "anne", "member_deleted", "3", asked="person", entries=1)
    for _ in range(2):
        erase_typed(typed[:1], told)
    assert verify().faults == ()
    (erasure,) = verify().erasures
    assert (erasure.entries, erasure.number, str(erasure.forgotten.actor)) == (1, told, "anne")
    assert (erasure.forgotten.subject, erasure.forgotten.detail["asked"]) == ("3", "person")
    assert [(entry.subject, entry.detail) for entry in audit.entries() if entry.erased] == [("7", {})]
    copied = AuditEntry.get_by_id(typed[0])
    AuditEntry.update(typed="", erased=copied.erased, erased_by=told).where(AuditEntry.id == typed[1]).execute()
    assert f"L'entrée {typed[1]}" in faults()


def test_an_erasure_in_another_s_name_shows(chain, typed, now):
    told = audit.record(now, "anne", "member_deleted", "3", asked="person", entries=1)
    other = audit.record(now, "luc", "member_deleted", "4", asked="person", entries=0)
    erase_typed(typed, told)
    AuditEntry.update(erased_by=other).where(AuditEntry.id == typed[0]).execute()
    assert f"L'entrée {typed[0]}" in faults()
    AuditEntry.delete().where(AuditEntry.id == told).execute()
    assert f"L'entrée {told} a été supprimée" in faults()


def test_the_database_lets_nothing_be_erased_but_what_was_typed(now):
    entry = audit.record(now, "anne", "approval_alone", "1", reason="Odile appelle")
    for change in ({"detail": ""}, {"erased": "x"}, {"typed": "{}", "erased": "x"}, {"typed": "", "erased": ""}):
        with pytest.raises(DatabaseError, match="the journal is not changed"), writing():
            AuditEntry.update(change).where(AuditEntry.id == entry).execute()


def test_a_signed_cut_leaves_a_chain_that_holds(chain, now):
    before = head()
    assert cut_beginning(later(now, 3), later(now, 9)) == 3
    seal_entries()
    assert (verify([before]).sealed, verify([before]).faults) == (4, ())
    assert cut_beginning(later(now, 3), later(now, 9)) == 0
    assert audit.entries(1)[0].action == "journal_cut"
    cut_beginning(later(now, 90), later(now, 99))
    assert (verify().sealed, verify().faults) == (1, ())


def test_what_was_cut_off_is_not_put_back(chain, now):
    kept = AuditEntry.select().where(AuditEntry.id == chain[1]).dicts().get()
    cut_beginning(later(now, 3), later(now, 9))
    AuditEntry.insert(kept).execute()
    seal_entries()
    assert f"L'entrée {chain[1]}" in faults()
    assert "elle a été rétablie" in faults()


def test_a_forged_cut_shows(chain, now):
    with writing():
        third = AuditSeal.get_by_id(3)
        AuditAnchor.create(at=now, number=3, hash=third.hash, entry=third.entry, key="x", mac="0" * 64)
        AuditSeal.delete().where(AuditSeal.id <= 3).execute()
    assert faults() != ""
