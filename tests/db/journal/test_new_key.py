"""The journal's key is lost: a new one begins a stretch of its own, and the one before is told apart from tampering."""

import json
import random

import pytest

from db.engine.base import database
from db.journal import audit
from db.journal.chain import cut_beginning, head, key_of_database, seal_entries
from db.journal.verification import verify
from db.models.zone import AuditAnchor, AuditEntry, AuditSeal
from plp.services.machine import sign_with_new_key
from rules.people import Actor
from tests.support.journal import take_guards_away
from tests.support.people import later

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]
OLD, NEW = 5, 4


@pytest.fixture
def lost(now, tmp_path):
    """A journal whose key is lost, and which has gone on for a day; yields the last head of before."""
    for number in range(OLD):
        audit.record(later(now, number), "anne", "sign_in", str(number), reason="typed")
    seal_entries()
    before = head()
    audit.record(later(now, 9), "anne", "sign_in", "waits for its seal")
    anew(tmp_path, 1, later(now, 60))
    for number in range(NEW):
        audit.record(later(now, 100 + number), "luc", "sign_in", str(number), reason="typed")
    while seal_entries():
        pass
    return before


def anew(tmp_path, number, at):
    audit.use_key_file(tmp_path / f"new-{number}.key")
    sign_with_new_key(Actor("terminal", "root"), at)


def test_the_older_stretch_is_named_and_is_no_tampering(lost, now):
    check = verify([lost])
    assert check.faults == ()
    assert check.heads == 2  # that of the note, and that which the new key's first entry signs
    (stretch,) = check.stretches
    assert (stretch.first, stretch.last) == (1, OLD + 1)
    assert (stretch.begun.actor.name, stretch.begun.at) == ("root", later(now, 60))


def test_each_lost_key_has_a_stretch(lost, now, tmp_path):
    anew(tmp_path, 2, later(now, 999))
    seal_entries()
    check = verify([lost])
    assert check.faults == ()
    last = OLD + 1
    assert [(one.first, one.last) for one in check.stretches] == [(1, last), (last + 1, last + 1 + NEW)]


def test_what_the_new_key_signed_is_held_to_it_and_the_older_chain_to_its_seals(lost, now):
    take_guards_away()
    dice = random.Random(7)
    young = list(range(OLD + 2, OLD + 2 + NEW + 1))

    def change_a_young_entry():
        change = dice.choice(
            [{"actor": "x"}, {"subject": "x"}, {"mac": "x"}, {"typed": "x"}, {"detail": json.dumps({"x": 1})}]
        )
        AuditEntry.update(change).where(AuditEntry.id == dice.choice(young)).execute()

    def remove_an_old_entry():
        AuditEntry.delete().where(AuditEntry.id == dice.randint(1, OLD)).execute()

    def remove_an_old_seal():
        gone = dice.randint(1, OLD)
        AuditSeal.delete().where(AuditSeal.id == gone).execute()
        if dice.random() < 0.5:
            for number, seal in enumerate(AuditSeal.select().order_by(AuditSeal.id), 1):
                AuditSeal.update(id=number).where(AuditSeal.id == seal.id).execute()

    def pretend_a_later_beginning():
        AuditSeal.delete().where(AuditSeal.id <= 3).execute()
        AuditEntry.delete().where(AuditEntry.id <= 3).execute()
        seal = AuditSeal.get_by_id(4)
        AuditAnchor.create(at=now, number=3, hash=seal.previous, entry=3, key="x", mac="x")

    def write_one_in_the_old_stretch():
        made = AuditEntry.select().where(AuditEntry.id == 1).dicts().get()
        AuditEntry.insert(made | {"id": 900, "subject": "x"}).execute()

    hows = (change_a_young_entry, remove_an_old_entry, remove_an_old_seal, pretend_a_later_beginning,
            write_one_in_the_old_stretch)  # fmt: skip
    missed = []
    for attempt in range(100):
        how = hows[attempt % len(hows)]
        with database.atomic() as transaction:
            how()
            if not verify([lost]).faults:
                missed.append(f"{attempt} {how.__name__}")
            transaction.rollback()
    assert missed == []


def test_an_entry_that_only_says_it_begins_a_stretch_begins_none(now):
    audit.record(now, "anne", "sign_in")
    forged = audit.record(later(now, 1), "x", "journal_key_made", key=audit.key_id(), head="", begins="")
    seal_entries()
    take_guards_away()
    AuditEntry.update(actor="y", mac="x").where(AuditEntry.id == 1).execute()
    AuditEntry.update(mac="x").where(AuditEntry.id == forged).execute()
    assert len(verify().faults) >= 2


def test_the_cut_of_the_older_stretch_leaves_a_journal_that_its_key_opens(lost, now):
    key = audit.key_id()
    cut_beginning(later(now, 90), later(now, 200))
    while seal_entries():
        pass
    check = verify()
    assert (check.faults, check.stretches) == ((), ())
    assert key_of_database() == key
