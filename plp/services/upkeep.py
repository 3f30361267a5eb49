"""Acts of whoever looks after the machine: a new key, a clock that is believed, plan B taken along, an alarm seen."""

from collections.abc import Collection
from datetime import datetime

from db.engine.connection import take_turn, writing
from db.journal import audit
from db.journal.chain import key_of_database
from db.operations.machine.clock import behind, set_back
from db.operations.summons import About, end_summons, is_calling, settle_causes
from rules.sentences import CodedRefusal, refusing


def sign_with_new_key(by: str, now: datetime) -> None:
    """From now on the database's key is this machine's, made where it has none. What was signed before cannot be
    verified any more. Raises Refusal where it is the database's.
    """
    with refusing(), writing():
        take_turn("seals")
        audit.make_key()
        if audit.key_id() == key_of_database():
            raise CodedRefusal("journal_key_same", path=audit.key_file())
        audit.record(now, by, "journal_key_made", key=audit.key_id())


def believe_clock(by: str, now: datetime) -> None:
    """A person says that the clock is right, and what was seen before was not."""
    off = behind(now)
    if off is None:
        return
    with writing():
        set_back(now)
        audit.record_from(now, by, "clock_believed", seconds=round(off.total_seconds()))


def mark_opened(kind: About, subjects: Collection[str] | None, by: str, now: datetime) -> None:
    """Somebody opened these in the console, all of this kind for None: nobody is called about them any more."""
    if not is_calling(kind):
        return
    with writing():
        take_turn("waking")
        settled = settle_causes(kind, subjects, now)
        if settled is not None:
            end_summons(settled, "opened", by, now)


def record_plan_b_taken(what: str, by: str, now: datetime) -> None:
    """Members' numbers leave the console: the journal says who took them."""
    with writing():
        audit.record(now, by, "plan_b_taken", what)
