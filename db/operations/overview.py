"""Facts of the first page: what was sent last, proofs of the modems, waiting SMS, last drill, SIM budgets near full."""

from dataclasses import dataclass
from datetime import datetime

from db.alerts.drills import last_drill_at
from db.models.broadcasts import Broadcast, Part
from db.modems.budgets.board import Meter, board
from db.modems.proof import LastProof, last_proof
from db.modems.status import modem_cards
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
    """`taken_at`: a modem's last SMS taken; `proofs`: the ready modems' last ones, by name. SMS that wait: urgent,
    others, paused.
    """

    taken_at: datetime | None
    proofs: tuple[tuple[str, LastProof], ...]
    urgent: int
    others: int
    paused: int
    last_drill_at: datetime | None
    tight: tuple[TightBudget, ...]


def overview(now: datetime) -> Overview:
    """The overview at `now`."""
    cards = modem_cards(now)
    taken = (last_taken(card.host, card.name) for card in cards)
    return Overview(
        taken_at=max((at for at in taken if at is not None), default=None),
        proofs=tuple((card.name, last_proof(card)) for card in cards if card.state == "ready"),
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
