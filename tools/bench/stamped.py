"""`plp …` that says on stderr when its last COMMIT began: `COMMIT seconds-since-the-epoch`."""

import sys
import time

from peewee import SqliteDatabase

from plp.cli.main import main as plp


def main() -> None:
    """Run the command with its own exit status."""
    commit = SqliteDatabase.commit
    stamps: list[float] = []

    def stamped(database: SqliteDatabase) -> object:
        stamps.append(time.time())
        return commit(database)

    SqliteDatabase.commit = stamped
    try:
        plp()
    finally:
        print(f"COMMIT {stamps[-1] if stamps else 0.0!r}", file=sys.stderr)


if __name__ == "__main__":
    main()
