"""Acts of the person who looks after the machine: a new key, a clock confirmed, plan B downloaded, an alarm seen."""

from collections.abc import Collection
from datetime import datetime

from db.engine.connection import take_turn, writing
from db.journal import audit
from db.journal.chain import key_of_database
from db.operations.machine.clock import behind, set_back
from db.operations.summons import About, end_summons, is_calling, settle_causes
from rules.sentences import CodedRefusal, refusing


def sign_with_new_key(by: str, now: datetime) -> None:
    """From now on the database's key is this machine's, which is made if missing. Earlier signatures can no longer be
    verified. Raises Refusal if it is already the database's.
    """
    with refusing(), writing():
        take_turn("seals")
        audit.make_key()
        if audit.key_id() == key_of_database():
            raise CodedRefusal("journal_key_same", path=audit.key_file())
        audit.record(now, by, "journal_key_made", key=audit.key_id())


def believe_clock(by: str, now: datetime) -> None:
    """A person confirms that the clock is right, and that the time seen before was not."""
    off = behind(now)
    if off is None:
        return
    with writing():
        set_back(now)
        audit.record_from(now, by, "clock_believed", seconds=round(off.total_seconds()))


def mark_opened(kind: About, subjects: Collection[str] | None, by: str, now: datetime) -> None:
    """Somebody opened these in the console, or all of this kind for None: nobody is called about them any more."""
    if not is_calling(kind):
        return
    with writing():
        take_turn("waking")
        settled = settle_causes(kind, subjects, now)
        if settled is not None:
            end_summons(settled, "opened", by, now)


def record_plan_b_taken(what: str, by: str, now: datetime) -> None:
    """Members' numbers leave the console: the journal records who downloaded them."""
    with writing():
        audit.record(now, by, "plan_b_taken", what)
