"""A thousand random tamperings by somebody who owns the database: each is found, up to the head that was exported."""

import random

import pytest

from db.engine.base import database
from db.journal import audit
from db.journal.chain import head, seal_entries
from db.journal.verification import verify
from db.models.zone import AuditAnchor, AuditEntry, AuditSeal
from tests.support.journal import take_guards_away
from tests.support.people import later

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]

ENTRIES = 6
TRIES = 1000


def change_an_entry(dice):
    field = dice.choice(["actor", "action", "subject", "detail", "typed", "mac", "typed_mac", "erased", "at"])
    one = AuditEntry.get_by_id(dice.randint(1, ENTRIES))
    value = later(one.at, dice.randint(1, 10**6)) if field == "at" else f"{dice.random()}"
    AuditEntry.update({field: value}).where(AuditEntry.id == one.id).execute()


def change_a_seal(dice):
    field = dice.choice(["previous", "hash", "entry"])
    value = 10**6 if field == "entry" else f"{dice.getrandbits(256):064x}"
    AuditSeal.update({field: value}).where(AuditSeal.id == dice.randint(1, ENTRIES)).execute()


def move_the_beginning(dice):
    field = dice.choice(["number", "hash", "entry", "mac"])
    AuditAnchor.update({field: dice.randint(1, ENTRIES)}).execute()


def remove(dice):
    first = dice.randint(1, ENTRIES)
    gone = range(first, dice.randint(first, ENTRIES) + 1)
    if dice.random() < 0.7:
        AuditSeal.delete().where(AuditSeal.entry.in_(gone)).execute()
    AuditEntry.delete().where(AuditEntry.id.in_(gone)).execute()
    close_gap(dice)


def close_gap(dice):
    """Seals numbered anew, as if none were missing."""
    if dice.random() < 0.5:
        for number, seal in enumerate(AuditSeal.select().order_by(AuditSeal.id), 1):
            AuditSeal.update(id=number).where(AuditSeal.id == seal.id).execute()


def insert(dice):
    made = AuditEntry.select().where(AuditEntry.id == dice.randint(1, ENTRIES)).dicts().get()
    made |= {"id": ENTRIES + 1} | dice.choice([{}, {"actor": "luc"}, {"mac": ""}])
    AuditEntry.insert(made).execute()


def reorder(dice):
    one, two = (AuditEntry.get_by_id(number) for number in dice.sample(range(1, ENTRIES + 1), 2))
    fields = ["at", "subject", "detail", "typed", "typed_mac", "mac"]
    for target, source in ((one, two), (two, one)):
        AuditEntry.update({name: getattr(source, name) for name in fields}).where(AuditEntry.id == target.id).execute()


def reorder_seals(dice):
    one, two = dice.sample(range(1, ENTRIES + 1), 2)
    for old, new in ((one, -1), (two, one), (-1, two)):
        AuditSeal.update(id=new).where(AuditSeal.id == old).execute()


def seal_anew(dice):
    """Remove, and let the product itself seal what is left."""
    AuditSeal.delete().where(AuditSeal.id >= dice.randint(1, ENTRIES)).execute()
    AuditEntry.delete().where(AuditEntry.id == dice.randint(1, ENTRIES)).execute()
    while seal_entries():
        pass


HOW = (change_an_entry, change_a_seal, move_the_beginning, remove, insert, reorder, reorder_seals, seal_anew)


def test_a_thousand_tamperings_are_found(now):
    for number in range(ENTRIES):
        audit.record(later(now, number), "anne", "sign_in", str(number), number=number, reason="typed")
    seal_entries()
    exported = head()
    take_guards_away()
    assert verify([exported]).faults == ()
    dice = random.Random(13)
    missed = []
    for attempt in range(TRIES):
        how = HOW[attempt % len(HOW)]
        with database.atomic() as transaction:
            how(dice)
            if not verify([exported]).faults:
                missed.append(f"{attempt} {how.__name__}")
            transaction.rollback()
    assert missed == []
    assert verify([exported]).faults == ()
