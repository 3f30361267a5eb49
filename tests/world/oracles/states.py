"""Every change of a part's state, as the database makes it: a trigger of this connection notes them."""

from db.engine.base import database
from rules.states import PART_TRANSITIONS, PartState
from tests.world.story import Story


def watch_states() -> None:
    """From now on each change is noted; what a crash takes back is not."""
    database.execute_sql("CREATE TEMP TABLE world_moves (source TEXT, target TEXT, PRIMARY KEY (source, target))")
    database.execute_sql(
        "CREATE TEMP TRIGGER world_watch AFTER UPDATE OF state ON part WHEN old.state <> new.state "
        "BEGIN INSERT OR IGNORE INTO world_moves VALUES (old.state, new.state); END"
    )


def moves() -> frozenset[tuple[str, str]]:
    """The transitions that were seen till now."""
    return frozenset(database.execute_sql("SELECT source, target FROM world_moves").fetchall())


def check_states(story: Story) -> None:
    """Each of them is in the table."""
    for source, target in sorted(moves()):
        if PartState(target) not in PART_TRANSITIONS[PartState(source)]:
            story.violate("states", f"a part went from {source} to {target}")
