"""What other processes do to the same database in these tests; each is forked by a process that has read this."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent_and_claim
from db.alerts.values import Sender
from db.engine import schema
from db.engine.connection import bind, connected
from plp.services.accounts.signing_in import TooManyTries, authenticate
from tests.support.clocked import suite_clock
from tests.support.rosters import import_members

NOW = datetime(2026, 11, 24, 20, 40, tzinfo=UTC)
# A modem takes a hundred times longer; without it one process may keep the write lock until all is done.
SUBMIT_S = 0.005

_gate: Barrier


def upgraded(folder: Path) -> list[str]:
    """Upgrade the database, at the same moment as the others."""
    opened = bind("sqlite:///plp.db", folder)
    _gate.wait()
    with connected():
        return schema.upgrade(opened)


def claimed(folder: Path, number: int) -> list[int]:
    """Take and send parts until there are none; returns their ids in order."""
    bind(os.environ["PLP_TEST_URL"], folder)
    sender = Sender("box", f"m{number}", f"20601000000000{number}", False)
    taken = []
    _gate.wait()
    with connected():
        claim = claim_part(sender, NOW)
        while claim is not None:
            taken.append(claim.part_id)
            mark_pdu_started(claim, NOW)
            time.sleep(SUBMIT_S)
            claim = mark_sent_and_claim(claim, len(taken) % 256, sender, NOW)
    return taken


def _meet_at(gate: Barrier, url: str, off_s: str) -> None:
    """In a process that was just forked: the one that forks knows the environment, and the clock, of when it began."""
    global _gate
    _gate = gate
    os.environ["PLP_TEST_URL"] = url
    os.environ[suite_clock.OFF] = off_s
    suite_clock.begin()


@contextmanager
def running(work: Callable[..., Any], folder: Path, arguments: list[tuple[Any, ...]]) -> Iterator[Callable[[], Any]]:
    """`work(folder, *arguments[i])` in a process each, begun together; gives a function that waits for the results."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    gate = context.Barrier(len(arguments))
    known = (gate, os.environ.get("PLP_TEST_URL", ""), os.environ[suite_clock.OFF])
    with context.Pool(len(arguments), initializer=_meet_at, initargs=known) as pool:
        found = [pool.apply_async(work, (folder, *each)) for each in arguments]
        yield lambda: [each.get(60) for each in found]
        pool.close()
        pool.join()


def imported(folder: Path, content: bytes) -> tuple[int, int, int]:
    """Import a list of members; returns how many were read, updated, and the same already."""
    bind(os.environ["PLP_TEST_URL"], folder)
    _gate.wait()
    with connected():
        report = import_members(content, "liste.csv", "autre", NOW)
    return report.read, report.updated, report.unchanged


def wrong_passwords(folder: Path, threads: int) -> int:
    """As many wrong passwords at once, in a thread each; returns how many were looked at."""
    bind(os.environ["PLP_TEST_URL"], folder)
    gate, looked = threading.Barrier(threads), []

    def guess() -> None:
        with connected():
            gate.wait()
            try:
                authenticate("Anne", "a wrong password", "192.0.2.7", NOW)
                looked.append(1)
            except TooManyTries:
                pass

    _gate.wait()
    guessing = [threading.Thread(target=guess) for _ in range(threads)]
    for each in guessing:
        each.start()
    for each in guessing:
        each.join()
    return len(looked)


def in_a_thread(function: Callable[..., Any], *given: Any) -> Any:
    """A browser of another test may keep an event loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(function, *given).result()
