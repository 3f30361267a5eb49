"""The journal goes on with a new key, where the old one is lost."""

from datetime import datetime

from db.engine.connection import take_turn, writing
from db.journal import audit
from db.journal.chain import key_of_database
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
