"""The state of sending now, judged of the modems as their daemons last wrote them."""

from dataclasses import replace
from datetime import datetime, timedelta

from peewee import fn

from db.engine.base import card_of, tuples
from db.engine.cached_queries import Prepared, given, utc_of
from db.engine.health import write_trouble
from db.models.broadcasts import Broadcast, Part
from db.models.zone import DirectoryEntry, Heartbeat, Modem
from rules.readiness import SOON, Code, Judgement, SeenModem, is_modem, judge, technician_in
from rules.sentences import coded, stored_sentence
from rules.states import LANE_URGENT, PartState, Stage

# The daemon writes its heartbeat every three seconds; three missed ones mean that it is gone.
FRESH = timedelta(seconds=10)
# One missed: the daemon is gone, or it cannot write.
SUSPICIOUS = timedelta(seconds=6)
# A daemon that fell silent without ending as it should is missed for so long.
MISSED = timedelta(days=7)
# Every page asks, and an open one again every few seconds.
_MODEMS_OF = Prepared(lambda hosts: Modem.select().where(Modem.host.in_(hosts)).order_by(Modem.host, Modem.name))
_BEATS = Prepared(
    Heartbeat.select(Heartbeat.host, Heartbeat.seen_at).where(
        Heartbeat.process == "modem", Heartbeat.seen_at > given("since")
    )
)
_URGENT_WAITS = Prepared(
    Broadcast.select(Broadcast.id)
    .where(Broadcast.stage == Stage.QUEUED, Broadcast.lane == LANE_URGENT, Broadcast.deadline_at > given("now"))
    .where(fn.EXISTS(Part.select(Part.id).where(Part.broadcast == Broadcast.id, Part.state == PartState.QUEUED)))
    .limit(1)
)


def readiness(now: datetime, host: str | None = None, names: tuple[str, ...] = ()) -> Judgement:
    """The one answer for the light, the send button, alarms, API and doctor; of one `host` and `names` if given."""
    beats = signs_of_life(now, MISSED)
    alive = [name for name, seen_at in beats.items() if seen_at > now - FRESH and host in (None, name)]
    missed = list(beats) if host is None else [host]
    rows = _MODEMS_OF.results(hosts=missed)
    seen = [_seen(row, row.host in alive) for row in rows if not names or row.name in names]
    # A daemon that cannot write is silent too: that it does not run would be the wrong thing to say.
    suspicious = all(seen_at <= now - SUSPICIOUS for seen_at in beats.values())
    trouble = write_trouble(thorough=suspicious)
    judged = judge(seen, alive=bool(alive), trouble=trouble, urgent_waits=_URGENT_WAITS.first(now=now) is not None)
    if judged.ready:
        return judged
    directory = DirectoryEntry.select(DirectoryEntry.service, DirectoryEntry.contact)
    numbers = tuples(directory.order_by(DirectoryEntry.position, DirectoryEntry.id))
    return replace(judged, technician=technician_in(numbers))


def live_hosts(now: datetime) -> list[str]:
    """The hosts whose modem daemon gave a sign of life."""
    return list(signs_of_life(now))


def signs_of_life(now: datetime, within: timedelta = FRESH) -> dict[str, datetime]:
    """The last one of every host's modem daemon."""
    return {host: utc_of(seen_at) for host, seen_at in _BEATS.rows(since=now - within)}


def all_simulated(now: datetime) -> bool:
    """True when whatever can send now, or will by itself, is a simulator."""
    useful = Modem.select().where(Modem.host.in_(live_hosts(now)), Modem.state.in_([Code.READY, *SOON]))
    states = [modem.simulated for modem in useful]
    return bool(states) and all(states)


def _seen(row: Modem, alive: bool) -> SeenModem:
    """The modem as judged; of a silent daemon's modem only the silence is known."""
    return card_of(
        SeenModem,
        row,
        state=row.state if alive else Code.ABSENT,
        sentence=stored_sentence(row.sentence) if alive else coded("modems_not_running"),
        is_modem=is_modem(row.device),
    )
