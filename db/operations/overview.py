"""Facts of the first page: last proof that a modem sends, waiting SMS, last drill, SIM budgets nearly used up."""

from dataclasses import dataclass
from datetime import datetime

from db.alerts.drills import last_drill_at
from db.models.broadcasts import Broadcast, Part
from db.models.zone import Modem
from db.modems.budgets.board import Meter, board
from db.modems.readiness import live_hosts
from db.operations.monitoring import last_taken
from plp.rules.broadcasts import LANE_NORMAL
from plp.rules.states import PartState, Stage

_WAITING = (Stage.QUEUED, Stage.SCHEDULED)


@dataclass(frozen=True, slots=True)
class TightBudget:
    """A SIM's budget that is used to 80 % or more."""

    modem: str
    meter: Meter


@dataclass(frozen=True, slots=True)
class Overview:
    """`proven_at`: a modem's last SMS taken; ready modems without one are `unproven`. SMS that wait: urgent, others,
    paused.
    """

    proven_at: datetime | None
    unproven: tuple[str, ...]
    urgent: int
    others: int
    paused: int
    last_drill_at: datetime | None
    tight: tuple[TightBudget, ...]


def overview(now: datetime) -> Overview:
    """The overview at `now`."""
    hosts = live_hosts(now)
    modems = list(Modem.select().order_by(Modem.name))
    taken = {(modem.host, modem.name): last_taken(modem.host, modem.name) for modem in modems}
    return Overview(
        proven_at=max((at for at in taken.values() if at is not None), default=None),
        unproven=tuple(
            modem.name
            for modem in modems
            if modem.host in hosts and modem.state == "ready" and taken[modem.host, modem.name] is None
        ),
        urgent=_waiting(Broadcast.lane < LANE_NORMAL, Broadcast.stage.in_(_WAITING)),
        others=_waiting(Broadcast.lane == LANE_NORMAL, Broadcast.stage.in_(_WAITING)),
        paused=_waiting(Broadcast.stage == Stage.PAUSED),
        last_drill_at=last_drill_at(),
        tight=tuple(
            TightBudget(sim.modem, meter)
            for sim in board(now)
            if sim.present
            for meter in sim.meters
            if meter.tone != "free"
        ),
    )


def _waiting(*which: object) -> int:
    parts = Part.select().join(Broadcast, on=(Part.broadcast == Broadcast.id))
    return int(parts.where(*which, Part.state == PartState.QUEUED).count())
