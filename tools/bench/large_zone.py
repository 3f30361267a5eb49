"""A large zone in a database of its own: members, neighbourhoods with outlines, groups, and a long history.

Rows are written beside peewee: a million of them take seconds.
"""

import json
import random
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from itertools import chain
from pathlib import Path

from db.engine import schema
from db.engine.base import UtcField
from db.engine.clock import utc_now
from db.engine.connection import bind, connected
from db.engine.files import make_secret
from db.journal.audit import NAME
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
STREETS = 2_000
_FIRST = ("Anne", "Béatrice", "Chloé", "Denis", "Élise", "Fatima", "Gert", "Hélène", "Ivo", "Jan")
_LAST = ("Lambert", "Dupont", "Janssens", "Peeters", "Maes", "Müller", "Noël", "Willems", "Claes", "Goossens")
_MESSAGES = 1_000  # of a broadcast
# Of an ordinary alert: most arrived, some did not, and a few nobody knows of.
_STATES = ("delivered",) * 90 + ("sent",) * 4 + ("undelivered",) * 3 + ("failed",) * 2 + ("expired",)


@contextmanager
def large_zone(folder: Path, members: int, parts: int, neighbourhoods: int) -> Iterator[None]:
    """The database `plp.db` in `folder`, connected."""
    make_secret(folder / NAME)  # nobody makes one for a journal that has entries
    opened = bind("sqlite:///plp.db", folder)
    with connected():
        schema.upgrade(opened)
        with closing(sqlite3.connect(folder / "plp.db", isolation_level=None, timeout=30)) as bare:
            bare.create_function("FOLDED", 1, lambda text: folded(text or ""))
            bare.execute("PRAGMA synchronous = off")
            bare.execute("BEGIN IMMEDIATE")
            _people(bare, members, neighbourhoods)
            _history(bare, members, parts)
            _around(bare, members)
            bare.execute("COMMIT")
            bare.execute("PRAGMA wal_checkpoint(truncate)")
        # The modem of this SIM, as its daemon shows it; a sign of life is old after seconds.
        save_modem("bench", "m0", {"device": "/dev/m0", "state": "ready", "imsi": IMSI, "simulated": False}, utc_now())
        beat("bench", "modem", 1, utc_now())
        yield


def _at(hours: float) -> str:
    """The moment so many hours ago, as a column holds it."""
    return str(UtcField().db_value(utc_now() - timedelta(hours=hours)))


def _people(bare: sqlite3.Connection, members: int, neighbourhoods: int) -> None:
    chance, now = random.Random(1), _at(2_000)
    places = range(1, neighbourhoods + 1)
    add(
        bare,
        "neighbourhood",
        ({"id": n, "name": f"Quartier {n:03}", "position": n, "reference_address": ""} for n in places),
    )
    add(bare, "outline", (_outline(n, now) for n in places))
    named = [f"Rue du Banc {n}" for n in range(STREETS)]
    lies = [n % neighbourhoods + 1 for n in range(STREETS)]
    add(
        bare,
        "street",
        ({"name": named[n], "folded": folded(named[n]), "neighbourhood_id": lies[n]} for n in range(STREETS)),
    )

    def one(n: int) -> Row:
        street = chance.randrange(STREETS)
        first, last = chance.choice(_FIRST), f"{chance.choice(_LAST)} {n}"
        return {
            "id": n + 1,
            "first_name": first,
            "last_name": last,
            "name_key": folded(f"{last} {first}"),
            "searchable": folded(f"{last} {first} membre{n}@example.org {number(n)} {named[street]}"),
            "mobile": None if n % 50 == 49 else number(n),
            "email": f"membre{n}@example.org" if n % 3 else None,
            "language": chance.choices(("fr", "nl", "de"), (8, 1, 1))[0],
            "neighbourhood_id": lies[street],
            "role": "coordinator" if n < neighbourhoods else "member",
            "created_at": now,
            "updated_at": now,
            "landline": "",
            "second_number": "",
            "street": named[street],
            "house_number": str(n % 90 + 1),
            "postal_code": "1300",
        }

    add(bare, "member", (one(n) for n in range(members)))
    given = {"at": now, "how": "bench", "who": "bench"}
    add(bare, "consent", ({"member_id": n + 1, "channel": "sms", "given": n % 20 != 0} | given for n in range(members)))
    add(
        bare, "consent", ({"member_id": n + 1, "channel": "mail_group", "given": n % 2} | given for n in range(members))
    )
    groups = {1: "Commerçants", 2: "Écoles", 3: "Personnel"}
    rule: Row = {"by_rule": 0, "everywhere": 0, "language": "", "role": ""}
    add(bare, "member_group", ({"id": n, "name": name} | rule for n, name in groups.items()))
    add(bare, "member_group", [{"id": 4, "name": "Nl"} | rule | {"by_rule": 1, "everywhere": 1, "language": "nl"}])
    add(bare, "group_member", ({"group_id": n % 3 + 1, "member_id": n + 1} for n in range(0, members, 25)))


