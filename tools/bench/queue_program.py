"""The queue alone, as a program for a fresh process: what enqueuing and claiming cost, as JSON on stdout."""

import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from peewee import chunked

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent_and_claim
from db.alerts.values import Claim, Order, Priority, Sender
from db.engine import schema
from db.engine.base import database
from db.engine.clock import utc_now
from db.engine.connection import bind, connected
from db.models.people import Consent, Member, Neighbourhood
from db.modems.status import beat
from db.people.audience import Audience, recipients
from modem.sms.composition import Composition, compose
from plp.services.orders.placing import enqueue, place_composed
from plp.services.orders.planning import Plan
from plp.settings.values import SendingSettings
from rules.orders.texts import MAIN_LANGUAGE
from tools.bench.contenders import TEXT
from tools.bench.rows import (
    IMSI,
    add,
    add_broadcast,
    attempt,
    bare_connection,
    message,
    number,
    part,
    show_ready_modem,
    stored,
)

SENDER = Sender("bench", "m0", IMSI, False)
SENDING = SendingSettings(undo_seconds=0, hourly_ceiling=10_000_000)
_BATCH = 50_000
_ROWS_AT_ONCE = 1_000
_CLAIM_EVERY_S = 0.01


def main(arguments: list[str]) -> int:
    """`order N`, `enqueue N`, `bare N`, `claims N`, `history N CLAIMS`."""
    what, rest = arguments[0], arguments[1:]
    with tempfile.TemporaryDirectory(prefix="bench") as made:
        folder = Path(made)
        if what == "order":
            found = _order(folder, int(rest[0]))
        elif what == "enqueue":
            found = _enqueue(folder, int(rest[0]))
        elif what == "bare":
            found = _bare(folder, int(rest[0]))
        elif what == "claims":
            found = _claims_meanwhile(folder, int(rest[0]))
        else:
            found = _history(folder, int(rest[0]), int(rest[1]))
    print(json.dumps(found))
    return 0


@contextmanager
def house(folder: Path, members: int) -> Iterator[sqlite3.Connection]:
    """A database with a ready modem and so many members; the connection is a bare one beside peewee's."""
    opened = bind("sqlite:///bench.db", folder)
    with connected():
        schema.upgrade(opened)
        _add_members(members)
        show_ready_modem()
        with bare_connection(folder / "bench.db") as bare:
            yield bare


def order(priority: Priority = "urgent", text: str = TEXT) -> tuple[Order, dict[str, Composition]]:
    """An alert to everybody."""
    return Order(Audience(everyone=True), "alert", priority, "bench", again=True), {MAIN_LANGUAGE: compose(text)}


def _add_members(count: int) -> None:
    now = utc_now()
    with database.atomic():
        where = Neighbourhood.create(name="Banc", position=1)
        people = (
            {"id": n + 1, "first_name": "Prénom", "last_name": f"Nom{n}", "mobile": number(n), "neighbourhood": where}
            | {"created_at": now, "updated_at": now}
            for n in range(count)
        )
        told = {"channel": "sms", "given": True, "at": now, "how": "bench", "who": "bench"}
        for some in chunked(people, _ROWS_AT_ONCE):
            Member.insert_many(some).execute()
        for some in chunked(({"member": n + 1} | told for n in range(count)), _ROWS_AT_ONCE):
            Consent.insert_many(some).execute()


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _order(folder: Path, count: int) -> dict[str, float]:
    """Seconds of an order as the console places it, and the peak of memory with it."""
    with house(folder, count):
        began = time.perf_counter()
        placed = place_composed(*order(), SENDING, utc_now())
        took_s = time.perf_counter() - began
        assert placed.recipients == count
        return {"s": took_s, "peak_mb": _peak_mb()}


def _enqueue(folder: Path, count: int) -> dict[str, float]:
    """Seconds of the part of an order that writes, and its longest transaction."""
    with house(folder, count):
        longest = [0.0]
        _time_commits(longest)
        what, texts = order()
        plan = Plan(what, recipients(Audience(everyone=True)), texts, timedelta(hours=4))
        began = time.perf_counter()
        enqueue(plan, utc_now())
        return {"s": time.perf_counter() - began, "longest_ms": longest[0] * 1000}


def _time_commits(longest: list[float]) -> None:
    """From each BEGIN, which waits for the lock first, to the end of its COMMIT."""
    opened = database.obj
    begin, commit = opened.begin, opened.commit
    began = [0.0]

    def timed_begin(*arguments: object, **options: object) -> None:
        begin(*arguments, **options)
        began[0] = time.perf_counter()

    def timed_commit() -> None:
        commit()
        longest[0] = max(longest[0], time.perf_counter() - began[0])

    opened.begin, opened.commit = timed_begin, timed_commit


