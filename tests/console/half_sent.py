"""Connections that begin a request and do not end it: nothing, a header byte by byte, a body byte by byte.

Each is opened again as soon as the server closes it, for as long as the block lasts.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.console.running import Running

# Loopback addresses that nobody else uses here: the attack comes from several machines, so to speak.
SOURCES = tuple(f"127.0.0.{last}" for last in range(2, 12))
DRIP_S = 1.0
LONGEST_S = 120.0

HEADER = b"GET /login HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
BODY = (
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 100000\r\n\r\nname="
)


@dataclass(slots=True)
class Tally:
    """What became of the connections: how many are open now, and how often the server closed one."""

    open: Counter[str] = field(default_factory=Counter)
    closed: Counter[str] = field(default_factory=Counter)


@contextmanager
def half_sent(console: Running, silent: int, slow_headers: int, slow_bodies: int) -> Iterator[Tally]:
    """Keep so many half-sent requests open while the block runs, at most two minutes."""
    tally, stop, full = Tally(), threading.Event(), threading.Event()
    kinds = ["silent"] * silent + ["header"] * slow_headers + ["body"] * slow_bodies
    attacker = threading.Thread(target=lambda: asyncio.run(_attack(console, kinds, tally, stop, full)), name="attacker")
    attacker.start()
    try:
        full.wait(60)
        yield tally
    finally:
        stop.set()
        attacker.join()


async def _attack(
    console: Running, kinds: list[str], tally: Tally, stop: threading.Event, full: threading.Event
) -> None:
    tasks = [
        asyncio.create_task(_again_and_again(console, kind, SOURCES[n % len(SOURCES)], tally))
        for n, kind in enumerate(kinds)
    ]
    for _ in range(int(LONGEST_S / 0.1)):
        await asyncio.sleep(0.1)
        if sum(tally.open.values()) >= 0.9 * len(kinds) or tally.closed:
            full.set()
        if stop.is_set():
            break
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _again_and_again(console: Running, kind: str, source: str, tally: Tally) -> None:
    while True:
        with suppress(OSError, EOFError):
            await _once(console, kind, source, tally)
        await asyncio.sleep(DRIP_S)


async def _once(console: Running, kind: str, source: str, tally: Tally) -> None:
    # A silent one does not even begin the handshake.
    context = None if kind == "silent" else console.context()
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", console.port, local_addr=(source, 0), ssl=context, ssl_handshake_timeout=60 if context else None
    )
    tally.open[kind] += 1
    try:
        writer.write({"silent": b"", "header": HEADER, "body": BODY}[kind])
        while not await _said_or_closed(reader):
            if kind != "silent":
                writer.write(b"x")
                await writer.drain()
        tally.closed[kind] += 1
    finally:
        tally.open[kind] -= 1
        writer.transport.abort()


async def _said_or_closed(reader: asyncio.StreamReader) -> bool:
    try:
        await asyncio.wait_for(reader.read(1), DRIP_S)
    except TimeoutError:
        return False
    return True
