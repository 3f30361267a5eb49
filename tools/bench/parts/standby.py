"""The database of a fleet is lost in the middle of an alert: its standby is promoted, or the same server comes back."""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psycopg

from tests.e2e.box import eventually
from tests.e2e.standby import DEAD_FOR_S, two_servers
from tools.bench.contest import workshop
from tools.bench.fleet import recipients
from tools.bench.fleet.hosts import Fleet, a_home, fleet_of
from tools.bench.parts.fleet import MODEMS, SETTINGS, SUBMIT_S, a_server
from tools.bench.section import Section, figure

HOSTS, PEOPLE = 8, 3_000
_BEFORE_S, _WITHIN_S = 20.0, 300.0
# Reports, and receipts that waited in memory.
_REST_S = 10.0
_SHOWN = "SELECT part.state, msisdn FROM part JOIN message ON message.id = part.message_id"
_UNCLEAR = ("unconfirmed", "sending")


def measure() -> Section:
    """Lost and doubled by what the modems took, not by what the database says."""
    section = Section(
        "A primary lost in mid-alert",
        f"{HOSTS} daemons with {MODEMS} virtual modems of {SUBMIT_S} s, as in the part above, send an alert to "
        f"{PEOPLE:,} people. After {_BEFORE_S:.0f} s every process of the server is killed (-9); {DEAD_FOR_S:.0f} s "
        "later the standby is promoted (synchronous_standby_names names it, synchronous_commit is on), or the same "
        "server is started again. Nothing is done to the daemons. `lost`: no modem had them, and they are not shown as "
        "unclear; `doubled`: modems had them twice; `better than known`: shown as sent, and no modem had them. The "
        "seconds count from the promotion, or from the server's answer, to the next message that leaves, and to the "
        "first one of the last host.",
        (
            *("what comes back", "messages", "lost", "doubled", "better than known", "unclear", "held"),
            *("first SMS, s", "every host, s"),
        ),
    )
    with workshop() as folder:
        folder.chmod(0o755)
        with two_servers(folder, *SETTINGS) as (primary, standby):
            url = f"postgresql://postgres@/plp?host={primary.folder},{standby.folder}&target_session_attrs=read-write"
            _add(section, "its standby, promoted", folder, url, primary.kill, standby.promote)
    with workshop() as folder, a_server() as (server, url):
        _add(section, "the same server", folder, url, server.kill, server.start)
    return section


def _add(
    section: Section, name: str, folder: Path, url: str, strike: Callable[[], None], mend: Callable[[], None]
) -> None:
    with a_home(folder, url) as home, fleet_of(home, "host", HOSTS, MODEMS, SUBMIT_S) as fleet:
        broadcast = recipients.order(home, url, PEOPLE)
        fleet.start(HOSTS - 1)
        time.sleep(_BEFORE_S)
        strike()
        time.sleep(DEAD_FOR_S)
        mend()
        mended_s = time.monotonic()
        eventually("an end", lambda: home.state(broadcast) in ("finished", "held"), _WITHIN_S, 1)
        time.sleep(_REST_S)
        is_held = home.state(broadcast) == "held"
        section.add(name, *_compared(fleet, url), "yes" if is_held else "no", *_flow(fleet, mended_s))


def _compared(fleet: Fleet, url: str) -> list[str]:
    taken = Counter(one.msisdn for modem in fleet.handed_over() for one in modem)
    with psycopg.connect(url) as connection:
        shown = connection.execute(_SHOWN).fetchall()
    unclear = {msisdn for state, msisdn in shown if state in _UNCLEAR}
    known = {msisdn for state, msisdn in shown if state in ("sent", "delivered")}
    lost = {msisdn for _state, msisdn in shown} - set(taken) - unclear
    doubled = [msisdn for msisdn, times in taken.items() if times > 1]
    counts = (len(shown), len(lost), len(doubled), len(known - set(taken)), len(unclear))
    return [figure(count, 0) for count in counts]


def _flow(fleet: Fleet, since_s: float) -> list[str]:
    """The seconds until a message left again, and until one had left from each host."""
    first: dict[int, float] = {}
    for number, modem in enumerate(fleet.handed_over()):
        starts = [one.started_s - since_s for one in modem if one.started_s > since_s]
        host = number // MODEMS
        first[host] = min([first.get(host, float("inf")), *starts])
    return [figure(min(first.values())), figure(max(first.values()))]
