"""Whether anything changed that somebody reads or waits for: triggers tell, so that nobody looks in vain. SQLite's call
a function, PostgreSQL's send a notice to whoever changed it.
"""

from collections.abc import Iterator

from db.engine.base import database
from db.engine.connection import is_postgres_database

# Whoever sends, and whoever shows, reads these; the column names the broadcast, where it is about one.
_TABLES = {
    "broadcast": "{row}.id", "message": "{row}.broadcast_id", "part": "{row}.broadcast_id",
    "attempt": "(SELECT broadcast_id FROM part WHERE id = {row}.part_id)", "approval": "{row}.broadcast_id",
    "modem_request": "0", "sim_card": "0", "sim_budget": "0", "member": "0", "consent": "0", "zone_policy": "0",
    "inbound_message": "0", "inbound_verdict": "0",
}  # fmt: skip

# What gives a modem something to do.
_WAKES = {"broadcast": "1", "part": "new.state = 'queued'", "modem_request": "1", "sim_card": "1"}

_POSTGRES = """
CREATE FUNCTION world_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed record;
    wakes boolean := FALSE;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; wakes := {wakes}; END IF;
    {moved}
    RAISE NOTICE 'touched % %', ({about}), wakes::int;
    RETURN NULL;
END $$
"""
_MOVED = """
    IF TG_OP = 'UPDATE' AND OLD.state <> NEW.state THEN RAISE NOTICE 'moved % %', OLD.state, NEW.state; END IF;
"""


def postgres_triggers() -> Iterator[str]:
    """What an empty database on PostgreSQL needs."""
    for table, about in _TABLES.items():
        wakes = {"0": "FALSE", "1": "TRUE"}.get(_WAKES.get(table, "0"), _WAKES.get(table))
        moved = _MOVED if table == "part" else ""
        yield _POSTGRES.format(table=table, wakes=wakes, moved=moved, about=about.format(row="changed"))
        yield (
            f"CREATE TRIGGER world_touched AFTER INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION world_{table}()"
        )


class Touched:
    """`often` counts changes, and `wakes` those that a modem waits for; `broadcasts` are those that were changed since
    somebody took them out of it, and `moves` all transitions of parts. What is taken back by a crash or a refusal
    counts, too.
    """

    def __init__(self) -> None:
        self.often = self.wakes = 0
        self.broadcasts: set[int] = set()
        self.moves: set[tuple[str, str]] = set()

    def watch(self) -> None:
        """From now on, on this connection; on PostgreSQL on all."""
        if is_postgres_database():
            database.obj.note, database.obj.moved = self.note, self.moved
            return
        database.connection().create_function("world_touched", 2, self.note)
        database.connection().create_function("world_moved", 2, self.moved)
        database.execute_sql(
            "CREATE TEMP TRIGGER world_watch AFTER UPDATE OF state ON part WHEN old.state <> new.state "
            "BEGIN SELECT world_moved(old.state, new.state); END"
        )
        for table, about in _TABLES.items():
            for deed, row in (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old")):
                wakes = _WAKES.get(table, "0") if row == "new" else "0"
                database.execute_sql(
                    f"CREATE TEMP TRIGGER world_{table}_{deed} AFTER {deed} ON {table} "
                    f"BEGIN SELECT world_touched({about.format(row=row)}, {wakes}); END"
                )

    def moved(self, source: str, target: str) -> None:
        self.moves.add((source, target))

    def note(self, broadcast_id: int | None, wakes: int) -> None:
        self.often += 1
        self.wakes += wakes
        if broadcast_id:
            self.broadcasts.add(broadcast_id)
