"""An older copy of the database is put in its place behind the box's back, as whoever repairs a disk may do. The note
of what was sent stays: what waits must wait for a person, and what phones have must not be shown as never sent.
"""

import copy
import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass

from db.engine.base import database
from tests.world.ledger import Kept
from tests.world.memory import Memory
from tests.world.world import World

# Older than the note of what was sent, which follows within seconds (docs/adr/0028-an-older-copy-is-noticed.md).
NOTED_S = 20.0


@dataclass
class Copy:
    """The database of a moment, with what people had done and ordered till then. On a server it has a name there."""

    rows: bytes | str
    memory: Memory
    messages: Kept


def schedule(world: World, at_s: float, chance: random.Random) -> None:
    """Make a copy some time before `at_s`, in seconds since the epoch, and put it back then."""
    kept: list[Copy] = []
    at_s = max(at_s, world.timeline.now_s + 2 * NOTED_S)
    until_s = at_s - world.timeline.now_s - NOTED_S
    world.timeline.after(until_s * chance.uniform(0.1, 1), lambda: kept.append(_copied(world)))
    world.timeline.at(at_s, lambda: _put_back(world, kept[0]))


def _copied(world: World) -> Copy:
    messages = world.ledger.as_it_is()
    if world.box.is_shared:
        rows = database.obj.copy()
    else:
        with closing(sqlite3.connect(":memory:")) as whole:
            database.connection().backup(whole)
            # Bytes 18 and 19 are 2 for a database with a -wal (SQLite's file format, 1.3); one in memory has none.
            pages = whole.serialize()
            rows = pages[:18] + b"\1\1" + pages[20:]
    world.story.tell("a copy of the database is made")
    return Copy(rows, copy.deepcopy(world.memory), messages)


def _put_back(world: World, kept: Copy) -> None:
    """Everything stops, the copy takes the database's place, and the supervisor starts everything again; machines that
    share a server may not even notice.
    """
    world.strike("put_back")
    for host in world.box.hosts.values() if isinstance(kept.rows, bytes) or world.plan.seed % 3 else ():
        for name in host.processes:
            host.kill(name)
    world.ledger.read(by_person=True)
    texts = world.kept_texts
    if isinstance(kept.rows, bytes):
        with closing(sqlite3.connect(":memory:")) as whole:
            whole.deserialize(kept.rows)
            whole.backup(database.connection())
    else:
        database.obj.put_back(kept.rows)
        world.box.restart_server(1.0)
        world.box.touched.often += 1
    world.story.tell("the copy of the database is put back")
    world.ledger.go_back(kept.messages)
    world.remember(kept.memory)
    world.unkept |= texts - world.kept_texts
