"""Facts of the first page: what was sent last, proofs of the modems, waiting SMS, last drill, SIM budgets near full."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import Case, fn

from db.alerts.drills import last_drill_at
from db.engine.cached_queries import Prepared
from db.models.broadcasts import Broadcast, Part
from db.modems.budgets.board import Meter, board
from db.modems.proof import LastProof, last_proof
from db.modems.status import modem_cards
from db.operations.monitoring import last_taken
from plp.rules.states import LANE_NORMAL, PartState, Stage


@dataclass(frozen=True, slots=True)
class Overview:
    """`taken_at`: a modem's last SMS taken; `proofs`: the ready modems' last ones, by name. SMS that wait: urgent,
    others, paused. `tight`: modem and budget of each SIM that is used to 80 % or more.
    """

    taken_at: datetime | None
    proofs: tuple[tuple[str, LastProof], ...]
    urgent: int
    others: int
    paused: int
    last_drill_at: datetime | None
    tight: tuple[tuple[str, Meter], ...]


def overview(now: datetime) -> Overview:
    """The overview at `now`."""
    cards = modem_cards(now)
    urgent, others, paused = _WAITING.rows()[0]
    taken = (last_taken(card.host, card.name) for card in cards)
    return Overview(
        taken_at=max((at for at in taken if at is not None), default=None),
        proofs=tuple((card.name, last_proof(card)) for card in cards if card.state == "ready"),
        urgent=urgent,
        others=others,
        paused=paused,
        last_drill_at=last_drill_at(),
        tight=tuple(
            (sim.modem, meter) for sim in board(now) if sim.present for meter in sim.meters if meter.tone != "free"
        ),
    )


def _counted(which: Any) -> Any:
    return fn.COUNT(Case(None, [(which, 1)]))


_RUNS = Broadcast.stage != Stage.PAUSED
_WAITING = Prepared(
    Part.select(
        _counted(_RUNS & (Broadcast.lane < LANE_NORMAL)),
        _counted(_RUNS & (Broadcast.lane == LANE_NORMAL)),
        _counted(Broadcast.stage == Stage.PAUSED),
    )
    .join(Broadcast, on=(Part.broadcast == Broadcast.id))
    .where(Part.state == PartState.QUEUED, Broadcast.stage.in_((Stage.QUEUED, Stage.SCHEDULED, Stage.PAUSED)))
)
