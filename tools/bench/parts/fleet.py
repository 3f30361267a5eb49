"""Fifty hosts on one PostgreSQL, and what one of them costs alone. FLEET_HOSTS, FLEET_RECIPIENTS and FLEET_SECONDS in
the environment make it smaller.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.standby import Server
from tools.bench.browsing import add_user_to, signed_in
from tools.bench.contest import workshop
from tools.bench.fleet import recipients
from tools.bench.fleet.hosts import Fleet, a_home, fleet_of
from tools.bench.fleet.sampling import Sampler, Visitor, meanwhile
from tools.bench.process import cost
from tools.bench.section import Section, figure

HOSTS = int(os.environ.get("FLEET_HOSTS", "50"))
# So many that two cores do not set the pace.
FEWER = max(2, HOSTS * 2 // 5)
RECIPIENTS = int(os.environ.get("FLEET_RECIPIENTS", "1000000"))
SECONDS = float(os.environ.get("FLEET_SECONDS", "120"))
MODEMS, SUBMIT_S = 16, 2.8
# What the modems do first is not measured: all begin at once, and a connection's first statements are planned anew.
_WARM_UP_S = 30.0
# A daemon has a connection per modem, and four more.
SETTINGS = (f"max_connections = {HOSTS * (MODEMS + 5) + 100}", "shared_buffers = 512MB", "max_wal_size = 8GB")
_PAGES = ("/", "/alerts/1", "/alerts/1/live")
_LINES = (
    *("messages", "messages/s", "share of what the modems can take", "claim, median ms", "claim, p99 ms"),
    *("intent, p99 ms", "daemons' CPU ms per message", "server's CPU ms per message", "cost, to one host's"),
    *("database, KB per message", "log, KB per message", "server's share of the processor"),
    *("what its connections do", "connections", *(f"`{page}` median / p95 ms" for page in _PAGES)),
)


def measure() -> Section:
    """One host; some; all; all while pages are opened; and all with modems that are twice as fast."""
    section = Section(
        "A fleet of hosts on one PostgreSQL",
        f"An alert to {RECIPIENTS:,} people, sent by daemons as they are, each in a process of its own with "
        f"{MODEMS} virtual modems: claims, intents, receipts, reports and heartbeats are real, over the product's own "
        "connections, to a PostgreSQL 18 that flushes each commit (fsync and synchronous_commit are on). Only the "
        f"modem is none: it sleeps for about {SUBMIT_S} s instead of talking AT, and its report comes 3 s later. "
        f"Each column is {SECONDS:.0f} s, after {_WARM_UP_S:.0f} s that are not counted, of the same alert. "
        "Daemons, server, console and bench share the same two cores. `claim` is from a result to the next message: "
        "its receipt, the reports and the next claim in one commit, and a last look; `intent` is the commit before a "
        "message may leave. `what its connections do`: the most frequent of what was seen four times a second, with "
        "the average number of connections that did it. Pages are opened one after the other, one a second.",
        ("", "one host", f"{FEWER} hosts", f"{HOSTS} hosts", f"{HOSTS}, pages open", f"{HOSTS}, modems twice as fast"),
    )
    with a_server() as (server, url), workshop() as folder, a_home(folder, url) as home:
        add_user_to(home)
        recipients.order(home, url, RECIPIENTS)
        with fleet_of(home, "host", HOSTS, MODEMS, SUBMIT_S) as fleet:
            one, cost_ms = _measured(server, fleet, SUBMIT_S)
            # Before the others: among fifty hosts on two cores it would take its time to start.
            home.start("console")
            address = f"http://127.0.0.1:{home.port}"
            visitor = Visitor(address, signed_in(address), _PAGES)
            fleet.start(FEWER - 1)
            fewer, _ = _measured(server, fleet, SUBMIT_S, cost_ms)
            fleet.start(HOSTS - FEWER)
            every, _ = _measured(server, fleet, SUBMIT_S, cost_ms)
            visited, _ = _measured(server, fleet, SUBMIT_S, cost_ms, visitor)
            fleet.set_pace(SUBMIT_S / 2)
            fast, _ = _measured(server, fleet, SUBMIT_S / 2, cost_ms)
    for cells in zip(_LINES, one, fewer, every, visited, fast, strict=True):
        section.add(*cells)
    return section


@contextmanager
def a_server() -> Iterator[tuple[Server, str]]:
    """A PostgreSQL as an operator sets it up for a fleet, with an empty database, and its address."""
    with workshop() as folder:
        folder.chmod(0o755)
        server = Server(folder / "pg")
        try:
            server.make(*SETTINGS)
            server.start()
            server.sql("CREATE DATABASE plp")
            yield server, f"postgresql://postgres@/plp?host={server.folder}"
        finally:
            server.stop()


def _measured(
    server: Server, fleet: Fleet, submit_s: float, alone_ms: float = 0.0, visitor: Visitor | None = None
) -> tuple[list[str], float]:
    """The cells of `_LINES`, and the processor's milliseconds for a message."""
    fleet.stretch(_WARM_UP_S)
    sampler = Sampler(fleet.url)
    pid = int((server.data / "postmaster.pid").read_text().split("\n")[0])
    before, (size, log) = cost([pid]).cpu_s, sampler.bytes()
    with meanwhile(sampler, visitor):
        stretch = fleet.stretch(SECONDS)
    server_s, (size_after, log_after) = cost([pid]).cpu_s - before, sampler.bytes()
    print(*(f"{times:6} {statement}" for statement, times in sampler.statements.most_common(8)), sep="\n")
    count, rate = stretch.count, stretch.count / stretch.seconds
    hosts_ms, server_ms = 1000 * stretch.cpu_s / count, 1000 * server_s / count
    cells = [
        *(figure(count, 0), figure(rate), f"{rate * submit_s / fleet.modems:.1%}"),
        *(figure(stretch.claims_ms(0.5)), figure(stretch.claims_ms(0.99)), figure(stretch.intents_ms(0.99))),
        *(figure(hosts_ms, 2), figure(server_ms, 2)),
        figure((hosts_ms + server_ms) / (alone_ms or hosts_ms + server_ms), 2),
        *(figure((size_after - size) / count / 1000), figure((log_after - log) / count / 1000)),
        f"{server_s / stretch.seconds / (os.cpu_count() or 1):.0%}",
        *(sampler.most(3), figure(sampler.connections(), 0)),
        *(visitor.shown(page) if visitor else "" for page in _PAGES),
    ]
    sampler.close()
    print(dict(zip(_LINES, cells, strict=True)), flush=True)
    return cells, hosts_ms + server_ms
