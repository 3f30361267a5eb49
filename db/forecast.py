"""When will the last phone ring? From what each modem was last seen to take per message."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.models import Attempt, Broadcast, Modem, Part
from db.readiness import live_hosts
from db.states import Part as PartState
from db.states import Stage

# mission.md: a modem sends one part in 1-6 s. Used until a modem has shown its own pace.
USUAL_SECONDS = 4.0
SAMPLE = 50


@dataclass(frozen=True, slots=True)
class Forecast:
    """`last_phone_at` and `duration_s` are None when no modem could send. `seconds_per_part` is for all together."""

    last_phone_at: datetime | None
    duration_s: float | None
    modems: int
    seconds_per_part: float


def forecast(parts: int, now: datetime, starts_at: datetime | None = None, urgent: bool = True) -> Forecast:
    """When `parts` more would all be with the network, behind what is queued in the same lane or before it."""
    ready = list(Modem.select().where(Modem.host.in_(live_hosts(now)), Modem.state == "ready"))
    rate = sum(1 / _seconds(modem, urgent) for modem in ready)
    if not rate:
        return Forecast(None, None, 0, 0.0)
    duration_s = (parts + _waiting(urgent)) / rate
    start = max(now, starts_at or now)
    return Forecast(start + timedelta(seconds=duration_s), duration_s, len(ready), 1 / rate)


def seconds_per_part(modem_name: str, host: str) -> float | None:
    """The mean of the newest attempts that the network took, from claim to receipt; None before the first."""
    newest = (
        Attempt.select(Attempt.claimed_at, Attempt.ended_at)
        .where(Attempt.modem == modem_name, Attempt.ended_at.is_null(False))
        .where(Attempt.host == host, Attempt.outcome == "sent")
        .order_by(Attempt.ended_at.desc())
        .limit(SAMPLE)
    )
    spans = [(row.ended_at - row.claimed_at).total_seconds() for row in newest]
    return sum(spans) / len(spans) if spans else None


def _seconds(modem: Modem, urgent: bool) -> float:
    measured = seconds_per_part(modem.name, modem.host) or USUAL_SECONDS
    limit = modem.urgent_messages_per_minute if urgent else modem.messages_per_minute
    return max(measured, 60 / limit if limit else 0.0, 0.001)


def _waiting(urgent: bool) -> int:
    query = (
        Part.select()
        .join(Broadcast, on=(Part.broadcast == Broadcast.id))
        .where(Broadcast.stage.in_([Stage.QUEUED, Stage.SCHEDULED]), Part.state == PartState.QUEUED)
    )
    return int((query.where(Broadcast.lane == 0) if urgent else query).count())
