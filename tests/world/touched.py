"""Whether anything changed that somebody reads or waits for: triggers of this connection tell, so that nobody looks in
vain.
"""

from db.engine.base import database

# Whoever sends, and whoever shows, reads these; the column names the broadcast, where it is about one.
_TABLES = {
    "broadcast": "{row}.id", "message": "{row}.broadcast_id", "part": "{row}.broadcast_id",
    "attempt": "(SELECT broadcast_id FROM part WHERE id = {row}.part_id)", "approval": "{row}.broadcast_id",
    "modem_request": "0", "sim_card": "0", "sim_budget": "0", "member": "0", "consent": "0", "zone_policy": "0",
    "inbound_message": "0", "inbound_verdict": "0",
}  # fmt: skip

# What gives a modem something to do.
_WAKES = {"broadcast": "1", "part": "new.state = 'queued'", "modem_request": "1", "sim_card": "1"}


class Touched:
    """`often` counts changes, and `wakes` those that a modem waits for; `broadcasts` are those that were changed since
    somebody took them out of it. What is taken back by a crash or a refusal counts, too.
    """

    def __init__(self) -> None:
        self.often = self.wakes = 0
        self.broadcasts: set[int] = set()

    def watch(self) -> None:
        """From now on, on this connection."""
        database.connection().create_function("world_touched", 2, self._note)
        for table, about in _TABLES.items():
            for deed, row in (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old")):
                wakes = _WAKES.get(table, "0") if row == "new" else "0"
                database.execute_sql(
                    f"CREATE TEMP TRIGGER world_{table}_{deed} AFTER {deed} ON {table} "
                    f"BEGIN SELECT world_touched({about.format(row=row)}, {wakes}); END"
                )

    def _note(self, broadcast_id: int | None, wakes: int) -> None:
        self.often += 1
        self.wakes += wakes
        if broadcast_id:
            self.broadcasts.add(broadcast_id)