def _bare(folder: Path, count: int) -> dict[str, float]:
    """The same rows, with ids known before, by executemany in one transaction."""
    with house(folder, count) as bare:
        now, deadline = stored(), stored(14400)
        began = time.perf_counter()
        bare.execute("BEGIN IMMEDIATE")
        _add_alert(bare, 1, "queued", count, now, deadline)
        numbers = range(1, count + 1)
        add(bare, "message", (message(n, 1, number(n - 1), member_id=n) for n in numbers))
        add(bare, "part", (part(n, 1, "queued", now) for n in numbers))
        bare.execute("COMMIT")
        return {"s": time.perf_counter() - began}


def _add_alert(bare: sqlite3.Connection, key: int, stage: str, count: int, now: str, deadline: str) -> None:
    whole = {"kind": "alert", "stage": stage, "recipients": count, "audience": "tous", "ordered_by": "bench"}
    add_broadcast(bare, key, TEXT, **whole, created_at=now, deadline_at=deadline)


def _claims_meanwhile(folder: Path, count: int) -> dict[str, float]:
    """The 99th percentile of a claim, a hundred a second, while another process enqueues `count`."""
    with house(folder, count):
        place_composed(*order("urgent", "Premier envoi."), SENDING, utc_now())
        program = [sys.executable, "-m", "tools.bench.queue_program", "order-into", str(folder)]
        other = subprocess.Popen(program, stdout=subprocess.PIPE)
        assert other.stdout is not None
        other.stdout.readline()  # it begins
        took = []
        while other.poll() is None:
            began = time.perf_counter()
            assert claim_part(SENDER, utc_now()) is not None
            took.append(time.perf_counter() - began)
            time.sleep(_CLAIM_EVERY_S)
        other.stdout.close()
        took.sort()
        return {"claims": len(took), "p99_ms": took[len(took) * 99 // 100] * 1000, "worst_ms": took[-1] * 1000}


def _order_into(folder: Path) -> None:
    bind("sqlite:///bench.db", folder)
    with connected():
        print("begin", flush=True)
        place_composed(*order(), SENDING, utc_now())


def _history(folder: Path, parts: int, claims: int) -> dict[str, float]:
    """The median of claim, PDU started, and of sent with the next claim, behind a history of so many parts."""
    with house(folder, claims) as bare:
        _write_history(bare, parts)
        beat("bench", "modem", 1, utc_now())  # writing it took longer than a sign of life lasts
        place_composed(*order(), SENDING, utc_now())
        took: list[float] = []
        claim: Claim | None = claim_part(SENDER, utc_now())
        reference = 0
        while claim is not None:
            began = time.perf_counter()
            mark_pdu_started(claim, utc_now())
            reference = (reference + 1) % 256
            claim = mark_sent_and_claim(claim, reference, SENDER, utc_now())
            took.append(time.perf_counter() - began)
        took.sort()
        return {"median_ms": took[len(took) // 2] * 1000, "p99_ms": took[len(took) * 99 // 100] * 1000}


def _write_history(bare: sqlite3.Connection, parts: int) -> None:
    """Broadcasts of a thousand messages that were delivered, each with its attempt."""
    now = stored(-100_000)
    bare.execute("PRAGMA synchronous = off")
    for start in range(0, parts, _BATCH):
        ids = range(start + 1, min(parts, start + _BATCH) + 1)
        bare.execute("BEGIN IMMEDIATE")
        for key in range(start // 1000 + 1, (start + len(ids)) // 1000 + 1):
            _add_alert(bare, key, "finished", 1000, now, now)
        keys = {n: (n - 1) // 1000 + 1 for n in ids}
        add(bare, "message", (message(n, keys[n], number(n % 20_000), imsi=SENDER.imsi) for n in ids))
        add(bare, "part", (part(n, keys[n], "delivered", now, sent_at=now) for n in ids))
        add(bare, "attempt", (attempt(n, now) for n in ids))
        bare.execute("COMMIT")
    bare.execute("PRAGMA wal_checkpoint(truncate)")
    bare.execute("PRAGMA synchronous = full")


if __name__ == "__main__":
    if sys.argv[1] == "order-into":
        _order_into(Path(sys.argv[2]))
    else:
        sys.exit(main(sys.argv[1:]))
