"""Rows of the product's tables, written beside peewee: a million of them take seconds."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from itertools import chain
from pathlib import Path

from db.engine.base import UtcField
from db.engine.clock import utc_now
from db.engine.connection import SQLITE_PRAGMAS
from db.models.tables import TABLES
from db.modems.status import beat, save_modem
from rules.collation import folded

IMSI = "206010000000001"
Row = dict[str, object]
# Table → column → the literal of its default. The schema has none: peewee gives them.
_DEFAULTS: dict[str, dict[str, str]] = {
    table._meta.table_name: {
        field.column_name: f"'{field.default}'" if isinstance(field.default, str) else str(int(field.default))
        for field in table._meta.sorted_fields
        if isinstance(field.default, str | int)
    }
    for table in TABLES
}


@contextmanager
def bare_connection(file: Path) -> Iterator[sqlite3.Connection]:
    """Set up as the product's own; transactions are the caller's."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as bare:
        for pragma, value in SQLITE_PRAGMAS.items():
            bare.execute(f"PRAGMA {pragma} = {value}")
        bare.create_function("FOLDED", 1, lambda text: folded(text or ""))
        yield bare


def show_ready_modem() -> None:
    """The modem of this SIM, as its daemon shows it; a sign of life is old after seconds."""
    ready = {"device": "/dev/m0", "state": "ready", "imsi": IMSI, "simulated": False}
    save_modem("bench", "m0", ready, utc_now())
    beat("bench", "modem", 1, utc_now())


def number(n: int) -> str:
    """An invented number, E.164; there are a million of them."""
    return f"+32470{n:06}"


def stored(seconds: float = 0.0) -> str:
    """The moment so many seconds from now, as a column holds it."""
    return str(UtcField().db_value(utc_now() + timedelta(seconds=seconds)))


def add(bare: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """All rows name the same columns; the others have the defaults of the model."""
    turn = iter(rows)
    first = next(turn)
    values = _DEFAULTS[table] | {name: f":{name}" for name in first}
    columns = ", ".join(f'"{name}"' for name in values)
    bare.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({", ".join(values.values())})', chain([first], turn))


def add_broadcast(bare: sqlite3.Connection, key: int, body: str, **more: object) -> None:
    """An urgent one, and its text in French, which has the same id."""
    text: Row = {"id": key, "broadcast_id": key, "language": "fr", "body": body, "encoding": "gsm7"}
    add(bare, "broadcast", [{"id": key, "lane": 0, "fingerprint": "x"} | more])
    add(bare, "broadcast_text", [text | {"segments": json.dumps([body])}])


def message(n: int, broadcast: int, msisdn: str, **more: object) -> Row:
    """Of the text with the broadcast's id."""
    return {"id": n, "broadcast_id": broadcast, "text_id": broadcast, "msisdn": msisdn, "reference": n % 256} | more


def part(n: int, broadcast: int, state: str, now: str, **more: object) -> Row:
    """Of the message with the same id."""
    where: Row = {"id": n, "message_id": n, "broadcast_id": broadcast, "seq": 1, "state": state, "ring": n}
    return where | {"retries": 0, "changed_at": now, "simulated": 0, "reason": ""} | more


def attempt(n: int, now: str) -> Row:
    """At the part with the same id."""
    what: Row = {"id": n, "part_id": n, "host": "bench", "modem": "m0", "imsi": IMSI, "simulated": 0}
    what |= dict.fromkeys(("claimed_at", "lease_until", "pdu_started_at", "ended_at"), now)
    return what | {"outcome": "sent", "reference": n % 256, "reason": ""}
