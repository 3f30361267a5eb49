"""Forecast of when the last phone rings, by the modems' recent pace."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

from peewee import fn

from db.engine.cached_queries import Prepared, given, utc_of
from db.models.broadcasts import Attempt, Broadcast, Part
from db.models.zone import Modem
from db.modems.readiness import filtered_sims, live_hosts
from rules.states import LANE_URGENT, PartState, Stage

# docs/reference/mission.md, "Facts that shape it": a modem sends one part in 1-6 s.
# Used until a modem has shown its own pace.
USUAL_SECONDS = 4.0
# How many attempts tell a modem's pace at most, and how many are enough.
SAMPLE, FEWEST = 50, 10
# A modem that had nothing to do for so long begins a new run.
PAUSE = timedelta(minutes=1)
_WORKED = ("sent", "retry", "failed", "unconfirmed")
_ENDED_LATER = ("late", "restart")
# Queried for every modem by every page that shows one, every few seconds.
_NEWEST = Prepared(
    Attempt.select(Attempt.claimed_at, Attempt.ended_at, Attempt.outcome)
    .where(Attempt.modem == given("modem"), Attempt.ended_at.is_null(False), Attempt.host == given("host"))
    .where(Attempt.outcome.in_(_WORKED), Attempt.reason.not_in(_ENDED_LATER))
    .order_by(Attempt.ended_at.desc())
    .limit(SAMPLE)
)
_READY = Prepared(lambda hosts: Modem.select().where(Modem.host.in_(hosts), Modem.state == "ready"))
_OF_IT = Part.select(fn.COUNT(Part.id)).where(Part.broadcast == Broadcast.id, Part.state == PartState.QUEUED)
_WAITING = Prepared(
    Broadcast.select(Broadcast.lane, _OF_IT).where(
        Broadcast.id != given("own"), Broadcast.stage.in_([Stage.QUEUED, Stage.SCHEDULED])
    )
)


@dataclass(frozen=True, slots=True)
class Forecast:
    """`last_phone_at` is None when no modem could send; `before` are the SMS of other orders that go out first."""

    last_phone_at: datetime | None
    modems: int
    seconds_per_part: float
    before: int = 0


def forecast(
    parts: int,
    now: datetime,
    starts_at: datetime | None = None,
    urgent: bool = True,
    own: int | None = None,
) -> Forecast:
    """The moment when `parts` more would be with the network: those of the broadcast `own` where they are queued.
    Urgent ones take turns with other alerts; others go behind all that is queued.
    """
    before = _before(parts, urgent, own)
    rows, filtered = _READY.results(hosts=live_hosts(now)), filtered_sims()
    ready = [modem for modem in rows if modem.imsi not in filtered] or rows
    rate = sum(1 / _seconds(modem, urgent) for modem in ready)
    if not rate:
        return Forecast(None, 0, 0.0, before)
    duration = timedelta(seconds=(parts + before) / rate)
    return Forecast(max(now, starts_at or now) + duration, len(ready), 1 / rate, before)


def seconds_per_part(modem_name: str, host: str) -> float | None:
    """Seconds that this modem needs per accepted part, failed tries included; None before the first. Of the current
    run, or the newest ten: yesterday's pace is no guide. An attempt ended by a later answer has no duration.
    """
    rows = _NEWEST.rows(modem=modem_name, host=host)
    spans = _run([(utc_of(claimed_at), utc_of(ended_at), outcome == "sent") for claimed_at, ended_at, outcome in rows])
    taken = sum(sent for _, sent in spans)
    return sum(span for span, _ in spans) / taken if taken else None


def _run(newest: list[tuple[datetime, datetime, bool]]) -> list[tuple[float, bool]]:
    """Seconds of every attempt, and True for a taken one, from its claim or the end of the one before; newest first."""
    spans: list[tuple[float, bool]] = []
    for (claimed_at, ended_at, sent), older in zip_longest(newest, newest[1:]):
        began_at = max(claimed_at, older[1]) if older else claimed_at
        spans.append((max(0.0, (ended_at - began_at).total_seconds()), sent))
        if older and claimed_at - older[1] > PAUSE and len(spans) >= FEWEST:
            break
    return spans


def _seconds(modem: Modem, urgent: bool) -> float:
    measured = seconds_per_part(modem.name, modem.host) or USUAL_SECONDS
    limit = modem.urgent_messages_per_minute if urgent else modem.messages_per_minute
    return max(measured, 60 / limit if limit else 0.0, 0.001)


def _before(parts: int, urgent: bool, own: int | None) -> int:
    rows = _WAITING.rows(own=own or 0)
    if not urgent:
        return sum(number for _lane, number in rows)
    before = ((lane, number) for lane, number in rows if lane <= LANE_URGENT)
    return sum(number if lane < LANE_URGENT else min(number, parts) for lane, number in before)
