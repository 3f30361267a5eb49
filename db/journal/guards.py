"""Triggers that refuse changes of the journal; the owner of the database could drop them (`plp audit verify`).

They let through: details erased with a mark, one signature of what had none, and the cut before an anchor.
"""

from db.engine.base import database
from db.engine.connection import is_postgres_database

_MAY_CHANGE = """
    NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.actor = OLD.actor AND NEW.action = OLD.action
    AND NEW.subject = OLD.subject
    AND ((OLD.mac = '' AND NEW.detail = OLD.detail AND NEW.erased = OLD.erased)
      OR (NEW.mac = OLD.mac AND NEW.detail_mac = OLD.detail_mac AND NEW.detail = '' AND NEW.erased <> ''))
"""
_IS_CUT = "EXISTS (SELECT 1 FROM audit_seal AS s, audit_anchor AS a WHERE s.entry = OLD.id AND s.id <= a.number)"
# Before the first anchor there are only the seals of an older version, which `begin_chain` replaces.
_SEAL_IS_CUT = "OLD.id <= COALESCE((SELECT MAX(number) FROM audit_anchor), OLD.id)"

# Table, event, and when it is allowed.
_GUARDS = (
    ("audit_entry", "UPDATE", _MAY_CHANGE),
    ("audit_entry", "DELETE", _IS_CUT),
    ("audit_seal", "UPDATE", "1 = 0"),
    ("audit_seal", "DELETE", _SEAL_IS_CUT),
    ("audit_anchor", "UPDATE", "1 = 0"),
    ("audit_anchor", "DELETE", "1 = 0"),
)
_TOLD = "the journal is not changed"


def create_guards() -> None:
    """Make them anew, in a database whose schema is up to date. Inside the caller's transaction."""
    for table, event, allowed in _GUARDS:
        name = f"{table}_{event.lower()}_guard"
        if is_postgres_database():
            given_back = "NEW" if event == "UPDATE" else "OLD"
            database.execute_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            database.execute_sql(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF NOT ({allowed}) THEN RAISE EXCEPTION '{_TOLD}'; END IF; RETURN {given_back}; END $$"
            )
            how = f"FOR EACH ROW EXECUTE FUNCTION {name}()"
        else:
            database.execute_sql(f"DROP TRIGGER IF EXISTS {name}")
            how = f"WHEN NOT ({allowed}) BEGIN SELECT RAISE(ABORT, '{_TOLD}'); END"
        database.execute_sql(f"CREATE TRIGGER {name} BEFORE {event} ON {table} {how}")