def _outline(n: int, now: str) -> Row:
    west, south = 4.5 + n % 20 / 100, 50.6 + n // 20 / 100
    ring = [[west + x / 1000, south + y / 1000] for x, y in ((0, 0), (9, 1), (10, 9), (1, 10), (0, 0))]
    where = {"longitude": west + 0.005, "latitude": south + 0.005, "imported_by": "bench", "imported_at": now}
    return {"neighbourhood_id": n, "shape": json.dumps([ring])} | where


def _history(bare: sqlite3.Connection, members: int, parts: int) -> None:
    """Alerts of a thousand messages, the newest of an hour ago, a part with its attempt; ids agree."""
    count = parts // _MESSAGES
    for key in range(1, count + 1):
        now = _at(1 + (count - key) * 8)
        body = f"Vol avec violence rue du Banc {key}. Restez chez vous, appelez le 101."
        whole: Row = {"id": key, "lane": 0, "fingerprint": "x", "recipients": _MESSAGES, "ordered_by": "Anne"}
        whole |= {"kind": "drill" if key % 20 == 0 else "alert", "stage": "finished"}
        whole |= {"audience": json.dumps({"code": "audience_all"}), "whom": "all"}
        whole |= dict.fromkeys(("created_at", "deadline_at", "release_at"), now)
        add(bare, "broadcast", [whole])
        text: Row = {"id": key, "broadcast_id": key, "language": "fr", "body": body, "encoding": "gsm7"}
        add(bare, "broadcast_text", [text | {"segments": json.dumps([body])}])
        ids = range((key - 1) * _MESSAGES + 1, key * _MESSAGES + 1)
        sender = {"imsi": IMSI, "modem": "bench/m0"}
        texts = {"broadcast_id": key, "text_id": key} | sender
        add(
            bare,
            "message",
            (
                {"id": n, "msisdn": number(n % members), "member_id": n % members + 1, "reference": n % 256} | texts
                for n in ids
            ),
        )
        sent = {"broadcast_id": key, "seq": 1, "retries": 0, "simulated": 0, "reason": ""}
        sent |= {"changed_at": now, "sent_at": now}
        add(bare, "part", ({"id": n, "message_id": n, "state": _STATES[n % 100], "ring": n} | sent for n in ids))
        tried = {"host": "bench", "modem": "m0", "imsi": IMSI, "simulated": 0, "outcome": "sent", "reason": ""}
        tried |= dict.fromkeys(("claimed_at", "lease_until", "pdu_started_at", "ended_at"), now)
        add(bare, "attempt", ({"id": n, "part_id": n, "reference": n % 256} | tried for n in ids))


def _around(bare: sqlite3.Connection, members: int) -> None:
    """Texts that came in, and a journal."""
    texts = 20_000

    def text(n: int) -> Row:
        now = _at(2 + n / 4)
        row = {
            "imsi": IMSI,
            "sender": number(n * 7 % members),
            "total": 1,
            "text": "OK" if n % 3 else "J'ai vu la voiture.",
        }
        row |= {"sent_at": now, "received_at": now, "completed_at": now, "judged_at": now, "simulated": 0}
        return row | {"handled_at": None if n % 400 == 0 else now}

    add(bare, "inbound_message", (text(n) for n in range(texts)))
    actions = ("member_changed", "sign_in", "broadcast_ordered", "consent_changed")
    entries = (
        {"at": _at(50_000 - n), "actor": "Anne", "action": actions[n % 4], "subject": str(n % members + 1)}
        | {"detail": "{}", "typed": "", "typed_mac": "", "mac": "", "erased": ""}
        for n in range(50_000)
    )
    add(bare, "audit_entry", entries)


def number(n: int) -> str:
    """An invented number, E.164, of a million."""
    return f"+32470{n:06}"


def add(bare: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """All rows name the same columns; the others have the defaults of the model."""
    turn = iter(rows)
    first = next(turn)
    values = _DEFAULTS[table] | {name: f":{name}" for name in first}
    columns = ", ".join(f'"{name}"' for name in values)
    bare.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({", ".join(values.values())})', chain([first], turn))
